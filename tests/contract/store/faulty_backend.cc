#include "faulty_backend.h"

namespace respring::store {
namespace {

bool take_one(std::atomic<int>& count) {
  int left = count.load();
  while (left > 0 && !count.compare_exchange_weak(left, left - 1)) {
  }
  return left > 0;
}

class FaultyConnection final : public sql::Connection {
 public:
  FaultyConnection(std::unique_ptr<sql::Connection> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}

  sql::Result<sql::Statement*> prepare(std::string_view text) override {
    if (text.starts_with("INSERT INTO message") && take_one(faults_.full_disks))
      return sql::Failure{sql::Errc::disk_full, "the disk is full; nothing was stored"};
    return inner_->prepare(text);
  }
  sql::Result<void> execute(std::string_view text) override { return inner_->execute(text); }
  sql::Result<void> begin(sql::Begin mode) override {
    if (faults_.unreachable) {
      usable_ = false;
      return sql::Failure{sql::Errc::unavailable, "nobody answers"};
    }
    if (mode == sql::Begin::write && take_one(faults_.refuse_begins))
      return sql::Failure{sql::Errc::busy, "locked"};
    return inner_->begin(mode);
  }
  sql::Result<void> commit() override {
    if (take_one(faults_.lose_commit_answers)) {
      EXPECT_TRUE(inner_->commit());
      if (faults_.gone_after_commit.exchange(false)) faults_.unreachable = true;
      return broken();
    }
    if (take_one(faults_.lose_commits)) {
      inner_->rollback();
      return broken();
    }
    return inner_->commit();
  }
  void rollback() noexcept override { inner_->rollback(); }
  std::int64_t changes() const override { return inner_->changes(); }
  std::int64_t last_insert_id() const override { return inner_->last_insert_id(); }
  bool usable() const override { return usable_ && inner_->usable(); }
  bool check() noexcept override { return usable_ && inner_->check(); }
  std::string session() const override { return inner_->session(); }
  sql::Result<void> end_session(std::string_view name) override {
    return inner_->end_session(name);
  }
  sql::Result<void> lock(std::string_view name, std::chrono::seconds wait) override {
    return inner_->lock(name, wait);
  }
  void unlock(std::string_view name) noexcept override { inner_->unlock(name); }
  const sql::Dialect& dialect() const override { return inner_->dialect(); }
  sql::Result<std::vector<sql::SchemaObject>> schema() override { return inner_->schema(); }
  sql::Result<bool> has_table(std::string_view name) override { return inner_->has_table(name); }
  sql::Result<std::int64_t> bytes() override { return inner_->bytes(); }

 private:
  sql::Failure broken() {
    usable_ = false;
    return {sql::Errc::commit_unknown, "the connection was cut"};
  }

  std::unique_ptr<sql::Connection> inner_;
  Faults& faults_;
  bool usable_ = true;
};

}  // namespace

sql::Connect FaultyBackend::database(const std::string& name) {
  if (!faults_.only.empty() && name != faults_.only) return inner_.database(name);
  return [connect = inner_.database(name),
          &faults = faults_]() -> sql::Result<std::unique_ptr<sql::Connection>> {
    if (faults.unreachable) return sql::Failure{sql::Errc::unavailable, "nobody answers"};
    RESPRING_TRY(auto inner, connect());
    return std::unique_ptr<sql::Connection>(
        std::make_unique<FaultyConnection>(std::move(inner), faults));
  };
}

}  // namespace respring::store
