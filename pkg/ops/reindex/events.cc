#include "ops/reindex/events.h"

#include <set>

#include "chat/codec.h"

namespace respring::reindex {
namespace {

constexpr std::size_t kAtOnce = 1000;

/// The message that an event is about; 0: about none.
Seq message_of(const chat::Event& event) {
  if (const auto* sent = std::get_if<chat::Sent>(&event.body)) return sent->message.seq;
  if (const auto* edited = std::get_if<chat::Edited>(&event.body)) return edited->target;
  if (const auto* deleted = std::get_if<chat::Deleted>(&event.body)) return deleted->target;
  return 0;
}

}  // namespace

Result<bool> follow(Events& events, Source& source, chat::SearchIndex& index, Build& build,
                    const Positions& until, const BuildHooks& hooks) {
  while (!hooks.stopping()) {
    Positions from = build.events;
    RESPRING_TRY(const auto records, events.read(from, until, kAtOnce));
    std::set<std::pair<RoomId, Seq>> touched;
    for (const chat::BusRecord& record : records) {
      const auto event = chat::event_from_json(record.value);
      // What nobody can read is a dead letter of the servers' indexer, too.
      if (!event) continue;
      if (const Seq seq = message_of(event.value())) touched.emplace(event.value().room, seq);
    }
    std::vector<chat::SearchDocument> documents;
    for (const auto& [room, seq] : touched) {
      RESPRING_TRY(auto document, source.document(room, seq));
      if (document) documents.push_back(std::move(*document));
    }
    if (!documents.empty()) {
      RESPRING_TRYV(index.write(documents));
    }
    build.events = std::move(from);
    build.documents += static_cast<std::int64_t>(documents.size());
    hooks.on_progress(build);
    if (records.empty()) return true;
  }
  return false;
}

}  // namespace respring::reindex
