#include "respring/password_file.h"

#include <fstream>

#include "chat/limits.h"

namespace respring::cmd {
namespace {

constexpr std::size_t kMostBytes = 4 * chat::kMaxPasswordCodePoints + 2;

Result<Secret<std::string>> first_line(std::istream& in, const std::string& name) {
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return invalid(name + " cannot be read");
  if (text.size() > kMostBytes) return invalid(name + " is longer than a password may be");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.find('\n') != std::string::npos) return invalid(name + " holds more than one line");
  if (text.empty()) return invalid(name + " is empty");
  return Secret<std::string>(std::move(text));
}

}  // namespace

Result<Secret<std::string>> read_password(const std::string& file, std::istream& in) {
  if (file == "-") return first_line(in, "standard input");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return invalid(file + " cannot be opened");
  return first_line(stream, file);
}

}  // namespace respring::cmd
