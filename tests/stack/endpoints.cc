#include "stack/endpoints.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/json.h"

namespace respring::testing::stack {
namespace {

json::Value read(const std::filesystem::path& folder) {
  std::ifstream file(folder / "endpoints.json");
  std::ostringstream text;
  text << file.rdbuf();
  auto parsed = json::parse(file ? text.str() : "{}");
  if (!parsed) throw std::runtime_error((folder / "endpoints.json").string() + " is broken");
  return std::move(parsed).value();
}

[[noreturn]] void missing(const std::string& kind) {
  throw std::runtime_error("this test needs " + kind +
                           ", which does not run: `tests/stack/stack up " + kind + "` starts it");
}

SqlEndpoint sql_endpoint(const json::Value& value) {
  SqlEndpoint out;
  out.host = value.string_or("host");
  out.port = static_cast<std::uint16_t>(value.int_or("port"));
  out.user = value.string_or("user");
  out.password = value.string_or("password");
  out.ca = value.string_or("ca");
  out.other_ca = value.string_or("other_ca");
  return out;
}

std::vector<SqlEndpoint> sql_endpoints(const std::filesystem::path& folder,
                                       const std::string& kind) {
  const auto all = read(folder);
  const auto* servers = all.find(kind);
  if (servers == nullptr || servers->as_array() == nullptr || servers->as_array()->empty())
    missing(kind);
  std::vector<SqlEndpoint> out;
  for (const auto& server : *servers->as_array()) out.push_back(sql_endpoint(server));
  return out;
}

std::string text_of(const std::filesystem::path& folder, const std::string& kind,
                    const char* member) {
  const auto all = read(folder);
  const auto* server = all.find(kind);
  if (server == nullptr) missing(kind);
  return server->string_or(member);
}

/// Ours, with the folder of the private server instead of the shared one.
std::vector<std::string> environment(const std::filesystem::path& folder) {
  constexpr std::string_view kPrefix = "RESPRING_STACK_DIR=";
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(kPrefix)) out.emplace_back(*entry);
  }
  out.emplace_back(kPrefix).append(folder.string());
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int run(std::vector<std::string> arguments, std::vector<std::string> variables) {
  pid_t pid = 0;
  if (posix_spawn(&pid, arguments[0].c_str(), nullptr, nullptr, pointers(arguments).data(),
                  pointers(variables).data()) != 0)
    return -1;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Endpoints::Endpoints() {
  const char* folder = std::getenv("RESPRING_STACK_DIR");
  folder_ = folder != nullptr && *folder != '\0' ? folder : RESPRING_STACK_DEFAULT_DIR;
}

std::vector<SqlEndpoint> Endpoints::mysql() const { return sql_endpoints(folder_, "mysql"); }
SqlEndpoint Endpoints::mariadb() const { return sql_endpoints(folder_, "mariadb").front(); }
std::string Endpoints::redis_url() const { return text_of(folder_, "redis", "url"); }
std::string Endpoints::kafka_bootstrap() const { return text_of(folder_, "kafka", "bootstrap"); }
std::string Endpoints::search_url(const std::string& engine) const {
  return text_of(folder_, engine, "url");
}

S3Endpoint Endpoints::s3(const std::string& kind) const {
  const auto part = [&](const char* member) { return text_of(folder_, kind, member); };
  return {part("url"), part("bucket"), part("access_key"), part("secret_key")};
}

PrivateServer::PrivateServer(std::string name) : name_(std::move(name)) { start(); }

PrivateServer::~PrivateServer() {
  run({RESPRING_STACK_PROGRAM, "down", "--wipe", name_}, environment(folder_.path()));
}

void PrivateServer::tell(const std::string& verb) {
  if (run({RESPRING_STACK_PROGRAM, verb, name_}, environment(folder_.path())) != 0)
    throw std::runtime_error("stack " + verb + " " + name_ + " failed; see above");
}

}  // namespace respring::testing::stack
