// Rules about what manifests hand to the binary: commands, and secrets never.
#include <algorithm>
#include <array>

#include "ops/manifests/check_settings.h"

namespace respring::manifests {
namespace {

using json::Value;

/// The shard that `shard move … --to SHARD` names; empty when the command is another.
std::string moved_to(const std::vector<std::string>& words) {
  constexpr std::string_view kTo = "--to";
  if (words.size() < 2 || words[0] != "shard" || words[1] != "move") return {};
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == kTo && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with("--to=")) return words[i].substr(kTo.size() + 1);
  }
  return {};
}

/// By its last word: PASSWORD_QUEUE is none, and SECRET_ACCESS_KEY one whose ACCESS_KEY is not.
bool names_secret(const std::string& variable) {
  constexpr std::array<std::string_view, 7> kSecret = {"PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN",
                                                       "SECRET",   "KEY",    "CREDENTIALS"};
  const std::string last = variable.substr(variable.rfind('_') + 1);  // npos + 1 is 0
  if (std::ranges::find(kSecret, last) == kSecret.end()) return false;
  const bool known = variable.ends_with("ACCESS_KEY") || variable.ends_with("PUBLIC_KEY");
  return !known || variable.find("SECRET") != std::string::npos;
}

/// Whether a text has an address like `scheme://user:password@host`.
bool has_password(const std::string& text) {
  constexpr std::string_view kScheme = "://";
  for (std::size_t at = text.find(kScheme); at != std::string::npos; at = text.find(kScheme, at)) {
    at += kScheme.size();
    const std::size_t end = std::min(text.find_first_of("/ \t\n\"'`,", at), text.size());
    const std::string place = text.substr(at, end - at);
    const auto sign = place.rfind('@');
    const auto colon = place.find(':');
    if (sign != std::string::npos && colon < sign && colon + 1 < sign) return true;
  }
  return false;
}

/// A role's pods serve that role, and no other.
void check_role(Look& look, const Value& object, const std::vector<std::string>& words,
                const std::string& where) {
  const std::string role = component_of(object);
  if (text_at(object, "kind") != "Deployment" || find_role(look.facts(), role) == nullptr) return;
  if (std::ranges::find(words, "--role=" + role) == words.end())
    look.found(object, where + "lack --role=" + role);
}

void check_variables(Look& look, const Value& object, const Value& pod) {
  for (const Value* container : containers_of(pod)) {
    for (const Value& variable : items_at(*container, "env")) {
      const std::string name = text_at(variable, "name");
      const std::string value = text_at(variable, "value");
      if (!value.empty() && (names_secret(name) || has_password(value)))
        look.found(object, "env " + name + " holds its value instead of a reference");
    }
    for (const char* list : {"args", "command"}) {
      for (const Value& word : items_at(*container, list)) {
        if (word.as_string() != nullptr && has_password(*word.as_string()))
          look.found(object, std::string(list) + " has a password in an address");
      }
    }
  }
}

}  // namespace

void check_commands(Look& look) {
  for (const Value& object : look.objects()) {
    if (!runs_respring(look, object)) continue;
    const Value& pod = *pod_of(object);
    for (const Value* container : containers_of(pod)) {
      std::vector<std::string> words;
      for (const Value& word : items_at(*container, "args")) {
        if (word.as_string() != nullptr) words.push_back(*word.as_string());
      }
      const std::string where = "containers[" + text_at(*container, "name") + "].args: ";
      if (const auto wrong = look.judges().command(words)) look.found(object, where + *wrong);
      check_role(look, object, words, where);
      const std::string shard = moved_to(words);
      if (shard.empty()) continue;
      const std::vector<std::string> shards = MountedSettings(look, pod).shards();
      if (std::ranges::find(shards, shard) == shards.end())
        look.found(object, where + "its settings have no shard " + shard);
    }
  }
}

void check_secrets(Look& look) {
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    if (kind == "Secret" &&
        (object.find("data") != nullptr || object.find("stringData") != nullptr))
      look.found(object, "holds a secret; make it outside of the manifests");
    if (const Value* pod = pod_of(object)) check_variables(look, object, *pod);
    const Value& data = at(object, "data");
    if (kind != "ConfigMap" || data.as_object() == nullptr) continue;
    for (const auto& [file, text] : *data.as_object()) {
      if (text.as_string() != nullptr && has_password(*text.as_string()))
        look.found(object, "data." + file + " has a password in an address");
    }
  }
}

}  // namespace respring::manifests
