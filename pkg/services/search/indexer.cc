#include "services/search/indexer.h"

#include "async/run.h"
#include "chat/codec.h"

namespace respring::search {
namespace {

/// The target of an edit or a deletion as it is now; nothing when its room is closed.
Result<std::optional<chat::Message>> current(chat::RoomLog& log, asio::any_io_executor executor,
                                             RoomId room, Seq seq) {
  auto page = async::block_on(executor, log.log_for_node(room, seq - 1, 1));
  if (!page && page.error().code == ErrorCode::not_found) return std::optional<chat::Message>();
  if (!page) return std::move(page).error();
  if (page.value().events.empty()) return std::optional<chat::Message>();
  auto* sent = std::get_if<chat::Sent>(&page.value().events.front().body);
  return sent ? std::optional(std::move(sent->message)) : std::nullopt;
}

Seq changed_message(const chat::Event& event) {
  if (const auto* edited = std::get_if<chat::Edited>(&event.body)) return edited->target;
  if (const auto* deleted = std::get_if<chat::Deleted>(&event.body)) return deleted->target;
  return 0;
}

}  // namespace

chat::SearchDocument document_of(const chat::Message& message) {
  chat::SearchDocument document{message.room, message.seq, message.sender, message.created_at};
  document.version = message.version;
  document.text = message.text;
  return document;
}

Result<void> index_events(const std::vector<chat::BusRecord>& records, chat::SearchIndex& index,
                          chat::RoomLog& log, asio::any_io_executor executor) {
  std::vector<chat::SearchDocument> documents;
  for (const chat::BusRecord& record : records) {
    RESPRING_TRY(const chat::Event event, chat::event_from_json(record.value));
    if (const auto* sent = std::get_if<chat::Sent>(&event.body)) {
      documents.push_back(document_of(sent->message));
    } else if (const Seq target = changed_message(event)) {
      RESPRING_TRY(const auto message, current(log, executor, event.room, target));
      if (message) documents.push_back(document_of(*message));
    }
  }
  if (documents.empty()) return success();
  return index.write(documents);
}

}  // namespace respring::search
