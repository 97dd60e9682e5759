#include "telemetry/trace.h"

#include <algorithm>
#include <random>
#include <span>

namespace respring::trace {
namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

/// Only lower case is allowed in a traceparent.
int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// Trace ids need to be different, not secret.
void fill_random(std::span<std::uint8_t> out) {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  do {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator());
  } while (all_zero(out));
}

}  // namespace

std::string Context::trace_id_text() const { return hex(trace_id); }
std::string Context::span_id_text() const { return hex(span_id); }

std::string Context::traceparent() const {
  return "00-" + trace_id_text() + "-" + span_id_text() + (sampled ? "-01" : "-00");
}

Context Context::child() const {
  Context next = *this;
  fill_random(next.span_id);
  return next;
}

Context start(bool sampled) {
  Context context;
  fill_random(context.trace_id);
  fill_random(context.span_id);
  context.sampled = sampled;
  return context;
}

std::optional<Context> parse_traceparent(std::string_view header) {
  // version "-" trace-id "-" parent-id "-" trace-flags: 2, 32, 16 and 2 digits
  constexpr std::size_t kLength = 55;
  if (header.size() < kLength) return std::nullopt;
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  Context context;
  if (!read_hex(header.substr(0, 2), version) || version[0] == 0xFF) return std::nullopt;
  if (version[0] == 0 && header.size() != kLength) return std::nullopt;
  if (header.size() > kLength && header[kLength] != '-') return std::nullopt;
  if (!read_hex(header.substr(3, 32), context.trace_id) || all_zero(context.trace_id) ||
      !read_hex(header.substr(36, 16), context.span_id) || all_zero(context.span_id) ||
      !read_hex(header.substr(53, 2), flags)) {
    return std::nullopt;
  }
  context.sampled = (flags[0] & 1) != 0;
  return context;
}

}  // namespace respring::trace
