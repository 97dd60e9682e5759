#include "config/registry.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace respring::config {
namespace {

using Texts = std::vector<std::string>;
constexpr std::int64_t kLongestSecret = 64 * 1024;
constexpr std::size_t kLongestText = 4096;

std::optional<Wrong> outside(const Options& options, std::int64_t value,
                             std::string (*show)(std::int64_t)) {
  if (options.min && value < *options.min) return Wrong{"is below " + show(*options.min)};
  if (options.max && value > *options.max) return Wrong{"is above " + show(*options.max)};
  return std::nullopt;
}

std::string show_number(std::int64_t value) { return to_text(value); }
std::string show_duration(std::int64_t value) { return to_text(std::chrono::milliseconds(value)); }
std::string show_bytes(std::int64_t value) { return to_text(Bytes{value}); }

std::optional<Wrong> in_bounds(const Options&, bool) { return std::nullopt; }
std::optional<Wrong> in_bounds(const Options& options, std::int64_t value) {
  return outside(options, value, show_number);
}
std::optional<Wrong> in_bounds(const Options& options, std::chrono::milliseconds value) {
  return outside(options, value.count(), show_duration);
}
std::optional<Wrong> in_bounds(const Options& options, const Bytes& value) {
  return outside(options, value.count, show_bytes);
}
std::optional<Wrong> in_bounds(const Options& options, const Limit& value) {
  return value.most ? outside(options, *value.most, show_number) : std::nullopt;
}
std::optional<Wrong> in_bounds(const Options&, const Rate&) { return std::nullopt; }
std::optional<Wrong> in_bounds(const Options&, const Endpoint&) { return std::nullopt; }

/// What is wrong with a text that is to be stored, by its choices, length and own check.
std::optional<Wrong> look_at(const Options& options, const std::string& text) {
  if (text.size() > kLongestText) return Wrong{"is longer than 4096 bytes"};
  if (text.find('\0') != std::string::npos) return Wrong{"holds the character NUL"};
  if (!options.choices.empty() && std::ranges::count(options.choices, text) == 0) {
    std::string all;
    for (const std::string& choice : options.choices) all += (all.empty() ? "" : ", ") + choice;
    return Wrong{"is none of " + all};
  }
  if (options.check) {
    if (auto why = options.check(text)) return Wrong{std::move(*why)};
  }
  return std::nullopt;
}

const std::string* only(const Texts& texts) { return texts.size() == 1 ? &texts.front() : nullptr; }
Wrong not_single() { return Wrong{"must be one value, not a list"}; }

Result<std::string, Wrong> read_secret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Wrong{"names a file that cannot be read (" + std::string(std::strerror(errno)) + ")"};
  std::string text(static_cast<std::size_t>(kLongestSecret) + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return Wrong{"names a file that cannot be read"};
  if (static_cast<std::int64_t>(text.size()) > kLongestSecret) {
    return Wrong{"names a file of more than 64 KiB, which is no secret"};
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return Wrong{"names an empty file"};
  return text;
}

std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  return all;
}

}  // namespace

void Registry::put(Field field) {
  // A second declaration is a mistake in the program that no run may survive.
  if (find(field.key) != nullptr) std::abort();
  if (field.show) field.fallback = field.show();
  fields_.push_back(std::move(field));
}

const Field* Registry::find(std::string_view key) const {
  const auto at = std::ranges::find(fields_, key, &Field::key);
  return at == fields_.end() ? nullptr : &*at;
}

void Registry::require(std::function<std::optional<Blame>()> condition) {
  conditions_.push_back(std::move(condition));
}

template <class T, class Parse>
void Registry::bind(std::string key, Type type, T* target, std::string doc, Options options,
                    Parse parse) {
  Field field;
  field.key = std::move(key);
  field.type = type;
  field.doc = std::move(doc);
  field.options = std::move(options);
  field.assign = [target, parse,
                  limits = field.options](const Texts& texts) -> std::optional<Wrong> {
    const std::string* text = only(texts);
    if (text == nullptr) return not_single();
    auto value = parse(*text);
    if (!value) return std::move(value).error();
    if (auto wrong = in_bounds(limits, value.value())) return wrong;
    *target = static_cast<T>(value.value());
    return std::nullopt;
  };
  using Value = std::decay_t<decltype(parse("").value())>;
  field.show = [target] { return to_text(static_cast<Value>(*target)); };
  put(std::move(field));
}

