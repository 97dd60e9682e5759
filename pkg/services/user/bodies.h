#pragma once

#include "net/http.h"
#include "services/user/service.h"

/// The bodies that the user role's routes take, read and checked: pure. `invalid_request` with one
/// entry per wrong field, or `unknown_field`.
namespace respring::user {

Result<NewAccount> read_new_account(std::string_view body);
/// A malformed handle is nobody's handle and no error here.
Result<LogIn> read_log_in(std::string_view body);
Result<ProfilePatch> read_profile_patch(std::string_view body);

struct EraseRequest {
  Secret<std::string> password;
  Messages messages = Messages::keep;
};
Result<EraseRequest> read_erase(std::string_view body);

}  // namespace respring::user
