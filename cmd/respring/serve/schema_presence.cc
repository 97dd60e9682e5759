#include "respring/serve/schema_presence.h"

#include <pthread.h>

#include "store/migrations.h"

namespace respring::cmd {
namespace {

constexpr auto kEvery = std::chrono::seconds(20);  // a third of the time after which it counts dead

}  // namespace

SchemaPresence::SchemaPresence(std::vector<Used> databases, std::string node, const Clock& clock)
    : databases_(std::move(databases)),
      node_(std::move(node)),
      clock_(clock),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "schema-users");
}

SchemaPresence::~SchemaPresence() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

// What cannot be told now is told the next time. At the end a server that is away must not hold us
// up.
void SchemaPresence::run() {
  const auto tell = [this](const auto& what) {
    for (const Used& used : databases_) {
      const auto connection = used.connect();
      if (connection) static_cast<void>(what(*connection.value(), used));
      const std::lock_guard lock(mutex_);
      if (ending_ && !connection) return;
    }
  };
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    tell([this](sql::Connection& db, const Used& used) {
      return store::note_schema_user(db, store::built_in_migrations(used.set), node_, clock_.now());
    });
    lock.lock();
  } while (!ended_.wait_for(lock, kEvery, [this] { return ending_; }));
  lock.unlock();
  tell([this](sql::Connection& db, const Used&) { return store::forget_schema_user(db, node_); });
}

}  // namespace respring::cmd
