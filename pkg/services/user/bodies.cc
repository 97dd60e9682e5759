#include "services/user/bodies.h"

#include "base/fields.h"
#include "chat/limits.h"
#include "chat/text.h"

namespace respring::user {
namespace {

constexpr std::size_t kMaxHandleBytes = 200;  ///< at log-in: longer ones are not even counted

/// The checked text, or a note of what is wrong with it.
std::string keep(json::Fields& fields, std::string_view name, Result<std::string> checked) {
  if (checked) return std::move(checked).assume_value();
  const auto& errors = checked.error().fields;
  fields.fail(name, errors.empty() ? "invalid" : errors.front().code);
  return {};
}

template <class Check>
std::optional<std::string> read(json::Fields& fields, std::string_view name, bool required,
                                Check check) {
  const auto text = fields.text(name, required);
  if (!text) return std::nullopt;
  return keep(fields, name, check(name, *text));
}

Result<std::string> display_name(std::string_view field, std::string_view text) {
  return chat::checked_name(field, text, chat::kMaxNameCodePoints);
}

Result<std::string> device(std::string_view field, std::string_view text) {
  if (text.empty()) return std::string();
  return chat::checked_name(field, text, chat::kMaxDeviceCodePoints);
}

Result<std::string> locale(std::string_view field, std::string_view text) {
  if (text == "ko" || text == "en") return std::string(text);
  return invalid_field(std::string(field), "invalid");
}

/// A password to be compared: any text, since a wrong one is told only after it was compared.
Secret<std::string> read_known_password(json::Fields& fields, std::string_view name) {
  const auto text = fields.text(name);
  return Secret<std::string>(text ? chat::nfc(*text) : std::string());
}

}  // namespace

Result<NewAccount> read_new_account(std::string_view body) {
  RESPRING_TRY(const json::Value value, json::parse(body));
  json::Fields fields(value);
  NewAccount account;
  account.handle = read(fields, "handle", true, chat::checked_handle).value_or("");
  account.display_name = read(fields, "display_name", true, display_name).value_or("");
  account.password =
      Secret<std::string>(read(fields, "password", true, chat::checked_password).value_or(""));
  RESPRING_TRYV(fields.done());
  return account;
}

Result<LogIn> read_log_in(std::string_view body) {
  RESPRING_TRY(const json::Value value, json::parse(body));
  json::Fields fields(value);
  LogIn attempt;
  attempt.handle = fields.text("handle").value_or("");
  if (attempt.handle.size() > kMaxHandleBytes) fields.fail("handle", "too_long");
  attempt.password = read_known_password(fields, "password");
  attempt.device = read(fields, "device", false, device).value_or("");
  RESPRING_TRYV(fields.done());
  return attempt;
}

Result<ProfilePatch> read_profile_patch(std::string_view body) {
  RESPRING_TRY(const json::Value value, json::parse(body));
  json::Fields fields(value);
  ProfilePatch patch;
  patch.display_name = read(fields, "display_name", false, display_name);
  patch.locale = read(fields, "locale", false, locale);
  if (auto password = read(fields, "password", false, chat::checked_password))
    patch.password = Secret<std::string>(std::move(*password));
  // Each of the two is required by the other.
  if (patch.password || fields.has("current_password"))
    patch.current_password = read_known_password(fields, "current_password");
  if (patch.current_password && !fields.has("password")) fields.fail("password", "required");
  RESPRING_TRYV(fields.done());
  return patch;
}

Result<EraseRequest> read_erase(std::string_view body) {
  RESPRING_TRY(const json::Value value, json::parse(body));
  json::Fields fields(value);
  EraseRequest erase;
  erase.password = read_known_password(fields, "password");
  const std::string messages = fields.text("messages", false).value_or("keep");
  if (messages == "delete") {
    erase.messages = Messages::remove;
  } else if (messages != "keep") {
    fields.fail("messages", "invalid");
  }
  RESPRING_TRYV(fields.done());
  return erase;
}

}  // namespace respring::user
