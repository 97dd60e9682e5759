#include "net/request_figures.h"

#include <mutex>

namespace respring::net {

RequestFigures::Handles RequestFigures::find(const KeyView& key) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = handles_.find(key); found != handles_.end()) return found->second;
  }
  const std::unique_lock lock(mutex_);
  const auto& [route, method, status_class] = key;
  const std::string name(route);
  const Handles handles{metrics::counter(count_, {{"route", name},
                                                  {"method", std::string(name_of(method))},
                                                  {"status", std::to_string(status_class) + "xx"}}),
                        metrics::histogram(seconds_, {{"route", name}})};
  return handles_.emplace(Key(name, method, status_class), handles).first->second;
}

void RequestFigures::note(std::string_view route, Method method, int status,
                          std::chrono::steady_clock::duration took) {
  const Handles handles = find({route, method, status / 100});
  handles.count.add();
  handles.seconds.observe(std::chrono::duration<double>(took).count());
}

}  // namespace respring::net
