#include "respring/shard/picture.h"

#include <array>

namespace respring::cmd {
namespace {

constexpr int kSide = 64;
constexpr int kCell = 8;
// Told apart by people who see no red or green as well (Okabe and Ito).
constexpr std::array kColours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                 "#56b4e9", "#d55e00", "#f0e442", "#999999"};

std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == '<' || c == '>' || c == '&' || c == '"') continue;
    text += c;
  }
  return text;
}

std::vector<std::int64_t> counts_of(const shardmap::ShardMap& map) {
  std::vector<std::int64_t> counts(map.shards.size(), 0);
  for (const auto& owner : map.owners) {
    if (owner.shard >= 0) ++counts[static_cast<std::size_t>(owner.shard)];
  }
  return counts;
}

std::string colour_of(std::int32_t shard) {
  if (shard < 0) return "#000000";
  return kColours[static_cast<std::size_t>(shard) % kColours.size()];
}

std::string attribute(const char* name, std::int64_t value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

}  // namespace

std::string svg_of(const shardmap::ShardMap& map) {
  const auto lines = static_cast<std::int64_t>((map.owners.size() + kSide - 1) / kSide);
  const auto height = lines * kCell + 20 * (static_cast<std::int64_t>(map.shards.size()) + 1);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
                    attribute("width", kSide * kCell) + attribute("height", height) +
                    " font-family=\"sans-serif\" font-size=\"13\">\n<title>shard map version " +
                    std::to_string(map.version) + "</title>\n";
  for (std::size_t i = 0; i < map.owners.size();) {
    // One rectangle per run of slots of one shard within a line.
    std::size_t end = i + 1;
    while (end < map.owners.size() && end % kSide != 0 &&
           map.owners[end].shard == map.owners[i].shard)
      ++end;
    svg += "<rect" + attribute("x", static_cast<std::int64_t>(i % kSide) * kCell) +
           attribute("y", static_cast<std::int64_t>(i / kSide) * kCell) +
           attribute("width", static_cast<std::int64_t>(end - i) * kCell) +
           attribute("height", kCell) + " fill=\"" + colour_of(map.owners[i].shard) + "\"/>\n";
    i = end;
  }
  const auto counts = counts_of(map);
  for (std::size_t i = 0; i < map.shards.size(); ++i) {
    const auto y = lines * kCell + 20 * (static_cast<std::int64_t>(i) + 1);
    svg += "<rect x=\"4\"" + attribute("y", y - 11) + " width=\"12\" height=\"12\" fill=\"" +
           colour_of(static_cast<std::int32_t>(i)) + "\"/><text x=\"22\"" + attribute("y", y) +
           ">" + escaped(map.shards[i]) + ": " + std::to_string(counts[i]) + " slots</text>\n";
  }
  return svg + "</svg>\n";
}

std::string mermaid_of(const shardmap::ShardMap& map) {
  std::string text = "pie showData title shard map version " + std::to_string(map.version) + "\n";
  const auto counts = counts_of(map);
  for (std::size_t i = 0; i < map.shards.size(); ++i)
    text += "  \"" + escaped(map.shards[i]) + "\" : " + std::to_string(counts[i]) + "\n";
  return text;
}

}  // namespace respring::cmd
