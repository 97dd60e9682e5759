// `respring user …`: people, from the operator's side.
#include <iostream>

#include "chat/limits.h"
#include "chat/text.h"
#include "respring/account_command.h"
#include "respring/confirm.h"
#include "respring/password_file.h"
#include "respring/verbs.h"
#include "services/user/export.h"

namespace respring::cmd {
namespace {

constexpr int kPage = 100;

struct CreateArguments {
  std::string handle;
  std::string name;
  std::string password_file;
  bool dry_run = false;
};

Result<user::NewAccount> checked(const CreateArguments& given) {
  user::NewAccount account;
  RESPRING_TRY(account.handle, chat::checked_handle("HANDLE", given.handle));
  RESPRING_TRY(account.display_name,
               chat::checked_name("--name", given.name, chat::kMaxNameCodePoints));
  if (given.password_file.empty()) return invalid("--password-file is required; - reads stdin");
  RESPRING_TRY(const auto password, read_password(given.password_file, std::cin));
  RESPRING_TRY(std::string text, chat::checked_password("password", password.reveal()));
  account.password = Secret<std::string>(std::move(text));
  return account;
}

Exit create_in(Console& console, Offline& offline, user::NewAccount account, bool dry_run) {
  const std::string handle = account.handle;
  const auto taken = offline.run(offline.user_store().by_handle(handle));
  if (!taken) return fail_command(console, taken.error());
  if (taken.value()) {
    return console.fail(Exit::refused, "user.handle_taken", "the handle " + handle + " is taken",
                        "see: respring user show @" + handle);
  }
  if (dry_run) {
    console.print(json::Object{{"dry_run", true}, {"handle", handle}},
                  "would create @" + handle + " (" + account.display_name + ")");
    return Exit::ok;
  }
  const auto made = offline.run(offline.users().register_user(std::move(account), ""));
  if (!made) return fail_command(console, made.error());
  console.print(json::Value(user_json(made.value())), "created " + label_of(made.value()));
  console.note("  next: respring token create @" + handle + ", or let them log in");
  return Exit::ok;
}

Exit create(Console& console, const CreateArguments& given) {
  auto account = checked(given);
  if (!account) return fail_command(console, account.error());
  return with_offline(console, Access::beside, [&](Offline& offline) {
    return create_in(console, offline, std::move(account).value(), given.dry_run);
  });
}

struct ListArguments {
  std::string query;
  std::int64_t limit = 1000;
};

Exit list(Console& console, const ListArguments& given) {
  if (given.limit < 1) return console.fail(Exit::usage, "usage", "--limit must be 1 or more");
  return with_offline(console, Access::beside, [&](Offline& offline) {
    json::Array all;
    Table table{{"id", "handle", "name", "state", "created"}, {}};
    UserId after;
    bool more = true;
    while (more && static_cast<std::int64_t>(all.size()) < given.limit) {
      const auto page = offline.run(offline.user_store().find(given.query, after, kPage));
      if (!page) return fail_command(console, page.error());
      more = page.value().size() == kPage;
      for (const chat::User& user : page.value()) {
        after = user.id;
        if (static_cast<std::int64_t>(all.size()) == given.limit) more = true;
        if (static_cast<std::int64_t>(all.size()) == given.limit) break;
        all.emplace_back(user_json(user));
        table.rows.push_back({user.id.str(), "@" + user.handle, user.display_name,
                              user.disabled ? "disabled" : "", to_rfc3339(user.created_at)});
      }
    }
    console.print(json::Object{{"users", std::move(all)}, {"more", more}}, table);
    if (more) console.note("there are more: --limit N, or --find TEXT");
    return Exit::ok;
  });
}

/// Live and expired ones.
Result<std::int64_t> session_count(Offline& offline, UserId user) {
  std::int64_t count = 0;
  SessionId after;
  while (true) {
    RESPRING_TRY(const auto page, offline.run(offline.user_store().sessions(user, after, kPage)));
    count += static_cast<std::int64_t>(page.size());
    if (page.size() < kPage) return count;
    after = page.back().id;
  }
}

Exit show_found(Console& console, Offline& offline, const chat::User& user) {
  const auto sessions = session_count(offline, user.id);
  if (!sessions) return fail_command(console, sessions.error());
  const auto rooms = offline.run(offline.log().rooms_of(user.id, chat::Memberships::present));
  if (!rooms) return fail_command(console, rooms.error());
  json::Object data = user_json(user);
  data.emplace_back("sessions", sessions.value());
  json::Array ids;
  for (const RoomId room : rooms.value()) ids.emplace_back(room.str());
  data.emplace_back("rooms", std::move(ids));
  const std::string state = user.deleted ? "erased" : user.disabled ? "disabled" : "active";
  Table table{{},
              {{"id", user.id.str()},
               {"handle", user.deleted ? "" : "@" + user.handle},
               {"name", user.display_name},
               {"state", state},
               {"locale", user.locale},
               {"created", to_rfc3339(user.created_at)},
               {"sessions", std::to_string(sessions.value())},
               {"rooms", std::to_string(rooms.value().size())}}};
  console.print(json::Value(std::move(data)), table);
  return Exit::ok;
}

Exit show(Console& console, const std::string& who) {
  return with_offline(console, Access::beside, [&](Offline& offline) {
    const auto user = find_user(offline, who);
    if (!user) return fail_command(console, user.error());
    return show_found(console, offline, user.value());
  });
}

struct ChangeArguments {
  std::string user;
  bool dry_run = false;
};

Exit set_disabled(Console& console, const ChangeArguments& given, bool disabled) {
  return with_user(console, Access::beside, given.user, [&](Offline& offline, const chat::User& u) {
    const std::string verb = disabled ? "disabled " : "enabled ";
    chat::User now = u;
    if (!given.dry_run) {
      auto updated = offline.run(offline.users().set_disabled(u.id, disabled));
      if (!updated) return fail_command(console, updated.error());
      now = std::move(updated).value();
    }
    json::Object data = user_json(now);
    data.emplace_back("changed", u.disabled != disabled);
    data.emplace_back("dry_run", given.dry_run);
    console.print(json::Value(std::move(data)), (given.dry_run ? "would have " : "") + verb +
                                                    label_of(u) +
                                                    (u.disabled == disabled ? " (as it was)" : ""));
    if (disabled && !given.dry_run) {
      console.note(
          "  a running server refuses this user within 30 s, and closes what is open\n"
          "  undo: respring user enable " +
          given.user);
      note_untold(console, offline);
    }
    return Exit::ok;
  });
}

struct EraseArguments {
  std::string user;
  std::string messages = "keep";
  std::optional<std::string> confirm;
  bool dry_run = false;
};

Exit erase_found(Console& console, Offline& offline, const chat::User& user,
                 const EraseArguments& given) {
  const auto rooms = offline.run(offline.log().rooms_of(user.id, chat::Memberships::present));
  if (!rooms) return fail_command(console, rooms.error());
  const bool remove = given.messages == "remove";
  const std::string what = label_of(user) +
                           ": takes away name, handle, password and sessions, leaves " +
                           std::to_string(rooms.value().size()) + " rooms, messages " +
                           (remove ? "are deleted" : "stay without a name");
  json::Object data = {{"id", user.id.str()},
                       {"handle", user.handle},
                       {"rooms", static_cast<std::int64_t>(rooms.value().size())},
                       {"messages", given.messages},
                       {"dry_run", given.dry_run}};
  if (given.dry_run) {
    console.print(json::Value(std::move(data)), "would erase " + what);
    return Exit::ok;
  }
  const Exit asked = ask_name(console, std::cin, {false, given.confirm},
                              "this cannot be undone: erase " + what, user.handle);
  if (asked != Exit::ok) return asked;
  const auto mode = remove ? user::Messages::remove : user::Messages::keep;
  const auto erased = offline.run(offline.users().erase_by_operator(user.id, mode));
  if (!erased) {
    return console.fail(Exit::partly, "user.erase_partly", erased.error().detail,
                        "the account is still there; run the same command again to go on");
  }
  console.print(json::Value(std::move(data)), "erased " + user.id.str());
  console.note("  the rooms' members hear of it when the server runs: respring serve");
  return Exit::ok;
}

Exit erase(Console& console, const EraseArguments& given) {
  return with_user(console, Access::alone, given.user,
                   [&](Offline& offline, const chat::User& user) {
                     return erase_found(console, offline, user, given);
                   });
}

Exit export_user(Console& console, const std::string& who) {
  return with_user(console, Access::beside, who, [&](Offline& offline, const chat::User& user) {
    user::Export lines(offline.user_store(), offline.log(), net::Principal{user.id, {}});
    while (true) {
      const auto next = offline.run(lines.next());
      if (!next) return fail_command(console, next.error());
      if (!next.value()) return Exit::ok;
      console.print_text(*next.value());
    }
  });
}

constexpr const char* kUser = "an id or @handle";

void add_create(Arguments& args) {
  auto given = std::make_shared<CreateArguments>();
  args.argument("HANDLE", &given->handle, "3 to 32 of a-z, 0-9, _ and .");
  args.option("--name", &given->name, "NAME", "display name");
  args.option("--password-file", &given->password_file, "FILE",
              "file with the password; - is stdin");
  args.flag("--dry-run", &given->dry_run, "check everything, create nothing");
  args.example("respring user create minji --name 민지 --password-file -");
  args.run([given](Console& console) { return create(console, *given); });
}

void add_list(Arguments& args) {
  auto given = std::make_shared<ListArguments>();
  args.option("--find", &given->query, "TEXT", "handle or name begins so; 초성 too");
  args.option("--limit", &given->limit, "N", "at most so many (1000)");
  args.run([given](Console& console) { return list(console, *given); });
}

void add_change(Arguments& args, bool disabled) {
  auto given = std::make_shared<ChangeArguments>();
  args.argument("USER", &given->user, kUser);
  args.flag("--dry-run", &given->dry_run, "change nothing");
  args.run([given, disabled](Console& console) { return set_disabled(console, *given, disabled); });
}

void add_erase(Arguments& args) {
  auto given = std::make_shared<EraseArguments>();
  args.argument("USER", &given->user, kUser);
  args.choice("--messages", &given->messages, {"keep", "remove"}, "what becomes of his messages");
  args.option("--confirm", &given->confirm, "HANDLE", "the handle, in place of typing it");
  args.flag("--dry-run", &given->dry_run, "say what would happen");
  args.example("respring user erase @minji --messages remove --confirm=minji");
  args.run([given](Console& console) { return erase(console, *given); });
}

}  // namespace

void make_user(Arguments& args) {
  add_create(args.command("create", {"a new user", "사용자를 만듭니다"}));
  add_list(args.command("list", {"users who are not erased", "사용자 목록을 보여 줍니다"}));
  Arguments& showing = args.command("show", {"one user", "사용자 한 명을 보여 줍니다"});
  auto shown = std::make_shared<std::string>();
  showing.argument("USER", shown.get(), kUser);
  showing.run([shown](Console& console) { return show(console, *shown); });
  add_change(args.command("disable", {"keep a user from logging in and from everything else",
                                      "사용자의 이용을 막습니다"}),
             true);
  add_change(args.command("enable", {"undo disable", "사용자의 이용을 다시 허용합니다"}), false);
  add_erase(args.command("erase", {"take away everything personal, for ever; no server may run",
                                   "개인 정보를 영구히 지웁니다 (서버를 멈춘 뒤)"}));
  Arguments& exporting = args.command(
      "export", {"everything kept about a user, as JSON lines", "사용자 자료를 내보냅니다"});
  auto exported = std::make_shared<std::string>();
  exporting.argument("USER", exported.get(), kUser);
  exporting.example("respring user export @minji > minji.jsonl");
  exporting.run([exported](Console& console) { return export_user(console, *exported); });
}

}  // namespace respring::cmd
