#include "respring/shard/read_ahead.h"

namespace respring::cmd {

sql::Result<store::CopyChunk> ReadAhead::read(const shardmap::Move& move,
                                              const store::CopyPlace& place, int rows) {
  if (!source_ || !source_->usable()) {
    source_.reset();
    RESPRING_TRY(source_, open_(move.source));
  }
  return store::read_chunk(*source_, move, place, rows);
}

void ReadAhead::begin(const shardmap::Move& move, const store::CopyPlace& place, int rows) {
  if (!reader_) {
    reader_ = std::make_unique<async::BlockingPool>(
        async::BlockingPool::Options{.name = "read-ahead", .threads = 1, .queue_limit = 1});
  }
  auto answer = std::make_shared<std::promise<sql::Result<store::CopyChunk>>>();
  next_ = place;
  read_ = answer->get_future();
  reader_->try_post(
      [this, answer, move, place, rows] { answer->set_value(read(move, place, rows)); });
}

sql::Result<const store::CopyChunk*> ReadAhead::at(const shardmap::Move& move,
                                                   const store::CopyPlace& place, int rows) {
  if (!current_ || current_->from != place) {
    current_.reset();
    if (read_.valid() && next_ != place) read_.wait();
    if (!read_.valid() || next_ != place) begin(move, place, rows);
    RESPRING_TRY(current_, read_.get());
  }
  if (!read_.valid() && !current_->next.finished()) begin(move, current_->next, rows);
  return &*current_;
}

}  // namespace respring::cmd
