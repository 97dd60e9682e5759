#pragma once

#include <functional>
#include <memory>

#include "base/secret.h"
#include "config/values.h"

namespace respring::config {

enum class Type : std::uint8_t {
  boolean,
  integer,
  duration,
  bytes,
  text,
  choice,
  rate,
  limit,
  endpoint,
  path,
  secret_file,
  text_list,
  structs,
};

/// What else there is to say about a setting; leave out what does not apply.
struct Options {
  bool reloadable = false;               ///< takes effect on SIGHUP without a restart
  std::optional<std::int64_t> min = {};  ///< integers and limits; durations in ms; sizes in bytes
  std::optional<std::int64_t> max = {};
  std::vector<std::string> choices = {};  ///< of a text: these and no others
  std::string example = {};               ///< shown in the reference beside the default
  /// Looks at a text that is about to be stored; says what is wrong with it, or nothing.
  std::function<std::optional<std::string>(std::string_view)> check = {};
};

class Registry;

/// A declared setting. Made by Registry; read by load() and the generators.
struct Field {
  std::string key;  ///< limits.sends_per_user
  Type type{};
  std::string doc;
  Options options;
  std::string fallback;  ///< the default as text
  /// Stores a value, one text per element (one text unless it is a list).
  std::function<std::optional<Wrong>(const std::vector<std::string>&)> assign;
  /// The present value as text; of a secret the path of its file.
  std::function<std::string()> show;

  /// Only of Type::structs: the fields of one element, and how to reach the present ones.
  std::shared_ptr<Registry> element;
  std::function<std::size_t()> size;
  std::function<void(std::size_t)> resize;
  std::function<Registry(std::size_t)> at;
};

/// Where modules declare their settings. A setting is bound to a member of the module's own struct:
/// its initialiser is the default, and load() writes the outcome there. The bound structs must
/// outlive the registry and stay where they are. For a reload, make a new struct and registry.
///
///   struct Settings { Endpoint listen{"127.0.0.1", 8080}; Rate sends = Rate::per_second(20, 60);
///   }; void declare(Registry& registry, Settings& s) {
///     registry.add("listen", &s.listen, "Address of the public listener.");
///     registry.add("limits.sends", &s.sends, "Messages of one user.", {.reloadable = true});
///   }
class Registry {
 public:
  void add(std::string key, bool* target, std::string doc, Options options = {});
  void add(std::string key, int* target, std::string doc, Options options = {});
  void add(std::string key, std::int64_t* target, std::string doc, Options options = {});
  void add(std::string key, std::chrono::milliseconds* target, std::string doc,
           Options options = {});
  void add(std::string key, Bytes* target, std::string doc, Options options = {});
  void add(std::string key, std::string* target, std::string doc, Options options = {});
  void add(std::string key, Rate* target, std::string doc, Options options = {});
  void add(std::string key, Limit* target, std::string doc, Options options = {});
  void add(std::string key, Endpoint* target, std::string doc, Options options = {});
  void add(std::string key, std::filesystem::path* target, std::string doc, Options options = {});
  /// A file: a sequence. A variable or flag: separated by commas.
  void add(std::string key, std::vector<std::string>* target, std::string doc,
           Options options = {});

  /// A secret is read from the file that the setting `<key>_file` names, without its last newline;
  /// it can be given in no other way, and is never shown.
  void add_secret(const std::string& key, Secret<std::string>* target, std::string doc,
                  Options options = {});

  /// A list of structs: `shards: [{name: …, dsn: …}]`, RESPRING_SHARDS__0__DSN. A file replaces the
  /// whole list; a variable or flag changes one element, or appends the next.
  template <class T>
  void add_list(std::string key, std::vector<T>* target, std::string doc,
                void (*declare_element)(Registry&, T&), Options options = {});

  /// A condition between settings, looked at when all of them are stored: the key to blame and
  /// what is wrong, or nothing.
  struct Blame {
    std::string key;
    std::string why;
  };
  void require(std::function<std::optional<Blame>()> condition);

  const std::vector<Field>& fields() const { return fields_; }
  std::vector<Field>& fields() { return fields_; }
  const Field* find(std::string_view key) const;
  const std::vector<std::function<std::optional<Blame>()>>& conditions() const {
    return conditions_;
  }

 private:
  /// A field bound by how its type is read and written.
  template <class T, class Parse>
  void bind(std::string key, Type type, T* target, std::string doc, Options options, Parse parse);
  void put(Field field);

  std::vector<Field> fields_;
  std::vector<std::function<std::optional<Blame>()>> conditions_;
};

template <class T>
void Registry::add_list(std::string key, std::vector<T>* target, std::string doc,
                        void (*declare_element)(Registry&, T&), Options options) {
  Field field;
  field.key = std::move(key);
  field.type = Type::structs;
  field.doc = std::move(doc);
  field.options = std::move(options);
  // The sample lives as long as the registry that points into it.
  struct Sample {
    T value{};
    Registry registry;
  };
  auto sample = std::make_shared<Sample>();
  declare_element(sample->registry, sample->value);
  field.element = std::shared_ptr<Registry>(sample, &sample->registry);
  field.size = [target] { return target->size(); };
  field.resize = [target](std::size_t count) {
    target->clear();
    target->resize(count);
  };
  field.at = [target, declare_element](std::size_t index) {
    if (index == target->size()) target->emplace_back();
    Registry element;
    declare_element(element, target->at(index));
    return element;
  };
  put(std::move(field));
}

}  // namespace respring::config
