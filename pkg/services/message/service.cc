#include "services/message/service.h"

#include "services/message/announce.h"
#include "telemetry/metrics.h"
#include "telemetry/spans.h"

namespace respring::message {
namespace {

void count_send(const Result<chat::Written>& result) {
  static const auto stored = metrics::counter("respring_sends_total", {{"result", "stored"}});
  static const auto duplicate = metrics::counter("respring_sends_total", {{"result", "duplicate"}});
  static const auto refused = metrics::counter("respring_sends_total", {{"result", "refused"}});
  static const auto failed = metrics::counter("respring_sends_total", {{"result", "failed"}});
  if (!result) return outcome_unknown(result.error().code) ? failed.add() : refused.add();
  result.value().duplicate ? duplicate.add() : stored.add();
}

}  // namespace

void MessageService::tell_live_nodes(const chat::Write& write, const chat::Written& written) {
  const auto begun = spans::Clock::now();
  announce(write, written, pub_sub_, recent_);
  spans::record(write.trace, "announce", spans::Kind::producer, begun);
}

void MessageService::submit(chat::Write write, Done done) {
  // The command is needed again after the commit, to know what to announce; texts are not.
  chat::Write told{write.room, write.actor, {}, write.deadline};
  if (std::holds_alternative<chat::Read>(write.command)) told.command = chat::Read{};
  if (std::holds_alternative<chat::Close>(write.command)) told.command = chat::Close{};
  const bool is_send = std::holds_alternative<chat::Send>(write.command);
  told.trace = write.trace;
  auto tell = [this, is_send, told = std::move(told),
               done = std::move(done)](Result<chat::Written> result) {
    if (is_send) count_send(result);
    if (result) tell_live_nodes(told, result.value());
    done(std::move(result));
  };
  log_.submit(std::move(write), std::move(tell));
}

}  // namespace respring::message
