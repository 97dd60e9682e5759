#include "respring/search/engine.h"

namespace respring::cmd {
namespace {

class EngineTarget final : public reindex::Target {
 public:
  explicit EngineTarget(elasticsearch::Options options)
      : index_(elasticsearch::make_search_index(std::move(options))) {}

  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    return index_->write(documents);
  }
  Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery query) override {
    return index_->search(std::move(query));
  }
  Result<std::int64_t> count(RoomId room) override { return index_->count(room); }
  Result<void> clear(RoomId room) override { return index_->clear(room); }
  Result<void> refresh() override { return index_->refresh(); }

  Result<std::vector<std::int64_t>> counts(const std::vector<reindex::Room>& rooms) override {
    std::vector<std::pair<RoomId, Seq>> wanted;
    for (const reindex::Room& room : rooms) wanted.emplace_back(room.place.room, room.last_seq);
    return index_->counts(wanted);
  }
  Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) override {
    RESPRING_TRY(auto found, index_->find(messages));
    std::vector<std::optional<Entry>> entries;
    for (auto& one : found) {
      auto& entry = entries.emplace_back();
      if (one) entry = Entry{one->version, std::move(one->text)};
    }
    return entries;
  }

 private:
  std::unique_ptr<elasticsearch::SearchIndex> index_;
};

reindex::Generation generation_of(const elasticsearch::Generation& one) {
  reindex::Generation generation;
  generation.number = one.number;
  generation.name = one.index;
  generation.serving = one.serving;
  generation.readable = one.readable;
  // What another version noted is as if nothing were.
  if (auto build = reindex::build_from(one.build)) generation.build = std::move(build).value();
  return generation;
}

}  // namespace

std::unique_ptr<reindex::Target> open_target(elasticsearch::Options options,
                                             std::optional<int> generation) {
  options.generation = generation;
  options.refresh = false;
  return std::make_unique<EngineTarget>(std::move(options));
}

Result<std::vector<reindex::Generation>> SearchEngine::list() {
  RESPRING_TRY(const auto found, generations_.list());
  std::vector<reindex::Generation> all;
  for (const auto& one : found) all.push_back(generation_of(one));
  return all;
}

Result<reindex::Generation> SearchEngine::create(const reindex::Build& build) {
  RESPRING_TRY(const auto made, generations_.create(reindex::to_json(build)));
  return generation_of(made);
}

Result<void> SearchEngine::note(int number, const reindex::Build& build) {
  return generations_.note(number, reindex::to_json(build));
}

}  // namespace respring::cmd
