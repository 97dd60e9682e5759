#pragma once

#include "async/pool.h"
#include "async/task.h"
#include "base/result.h"
#include "base/secret.h"
#include "services/user/settings.h"

namespace respring::user {

/// Argon2id (RFC 9106) on a bounded pool, so that a flood of log-ins waits for itself and not for
/// chat. `overloaded` when the pool's queue is full. Passwords are given in NFC. Any thread.
class Passwords {
 public:
  /// Makes one hash at once (tens of milliseconds), to be verified in place of an unknown user's.
  Passwords(async::BlockingPool& pool, PasswordCost cost);

  Task<Result<Secret<std::string>>> hash(Secret<std::string> password) const;
  Task<Result<bool>> verify(Secret<std::string> hash, Secret<std::string> password) const;
  /// Takes as long as verify() and is never true: nobody can tell by the clock who exists.
  Task<Result<bool>> verify_nobody(Secret<std::string> password) const;

 private:
  async::BlockingPool& pool_;
  PasswordCost cost_;
  Secret<std::string> nobody_;
};

}  // namespace respring::user
