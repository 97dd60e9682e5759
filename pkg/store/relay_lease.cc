#include "store/relay_lease.h"

#include <utility>

namespace respring::store {

sql::Result<bool> RelayLease::hold(sql::Connection& db) {
  if (held_) {
    if (options_.alone || options_.now() - renewed_at_ < pulse()) return true;
    RESPRING_TRY(const bool renewed, renew(db));
    if (renewed) return true;
  }
  RESPRING_TRY(const Row row, look(db));
  if (!is_free(row)) return false;
  return take(db, row);
}

void RelayLease::release(sql::Connection& db) {
  if (!std::exchange(held_, false)) return;
  (void)db.run("UPDATE relay_lease SET holder='' WHERE name='outbox' AND fence=?", fence_);
}

sql::Result<bool> RelayLease::renew(sql::Connection& db) {
  const auto asked_at = options_.now();
  RESPRING_TRY(
      const std::int64_t met,
      db.run("UPDATE relay_lease SET beat=beat+1 WHERE name='outbox' AND fence=?", fence_));
  held_ = met == 1;
  if (held_) renewed_at_ = asked_at;
  return held_;
}

sql::Result<RelayLease::Row> RelayLease::look(sql::Connection& db) {
  {
    RESPRING_TRY(auto rows,
                 db.query("SELECT holder, fence, beat FROM relay_lease WHERE name='outbox'"));
    RESPRING_TRY(const bool found, rows.next());
    if (found) return Row{rows.text(0), rows.int64(1), rows.int64(2)};
  }
  RESPRING_TRYV(
      db.run("INSERT INTO relay_lease (name, holder, fence, beat) VALUES ('outbox','',0,0)" +
             db.dialect().on_conflict_keep({"name"})));
  return Row{};
}

// Free: nobody's, or its holder's number stood still for the lease's life while this looked on.
bool RelayLease::is_free(const Row& row) {
  if (options_.alone || row.holder.empty()) return true;
  if (row.fence != seen_fence_ || row.beat != seen_beat_) {
    seen_fence_ = row.fence;
    seen_beat_ = row.beat;
    seen_at_ = options_.now();
  }
  return options_.now() - seen_at_ >= options_.life;
}

// One of several that find it free gets it: whoever still finds what it has seen.
sql::Result<bool> RelayLease::take(sql::Connection& db, const Row& row) {
  const auto asked_at = options_.now();
  RESPRING_TRY(const std::int64_t met,
               db.run("UPDATE relay_lease SET holder=?, fence=fence+1, beat=0 WHERE name='outbox' "
                      "AND fence=? AND beat=?",
                      options_.holder, row.fence, row.beat));
  if (met != 1) return false;
  held_ = true;
  fence_ = row.fence + 1;
  renewed_at_ = asked_at;
  return true;
}

}  // namespace respring::store
