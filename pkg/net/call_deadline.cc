#include "net/call_deadline.h"

#include <algorithm>
#include <charconv>

namespace respring::net {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// More is as good as none, and keeps sums of times far from their ends.
constexpr milliseconds kLongest = std::chrono::hours(1);

}  // namespace

milliseconds left_until(Deadline deadline) {
  const auto now = Steady::now();
  if (deadline <= now) return milliseconds(0);
  if (deadline - now >= kLongest) return kLongest;
  return std::chrono::ceil<milliseconds>(deadline - now);
}

/// The earlier of the server's deadline and the caller's.
Result<Deadline> deadline_of(const Request& request) {
  const auto header = request.headers.find(kDeadlineHeader);
  if (!header) return request.deadline;
  std::int64_t ms = 0;
  const char* end = header->data() + header->size();
  const auto read = std::from_chars(header->data(), end, ms);
  if (read.ec != std::errc() || read.ptr != end || ms < 0)
    return invalid("the deadline is not a number of milliseconds");
  return std::min(request.deadline, Steady::now() + std::min(milliseconds(ms), kLongest));
}

}  // namespace respring::net
