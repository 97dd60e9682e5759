#include "services/message/service.h"

#include "services/message/announce.h"

namespace respring::message {

void MessageService::submit(chat::Write write, Done done) {
  // The command is needed again after the commit, to know what to announce; texts are not.
  chat::Write told{write.room, write.actor, {}, write.deadline};
  if (std::holds_alternative<chat::Read>(write.command)) told.command = chat::Read{};
  if (std::holds_alternative<chat::Close>(write.command)) told.command = chat::Close{};
  log_.submit(std::move(write),
              [this, told = std::move(told), done = std::move(done)](Result<chat::Written> result) {
                if (result) announce(told, result.value(), pub_sub_);
                done(std::move(result));
              });
}

}  // namespace respring::message
