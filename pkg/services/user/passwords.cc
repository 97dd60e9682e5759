#include "services/user/passwords.h"

#include <sodium.h>

#include <array>

#include "base/ids.h"

namespace respring::user {
namespace {

Result<Secret<std::string>> hash_now(const Secret<std::string>& password, PasswordCost cost) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const std::string& text = password.reveal();
  if (crypto_pwhash_str_alg(out.data(), text.data(), text.size(), cost.passes, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return overloaded("no memory to hash a password");
  }
  return Secret<std::string>(out.data());
}

/// A hash without a password that anybody knows.
Secret<std::string> hash_of_nobody(PasswordCost cost) {
  if (sodium_init() < 0) return Secret<std::string>{};
  auto made = hash_now(Secret<std::string>(random_token(32)), cost);
  return made ? std::move(made).assume_value() : Secret<std::string>{};
}

}  // namespace

Passwords::Passwords(async::BlockingPool& pool, PasswordCost cost)
    : pool_(pool), cost_(cost), nobody_(hash_of_nobody(cost)) {}

Task<Result<Secret<std::string>>> Passwords::hash(Secret<std::string> password) const {
  auto work = [password = std::move(password), cost = cost_] { return hash_now(password, cost); };
  co_return co_await pool_.run(std::move(work));
}

Task<Result<bool>> Passwords::verify(Secret<std::string> hash, Secret<std::string> password) const {
  auto work = [hash = std::move(hash), password = std::move(password)]() -> Result<bool> {
    const std::string& text = password.reveal();
    return crypto_pwhash_str_verify(hash.reveal().c_str(), text.data(), text.size()) == 0;
  };
  co_return co_await pool_.run(std::move(work));
}

Task<Result<bool>> Passwords::verify_nobody(Secret<std::string> password) const {
  RESPRING_CO_TRYV(co_await verify(nobody_, std::move(password)));
  co_return false;
}

}  // namespace respring::user
