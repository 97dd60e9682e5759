#pragma once

#include "config/yaml_tree.h"

namespace respring::config {

/// Puts one layer after the other into a registry and keeps account of what came from where.
/// Everything wrong is collected, not only the first.
class Layers {
 public:
  /// `section`: where these settings stand in a larger file, said before their keys in problems.
  explicit Layers(Registry& registry, std::string section = {});

  void apply_file(const Tree& tree, const std::string& path);
  /// One variable or flag. `shown` is how the person wrote the name.
  void apply_text(const std::string& key, const std::string& text, const Origin& origin);
  /// Looks at the conditions between settings, unless something is wrong already.
  void finish();

  Loaded take();
  std::vector<Problem>& problems() { return problems_; }

 private:
  void apply_map(Registry& registry, const std::string& outer, const std::string& inner,
                 const Tree& tree, const std::string& path);
  void apply_field(Field& field, const std::string& key, const Tree& tree, const std::string& path);
  void replace_list(Field& field, const std::string& key, const Tree& tree,
                    const std::string& path);
  bool apply_element(Field& field, const std::string& outer, const std::string& rest,
                     const std::string& text, const Origin& origin);
  bool apply_in(Registry& registry, const std::string& outer, const std::string& key,
                const std::string& text, const Origin& origin);
  void store(Field& field, const std::string& key, const std::vector<std::string>& texts,
             const Origin& origin);
  void note_defaults(Registry& registry, const std::string& outer);
  void note(const Field& field, const std::string& key, Origin origin);
  void forget_below(const std::string& key);
  /// The key as the person has to write it.
  std::string shown(const std::string& key) const;
  void complain(const Origin& origin, const std::string& key, const std::string& why);
  void unknown(const std::string& key, const Origin& origin);
  void collect(Registry& registry, const std::string& outer, Loaded& out);

  Registry& registry_;
  std::string section_;
  std::map<std::string, Effective, std::less<>> values_;
  std::map<std::string, std::shared_ptr<Field>, std::less<>> fields_;
  std::vector<Problem> problems_;
};

}  // namespace respring::config