void Registry::add(std::string key, bool* target, std::string doc, Options options) {
  bind(std::move(key), Type::boolean, target, std::move(doc), std::move(options), parse_bool);
}
void Registry::add(std::string key, std::int64_t* target, std::string doc, Options options) {
  bind(std::move(key), Type::integer, target, std::move(doc), std::move(options), parse_integer);
}
void Registry::add(std::string key, std::chrono::milliseconds* target, std::string doc,
                   Options options) {
  bind(std::move(key), Type::duration, target, std::move(doc), std::move(options), parse_duration);
}
void Registry::add(std::string key, Bytes* target, std::string doc, Options options) {
  bind(std::move(key), Type::bytes, target, std::move(doc), std::move(options), parse_bytes);
}
void Registry::add(std::string key, Rate* target, std::string doc, Options options) {
  bind(std::move(key), Type::rate, target, std::move(doc), std::move(options), parse_rate);
}
void Registry::add(std::string key, Limit* target, std::string doc, Options options) {
  bind(std::move(key), Type::limit, target, std::move(doc), std::move(options), parse_limit);
}
void Registry::add(std::string key, Endpoint* target, std::string doc, Options options) {
  bind(std::move(key), Type::endpoint, target, std::move(doc), std::move(options), parse_endpoint);
}

void Registry::add(std::string key, int* target, std::string doc, Options options) {
  if (!options.min) options.min = INT32_MIN;
  if (!options.max) options.max = INT32_MAX;
  bind(std::move(key), Type::integer, target, std::move(doc), std::move(options), parse_integer);
}

void Registry::add(std::string key, std::string* target, std::string doc, Options options) {
  Field field;
  field.key = std::move(key);
  field.type = options.choices.empty() ? Type::text : Type::choice;
  field.doc = std::move(doc);
  field.options = std::move(options);
  field.assign = [target, limits = field.options](const Texts& texts) -> std::optional<Wrong> {
    const std::string* text = only(texts);
    if (text == nullptr) return not_single();
    if (auto wrong = look_at(limits, *text)) return wrong;
    *target = *text;
    return std::nullopt;
  };
  field.show = [target] { return *target; };
  put(std::move(field));
}

void Registry::add(std::string key, std::filesystem::path* target, std::string doc,
                   Options options) {
  Field field;
  field.key = std::move(key);
  field.type = Type::path;
  field.doc = std::move(doc);
  field.options = std::move(options);
  field.assign = [target, limits = field.options](const Texts& texts) -> std::optional<Wrong> {
    const std::string* text = only(texts);
    if (text == nullptr) return not_single();
    if (text->empty()) return Wrong{"is empty"};
    if (auto wrong = look_at(limits, *text)) return wrong;
    *target = *text;
    return std::nullopt;
  };
  field.show = [target] { return target->string(); };
  put(std::move(field));
}

void Registry::add(std::string key, std::vector<std::string>* target, std::string doc,
                   Options options) {
  Field field;
  field.key = std::move(key);
  field.type = Type::text_list;
  field.doc = std::move(doc);
  field.options = std::move(options);
  field.assign = [target, limits = field.options](const Texts& texts) -> std::optional<Wrong> {
    for (const std::string& text : texts) {
      if (text.empty()) return Wrong{"holds an empty entry"};
      if (auto wrong = look_at(limits, text))
        return Wrong{"'" + text.substr(0, 60) + "' " + wrong->why};
    }
    *target = texts;
    return std::nullopt;
  };
  field.show = [target] { return joined(*target); };
  put(std::move(field));
}

void Registry::add_secret(const std::string& key, Secret<std::string>* target, std::string doc,
                          Options options) {
  Field field;
  field.key = key + "_file";
  field.type = Type::secret_file;
  field.doc = std::move(doc);
  field.options = std::move(options);
  auto path = std::make_shared<std::string>();
  field.assign = [target, path](const Texts& texts) -> std::optional<Wrong> {
    const std::string* text = only(texts);
    if (text == nullptr) return not_single();
    auto secret = read_secret(*text);
    if (!secret) return std::move(secret).error();
    *target = Secret<std::string>(std::move(secret).value());
    *path = *text;
    return std::nullopt;
  };
  field.show = [path] { return *path; };  // the path is no secret, its content is
  put(std::move(field));
}

}  // namespace respring::config
