#pragma once

#include "net/http_client.h"
#include "net/identity.h"

/// How the gateway hands a request of the API on to a role in another process, and how the role
/// takes it: everything is written anew, only what a role may need goes along, and who asks is
/// signed (identity.h).
namespace respring::net {

/// The request for the role. Of the client's headers it carries a few that matter.
ClientRequest forwarded(const Request& request, const IdentitySeal& seal);

/// On the role's side: whose request it is, where it came from, until when it is waited for.
/// `unauthenticated` for whoever has no key of the cluster.
Result<void> take_forwarded(Request& request, const IdentitySeal& seal);

/// Marks the role's own answer, so that what a stranger at its address says is not taken for it.
void mark_answer(Response& response);

/// The role's answer as the gateway's; `overloaded` or `upstream_unavailable` when it is not
/// marked.
Result<Response> answer_from(ClientResponse answer);

}  // namespace respring::net
