// `respring token …`: sessions, from the operator's side.
#include "chat/limits.h"
#include "chat/text.h"
#include "respring/account_command.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

constexpr int kPage = 100;

struct CreateArguments {
  std::string user;
  std::string device = "operator";
  bool dry_run = false;
};

Exit create_for(Console& console, Offline& offline, const chat::User& user,
                const CreateArguments& given, const std::string& device) {
  if (user.disabled) {
    return console.fail(Exit::refused, "user.disabled", label_of(user) + " is disabled",
                        "respring user enable " + given.user);
  }
  if (given.dry_run) {
    console.print(json::Object{{"dry_run", true}, {"user", user.id.str()}},
                  "would create a token for " + label_of(user));
    return Exit::ok;
  }
  const auto opened = offline.run(offline.users().sessions().open(user.id, device));
  if (!opened) return fail_command(console, opened.error());
  const chat::Session& session = opened.value().session;
  // The one place where a token may be seen: it is kept nowhere.
  console.print(json::Object{{"token", opened.value().token.reveal()},
                             {"id", session.id.str()},
                             {"user", user.id.str()},
                             {"device", session.device},
                             {"expires_at", to_rfc3339(session.expires_at)}},
                opened.value().token.reveal());
  console.note("  shown this once; valid until " + to_rfc3339(session.expires_at) +
               "\n  undo: respring token revoke " + session.id.str());
  return Exit::ok;
}

Exit create(Console& console, const CreateArguments& given) {
  const auto device = chat::checked_name("--device", given.device, chat::kMaxDeviceCodePoints);
  if (!device) return fail_command(console, device.error());
  return with_user(console, Access::beside, given.user,
                   [&](Offline& offline, const chat::User& user) {
                     return create_for(console, offline, user, given, device.value());
                   });
}

Exit list(Console& console, const std::string& who) {
  return with_user(console, Access::beside, who, [&](Offline& offline, const chat::User& user) {
    json::Array all;
    Table table{{"id", "device", "created", "last used", "expires"}, {}};
    SessionId after;
    while (true) {
      const auto page = offline.run(offline.user_store().sessions(user.id, after, kPage));
      if (!page) return fail_command(console, page.error());
      for (const chat::Session& s : page.value()) {
        after = s.id;
        all.push_back(json::Object{{"id", s.id.str()},
                                   {"device", s.device},
                                   {"created_at", to_rfc3339(s.created_at)},
                                   {"last_used_at", to_rfc3339(s.last_used_at)},
                                   {"expires_at", to_rfc3339(s.expires_at)}});
        table.rows.push_back({s.id.str(), s.device, to_rfc3339(s.created_at),
                              to_rfc3339(s.last_used_at), to_rfc3339(s.expires_at)});
      }
      if (page.value().size() < kPage) break;
    }
    console.print(json::Object{{"user", user.id.str()}, {"tokens", std::move(all)}}, table);
    return Exit::ok;
  });
}

struct RevokeArguments {
  std::string id;
  bool dry_run = false;
};

Exit revoke(Console& console, const RevokeArguments& given) {
  const auto id = SessionId::parse(given.id);
  if (!id) {
    return console.fail(Exit::usage, "usage", "'" + given.id + "' is no id of a token",
                        "ids: respring token list USER");
  }
  return with_offline(console, Access::beside, [&](Offline& offline) {
    const auto session = offline.run(offline.user_store().session(*id));
    if (!session) return fail_command(console, session.error());
    if (!session.value()) {
      return console.fail(Exit::failed, "token.unknown", "there is no token " + given.id,
                          "ids: respring token list USER");
    }
    const UserId user = session.value()->user;
    if (!given.dry_run) {
      const auto ended = offline.run(offline.users().sessions().end(user, *id));
      if (!ended) return fail_command(console, ended.error());
    }
    console.print(
        json::Object{{"id", given.id},
                     {"user", user.str()},
                     {"device", session.value()->device},
                     {"dry_run", given.dry_run}},
        (given.dry_run ? "would revoke " : "revoked ") + given.id + " of user " + user.str());
    if (!given.dry_run) {
      console.note("  a running server refuses it within 30 s, and closes what is open with it");
      note_untold(console, offline);
    }
    return Exit::ok;
  });
}

}  // namespace

void make_token(Arguments& args) {
  Arguments& creating =
      args.command("create", {"log a user in; the token is shown once", "토큰을 발급합니다"});
  auto created = std::make_shared<CreateArguments>();
  creating.argument("USER", &created->user, "an id or @handle");
  creating.option("--device", &created->device, "NAME", "what it is for (operator)");
  creating.flag("--dry-run", &created->dry_run, "create nothing");
  creating.example("respring token create @minji --device 'nightly import'");
  creating.run([created](Console& console) { return create(console, *created); });

  Arguments& listing =
      args.command("list", {"a user's sessions, without their tokens", "토큰 목록을 보여 줍니다"});
  auto listed = std::make_shared<std::string>();
  listing.argument("USER", listed.get(), "an id or @handle");
  listing.run([listed](Console& console) { return list(console, *listed); });

  Arguments& revoking = args.command("revoke", {"end a session", "토큰을 무효로 합니다"});
  auto revoked = std::make_shared<RevokeArguments>();
  revoking.argument("ID", &revoked->id, "as token list shows it");
  revoking.flag("--dry-run", &revoked->dry_run, "end nothing");
  revoking.run([revoked](Console& console) { return revoke(console, *revoked); });
}

}  // namespace respring::cmd
