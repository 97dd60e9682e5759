#include "config/yaml_tree.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace respring::config {
namespace {

constexpr int kDeepest = 16;
constexpr int kMostNodes = 10'000;

/// Copies the library's nodes into ours; stops at the first thing that is wrong.
class Copier {
 public:
  explicit Copier(const std::string& path) : path_(path) {}

  std::optional<Problem> copy(const YAML::Node& node, Tree& out, int depth) {
    out.line = node.Mark().line + 1;
    if (depth > kDeepest) return problem(out.line, "is nested deeper than 16 levels");
    if (++nodes_ > kMostNodes) return problem(out.line, "holds more than 10,000 values");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        out.kind = Tree::Kind::text;
        out.text = node.Scalar();
        return std::nullopt;
      case YAML::NodeType::Sequence:
        return copy_list(node, out, depth);
      case YAML::NodeType::Map:
        return copy_map(node, out, depth);
      default:
        return std::nullopt;
    }
  }

 private:
  Problem problem(int line, std::string why) const {
    return {path_ + ":" + std::to_string(line), {}, std::move(why)};
  }

  std::optional<Problem> copy_list(const YAML::Node& node, Tree& out, int depth) {
    out.kind = Tree::Kind::list;
    for (const auto& item : node) {
      if (auto wrong = copy(item, out.items.emplace_back(), depth + 1)) return wrong;
    }
    return std::nullopt;
  }

  std::optional<Problem> copy_map(const YAML::Node& node, Tree& out, int depth) {
    out.kind = Tree::Kind::map;
    for (const auto& member : node) {
      const int line = member.first.Mark().line + 1;
      if (!member.first.IsScalar()) return problem(line, "has a key that is no name");
      const std::string& key = member.first.Scalar();
      if (std::ranges::any_of(out.members, [&](const auto& m) { return m.first == key; })) {
        return problem(line, "'" + key + "' stands twice");
      }
      Tree value;
      if (auto wrong = copy(member.second, value, depth + 1)) return wrong;
      value.line = line;  // where the name stands is where people look
      out.members.emplace_back(key, std::move(value));
    }
    return std::nullopt;
  }

  const std::string& path_;
  int nodes_ = 0;
};

}  // namespace

Result<Tree, Problem> parse_yaml(const std::string& text, const std::string& path) try {
  const YAML::Node root = YAML::Load(text);
  Tree tree;
  if (auto wrong = Copier(path).copy(root, tree, 0)) return *std::move(wrong);
  return tree;
} catch (const YAML::Exception& e) {
  const int line = e.mark.is_null() ? 1 : e.mark.line + 1;
  return Problem{path + ":" + std::to_string(line), {}, "is not valid YAML: " + e.msg};
}

Result<std::string, Problem> read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Problem{path, {}, "is a directory"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Problem{path, {}, std::string("cannot be read: ") + std::strerror(errno)};
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) return Problem{path, {}, "is larger than 1 MiB"};
  return text;
}

}  // namespace respring::config
