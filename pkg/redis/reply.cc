#include "redis/reply.h"

#include <hiredis/read.h>

#include <algorithm>
#include <new>

namespace respring::redis {
namespace {

constexpr int kMaxElements = 1'000'000;

Reply::Kind kind_of(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return Reply::Kind::status;
    case REDIS_REPLY_ERROR:
      return Reply::Kind::error;
    default:
      return Reply::Kind::text;
  }
}

// The parser lets us make its objects: the whole is one Reply on the heap, its parts lie in their
// array. It knows nothing of exceptions; nullptr tells it that memory is out.

Reply* place_of(const redisReadTask* task) {
  if (task->parent == nullptr) return new (std::nothrow) Reply;
  auto& elements = static_cast<Reply*>(task->parent->obj)->elements;
  return &elements[static_cast<std::size_t>(task->idx)];
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) noexcept {
  Reply* reply = place_of(task);
  if (reply == nullptr) return nullptr;
  reply->kind = kind_of(task->type);
  reply->text.assign(bytes, size);
  return reply;
}

void* make_array(const redisReadTask* task, int size) noexcept {
  if (size < 0 || size > kMaxElements) return nullptr;
  Reply* reply = place_of(task);
  if (reply == nullptr) return nullptr;
  reply->kind = Reply::Kind::array;
  reply->elements.resize(static_cast<std::size_t>(size));
  return reply;
}

void* make_integer(const redisReadTask* task, long long value) noexcept {
  Reply* reply = place_of(task);
  if (reply == nullptr) return nullptr;
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* make_nil(const redisReadTask* task) noexcept { return place_of(task); }

void free_reply(void* reply) noexcept { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions kMakers = {make_text, make_array, make_integer, make_nil, free_reply};

Error broken(std::string_view why) {
  return unavailable("Redis sent what is no reply: " + std::string(why));
}

}  // namespace

std::string_view Reply::error_code() const {
  const std::string_view all = text;
  return is_error() ? all.substr(0, all.find(' ')) : std::string_view();
}

struct ReplyReader::Impl {
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{
      redisReaderCreateWithFunctions(&kMakers), redisReaderFree};
  std::size_t max_bytes = 0;
};

ReplyReader::ReplyReader(std::size_t max_bytes) : impl_(std::make_unique<Impl>()) {
  impl_->max_bytes = max_bytes;
}
ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::feed(std::string_view bytes) {
  redisReader* reader = impl_->reader.get();
  if (reader == nullptr) return broken("no memory");
  if (redisReaderFeed(reader, bytes.data(), bytes.size()) != REDIS_OK)
    return broken(reader->errstr);
  if (reader->len - reader->pos > impl_->max_bytes + bytes.size()) return broken("it is too long");
  return success();
}

Result<std::optional<Reply>> ReplyReader::next() {
  redisReader* reader = impl_->reader.get();
  void* object = nullptr;
  if (redisReaderGetReply(reader, &object) != REDIS_OK) return broken(reader->errstr);
  if (object == nullptr) return std::optional<Reply>();
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
  return std::optional<Reply>(std::move(*reply));
}

}  // namespace respring::redis
