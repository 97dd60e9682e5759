#pragma once

#include "chat/commands.h"
#include "chat/room_rules.h"
#include "store/batch.h"

namespace respring::store {

/// Carries out one request inside the batch's transaction: the rules of chat/room_rules.h over the
/// rows of the shard.
Step<chat::Written> carry_out(Batch& batch, const RoomKey& key, const chat::Write& write);

// One per command, in command_messages.cc and command_rooms.cc.
using Outcome = Step<chat::Written>;
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Create& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Send& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Edit& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Delete& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::React& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Read& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::SetMember& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::RemoveMember& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Retitle& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Close& command);
Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::SetBlock& command);

/// What the rules need to know of a room.
inline chat::RoomFacts facts_of(const RoomRow& room) { return {room.kind, room.block_count > 0}; }

/// A change that is not a message: takes the next seq, is kept and published.
sql::Result<void> log_change(Batch& batch, const RoomKey& key, RoomRow& room, UserId actor,
                             chat::EventBody body, chat::Written& written);

}  // namespace respring::store
