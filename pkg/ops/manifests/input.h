#pragma once

#include "ops/manifests/values.h"

namespace respring::manifests {

/// Where settings of the binary stand in a values file.
constexpr std::string_view kSettingsSection = "config";

/// A values file as it was written; later ones win.
struct Source {
  std::string text;
  std::string path;  ///< for messages
};

/// Everything manifests are made of, checked.
struct Input {
  std::string environment;
  Values values;
  config::Loaded given_values;  ///< the same by key, with where each was written
  config::Loaded settings;      ///< what `config:` says, and the defaults of everything else
  BinaryFacts facts;

  /// The setting's value; empty when there is none of this name.
  std::string setting(std::string_view key) const;
  /// What the setting was given in the values, unlike a default.
  bool given(const config::Effective& setting) const;
  std::string tag() const { return values.image.tag.empty() ? facts.version : values.image.tag; }
  const RoleValues& role(const std::string& name) const { return values.roles.at(name); }
};

/// Reads values; below `config:` stand settings of the binary, checked by `settings`, the binary's
/// own declaration. Everything wrong is said at once, each with file, line and path.
Result<Input, config::Problems> read_input(std::string environment,
                                           const std::vector<Source>& sources,
                                           const BinaryFacts& facts, config::Registry& settings);

/// The Secret that holds the password of a server: `stores.user`, `stores.shards.0`,
/// `redis.pubsub`, `search`, `blobs`; empty: none.
std::string secret_of(const Input& input, const std::string& server);

/// The servers of a role's table entry as settings that name one server each: `stores.shards` is
/// every shard's `stores.shards.N.dsn`.
std::vector<std::string> servers_of(const Input& input, const RoleFacts& role);

/// What a server is to NetworkPolicies.
struct ServerKind {
  std::string component;  ///< of the development server
  const char* value;      ///< below `network`
  const std::vector<std::string>* places;
  bool for_development = true;  ///< servers.enabled makes one
};
ServerKind server_kind(const Input& input, const std::string& server);

/// Whether blobs are in a bucket, which every pod reaches, and not in a folder of each.
bool has_bucket(const Input& input);

/// A whole number, or `fallback` when the text is none.
int number_of(const std::string& text, int fallback = 0);

/// Ports of the addresses in `mysql://u@h:3307/d`, `kafka://a:9092,b:9092`,
/// `s3://bucket?endpoint=http://h:8333`, …
std::vector<int> ports_of(const std::string& url);

}  // namespace respring::manifests
