#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/time.h"
#include "sql/error.h"

namespace respring::sql {

/// Bytes, to tell them from text.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement as a driver implements it. Parameters are numbered from 1, columns from 0.
/// Bound values are copied. Belongs to its connection and is used by one thread at a time.
class Statement {
 public:
  virtual ~Statement() = default;
  virtual void bind_null(int index) = 0;
  virtual void bind_int64(int index, std::int64_t value) = 0;
  virtual void bind_double(int index, double value) = 0;
  virtual void bind_text(int index, std::string_view value) = 0;
  virtual void bind_blob(int index, std::string_view value) = 0;

  /// Goes to the first or next row; false when there is none (any more).
  virtual Result<bool> step() = 0;
  /// Ends the execution and frees what it holds.
  virtual void reset() noexcept = 0;

  virtual bool is_null(int column) const = 0;
  virtual std::int64_t int64(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;  ///< text or blob, until the next step
};

// How our types are bound; Time is milliseconds, Uuid 16 bytes.
inline void bind_value(Statement& s, int i, std::nullptr_t) { s.bind_null(i); }
inline void bind_value(Statement& s, int i, double v) { s.bind_double(i, v); }
inline void bind_value(Statement& s, int i, std::string_view v) { s.bind_text(i, v); }
inline void bind_value(Statement& s, int i, Blob v) { s.bind_blob(i, v.bytes); }
inline void bind_value(Statement& s, int i, Time v) { s.bind_int64(i, to_ms(v)); }
inline void bind_value(Statement& s, int i, const Uuid& v) {
  s.bind_blob(i, {reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size()});
}
template <std::integral T>
void bind_value(Statement& s, int i, T v) {
  s.bind_int64(i, static_cast<std::int64_t>(v));
}
template <class Tag>
void bind_value(Statement& s, int i, Id<Tag> v) {
  s.bind_int64(i, v.value);
}
template <class T>
void bind_value(Statement& s, int i, const std::optional<T>& v) {
  if (v) {
    bind_value(s, i, *v);
  } else {
    s.bind_null(i);
  }
}

/// Binds values one after the other from `index` on; the index behind them.
template <class... Args>
int bind_values(Statement& s, int index, const Args&... args) {
  (bind_value(s, index++, args), ...);
  return index;
}

/// The rows of a query, one after the other. The statement is free again when this is destroyed.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(&statement) {}
  ~Rows() {
    if (statement_ != nullptr) statement_->reset();
  }
  Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
  }

  /// Goes to the first or next row.
  Result<bool> next() { return statement_->step(); }

  bool is_null(int column) const { return statement_->is_null(column); }
  std::int64_t int64(int column) const { return statement_->int64(column); }
  double real(int column) const { return statement_->real(column); }
  std::string text(int column) const { return std::string(statement_->bytes(column)); }
  std::string_view view(int column) const { return statement_->bytes(column); }
  Time time(int column) const { return from_ms(int64(column)); }
  template <class AnyId>
  AnyId id(int column) const {
    return AnyId{int64(column)};
  }
  Uuid uuid(int column) const;  ///< zero when it is not 16 bytes
  std::optional<std::int64_t> maybe_int64(int column) const;
  std::optional<std::string> maybe_text(int column) const;
  std::optional<Time> maybe_time(int column) const;

 private:
  Statement* statement_;
};

}  // namespace respring::sql
