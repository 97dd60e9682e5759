// Runs a fuzz target without libFuzzer: every seed, and some thousand mutations of them. The random
// numbers start from a fixed value, so that a failure comes again.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

constexpr int kMutations = 20'000;
constexpr std::size_t kMaxSize = 8 * 1024;

std::vector<std::string> read_seeds() {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(RESPRING_SEEDS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::size_t below(std::mt19937_64& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

void mutate_once(std::string& input, const std::vector<std::string>& seeds,
                 std::mt19937_64& random) {
  static constexpr unsigned char kTelling[] = {0, 1, 0x7F, 0x80, 0xFF, '\r', '\n', ' ', '"', '\\'};
  const std::size_t at = below(random, input.size());
  switch (random() % 6) {
    case 0:
      if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << (random() % 8)));
      return;
    case 1:
      input.insert(at, 1, static_cast<char>(kTelling[random() % std::size(kTelling)]));
      return;
    case 2:
      input.erase(at, 1 + below(random, 8));
      return;
    case 3:
      input.insert(at, input.substr(below(random, input.size()), 1 + below(random, 64)));
      return;
    case 4:
      if (!input.empty()) input[at] = static_cast<char>(random());
      return;
    default: {
      const std::string& other = seeds[below(random, seeds.size())];
      input = input.substr(0, at) + other.substr(below(random, other.size()));
    }
  }
}

TEST(Fuzz, EverySeed) {
  const auto seeds = read_seeds();
  ASSERT_GE(seeds.size(), 3U) << "the seeds are missing: " << RESPRING_SEEDS;
  for (const std::string& seed : seeds) {
    run(seed);
    for (std::size_t n = 0; n < seed.size() && n < 256; ++n) run(seed.substr(0, n));
  }
}

TEST(Fuzz, Mutations) {
  const auto seeds = read_seeds();
  std::mt19937_64 random(20'260'101);
  for (int i = 0; i < kMutations; ++i) {
    std::string input = seeds[below(random, seeds.size())];
    for (std::size_t n = 1 + below(random, 6); n > 0; --n) mutate_once(input, seeds, random);
    input.resize(std::min(input.size(), kMaxSize));
    run(input);
  }
}

}  // namespace
