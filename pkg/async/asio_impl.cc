// Boost.Asio's own code, compiled once for the whole program.
#include "async/asio.h"

#include <boost/asio/impl/src.hpp>
