#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>

namespace respring {

/// A lazy coroutine: it runs when awaited, on the executor of whoever awaits it, and must not
/// block. GCC 12 destroys captures twice when a capturing lambda and co_await share one expression:
/// name the lambda first. Captures of a lambda that is itself a coroutine die with the lambda: pass
/// parameters.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace respring
