#include "config/render.h"

#include <set>

#include "config/redact.h"

namespace respring::config {
namespace {

std::string bound_text(const Field& field, std::int64_t value) {
  if (field.type == Type::duration) return to_text(std::chrono::milliseconds(value));
  if (field.type == Type::bytes) return to_text(Bytes{value});
  return to_text(value);
}

std::string bounds(const Field& field) {
  const auto min = field.options.min;
  const auto max = field.options.max;
  if (min && max) return bound_text(field, *min) + " to " + bound_text(field, *max);
  if (min) return "at least " + bound_text(field, *min);
  if (max) return "at most " + bound_text(field, *max);
  return {};
}

std::string base_name(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return "whole number";
    case Type::duration:
      return "duration";
    case Type::bytes:
      return "size";
    case Type::rate:
      return "rate like '20/s burst 60', or off";
    case Type::limit:
      return "whole number or off";
    case Type::endpoint:
      return "host:port";
    case Type::path:
      return "path";
    case Type::secret_file:
      return "path of a file that holds the secret";
    case Type::text_list:
      return "list of texts";
    case Type::structs:
      return "list";
    case Type::text:
    case Type::choice:
      return "text";
  }
  return {};
}

/// Text as a YAML scalar; quoted whenever there could be doubt.
std::string yaml_scalar(const std::string& text) {
  const bool plain = !text.empty() &&
                     text.find_first_of("#'\"{}[],&*!|>%@`\n\t") == std::string::npos &&
                     text.find(": ") == std::string::npos && text.front() != ' ' &&
                     text.front() != '-' && text.front() != '?' && text.front() != ':';
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string yaml_value(const Field& field) {
  if (field.type != Type::text_list) return yaml_scalar(field.show());
  std::string out = "[";
  const std::string all = field.show();
  for (std::size_t start = 0; start < all.size();) {
    const std::size_t end = std::min(all.find(',', start), all.size());
    out += (start == 0 ? "" : ", ") + yaml_scalar(all.substr(start, end - start));
    start = end + 1;
  }
  return out + "]";
}

/// An unset secret or optional text has no default line, only its comment.
bool commented_out(const Field& field) {
  const bool optional =
      field.type == Type::secret_file || field.type == Type::path || field.type == Type::text;
  return optional && field.show().empty();
}

void add_comment(std::string& out, const std::string& indent, const Field& field) {
  out += indent + "# " + field.doc + " (" + describe_type(field) +
         (field.options.reloadable ? "; reloads" : "") + ")\n";
}

void add_elements(std::string& out, const std::string& indent, const std::string& name,
                  const Field& field) {
  out += indent + name + ":";
  if (field.size() == 0) {
    out += " []\n";
    return;
  }
  out += "\n";
  for (std::size_t i = 0; i < field.size(); ++i) {
    const Registry element = field.at(i);
    std::string line;
    for (const Field& part : element.fields()) {
      if (commented_out(part)) continue;
      line += (line.empty() ? "" : ", ") + part.key + ": " + yaml_value(part);
    }
    out += indent + "  - {" + line + "}\n";
  }
}

/// The fields that share the first part of their name, in the order in which it first appears.
struct Section {
  std::string name;
  std::vector<std::pair<std::string, const Field*>> fields;  ///< rest of the key
};
std::vector<Section> sections(const std::vector<std::pair<std::string, const Field*>>& fields) {
  std::vector<Section> out;
  for (const auto& [key, field] : fields) {
    const auto dot = key.find('.');
    const std::string name = key.substr(0, dot);
    if (out.empty() || out.back().name != name) out.push_back({name, {}});
    out.back().fields.emplace_back(dot == std::string::npos ? "" : key.substr(dot + 1), field);
  }
  return out;
}

void add_yaml(std::string& out, const std::string& indent,
              const std::vector<std::pair<std::string, const Field*>>& fields) {
  for (const Section& section : sections(fields)) {
    const Field& field = *section.fields.front().second;
    if (!section.fields.front().first.empty()) {
      out += indent + section.name + ":\n";
      add_yaml(out, indent + "  ", section.fields);
      if (indent.empty()) out += "\n";
      continue;
    }
    add_comment(out, indent, field);
    if (field.type == Type::structs) {
      add_elements(out, indent, section.name, field);
    } else if (commented_out(field)) {
      out += indent + "# " + section.name + ": " + field.options.example + "\n";
    } else {
      out += indent + section.name + ": " + yaml_value(field) + "\n";
    }
    if (indent.empty()) out += "\n";
  }
}

std::vector<std::pair<std::string, const Field*>> grouped(const Registry& registry) {
  std::vector<std::pair<std::string, const Field*>> out;
  std::set<std::string> done;
  for (const Field& field : registry.fields()) {
    const std::string section = field.key.substr(0, field.key.find('.'));
    if (!done.insert(section).second) continue;
    for (const Field& other : registry.fields()) {
      if (other.key == section || other.key.starts_with(section + ".")) {
        out.emplace_back(other.key, &other);
      }
    }
  }
  return out;
}

}  // namespace

std::string describe_type(const Field& field) {
  if (field.type == Type::choice) {
    std::string out;
    for (const std::string& choice : field.options.choices) {
      out += (out.empty() ? "one of " : ", ") + choice;
    }
    return out;
  }
  const std::string range = bounds(field);
  return base_name(field) + (range.empty() ? "" : ", " + range);
}

std::vector<std::string> all_keys(const Registry& registry) {
  std::vector<std::string> keys;
  for (const Field& field : registry.fields()) {
    keys.push_back(field.key);
    if (field.type != Type::structs) continue;
    for (const std::string& inner : all_keys(*field.element)) {
      keys.push_back(field.key + ".N." + inner);
    }
  }
  return keys;
}

std::string render_defaults(const Registry& registry) {
  std::string out =
      "# respring.yaml: every setting with its default. What you delete keeps its default.\n"
      "# Read by: respring serve --config FILE, RESPRING_CONFIG, ./respring.yaml,\n"
      "# /etc/respring/respring.yaml. Variables (respring config env) and flags come after it.\n\n";
  add_yaml(out, "", grouped(registry));
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string render_explanation(const Effective& value) {
  const Field& field = *value.field;
  const auto shown = [](const std::string& text) { return text.empty() ? "(empty)" : text; };
  std::string out = value.key + " = " + shown(without_secrets(value.text)) + "\n";
  out += "  " + field.doc + "\n";
  out += "  from      " + value.origin.text() + "\n";
  for (const auto& shadowed : value.shadowed) {
    out += "  overrides " + shadowed.origin.text() + ": " + shown(without_secrets(shadowed.text)) +
           "\n";
  }
  out += "  type      " + describe_type(field) + "\n";
  if (field.type != Type::structs) out += "  variable  " + variable_of(value.key) + "\n";
  out += std::string("  reloads   ") +
         (field.options.reloadable ? "yes, on SIGHUP" : "no, needs a restart") + "\n";
  return out;
}

}  // namespace respring::config
