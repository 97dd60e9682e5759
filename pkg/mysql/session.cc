#include "mysql/session.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <mysql_driver.h>

#include <string_view>

#include "mysql/failure.h"

namespace respring::mysql {
namespace {

class ThreadOfLibrary {
 public:
  ThreadOfLibrary() { ::sql::mysql::get_driver_instance()->threadInit(); }
  ~ThreadOfLibrary() { ::sql::mysql::get_driver_instance()->threadEnd(); }
  ThreadOfLibrary(const ThreadOfLibrary&) = delete;
  ThreadOfLibrary& operator=(const ThreadOfLibrary&) = delete;
};

::sql::ConnectOptionsMap properties_of(const Options& options) {
  ::sql::ConnectOptionsMap map;
  const auto text = [&map](const char* name, const std::string& value) {
    map[name] = ::sql::SQLString(value);
  };
  const auto seconds = [&map](const char* name, std::chrono::seconds value) {
    map[name] = static_cast<int>(value.count());
  };
  const bool ipv6 = options.host.find(':') != std::string::npos;
  // TCP always: a plain `localhost` may mean a socket file of the library's own choice.
  text("hostName", "tcp://" + (ipv6 ? "[" + options.host + "]" : options.host));
  map["port"] = static_cast<int>(options.port);
  text("userName", options.user);
  text("password", options.password.reveal());
  text("schema", options.database);
  text("OPT_CHARSET_NAME", "utf8mb4");
  seconds("OPT_CONNECT_TIMEOUT", options.connect_timeout);
  seconds("OPT_READ_TIMEOUT", options.answer_timeout);
  seconds("OPT_WRITE_TIMEOUT", options.answer_timeout);
  // The server must not be able to ask for files of this machine.
  map["OPT_LOCAL_INFILE"] = 0;
  // An UPDATE counts the rows it met, changed or not.
  map["CLIENT_FOUND_ROWS"] = true;
  if (options.tls != Tls::disabled) map["sslEnforce"] = true;
  if (options.tls == Tls::verify_identity) map["sslVerify"] = true;
  if (!options.ca.empty()) text("sslCA", options.ca);
  return map;
}

}  // namespace

void enter_thread() { thread_local const ThreadOfLibrary kThread; }

sql::Failure failure_of(const ::sql::SQLException& thrown) {
  return failure_of(thrown.getErrorCode(), std::string_view(thrown.what()));
}

sql::Result<std::unique_ptr<::sql::Connection>> log_in(const Options& options) {
  enter_thread();
  try {
    auto properties = properties_of(options);
    return std::unique_ptr<::sql::Connection>(
        ::sql::mysql::get_driver_instance()->connect(properties));
  } catch (const ::sql::SQLException& thrown) {
    return connect_failure(thrown.getErrorCode(), thrown.what(), options);
  } catch (const std::exception& thrown) {
    return sql::Failure{sql::Errc::other, thrown.what()};
  }
}

}  // namespace respring::mysql
