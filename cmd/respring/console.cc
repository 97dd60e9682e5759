#include "respring/console.h"

#include <cstdlib>
#include <ostream>

#include "base/yaml.h"

namespace respring::cmd {
namespace {

bool colour_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");  // tidy: allow(getenv): no-color.org
  return no_colour == nullptr || *no_colour == '\0';
}

/// Where a failure of the API's kind leaves the process.
Exit exit_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::upstream_unavailable:
      return Exit::unreachable;
    case ErrorCode::conflict:
      return Exit::refused;
    default:
      return Exit::failed;
  }
}

}  // namespace

Console::Console(Common common, std::ostream& out, std::ostream& err, bool out_terminal,
                 bool err_terminal)
    : common_(std::move(common)),
      out_(out),
      err_(err),
      err_terminal_(err_terminal),
      colour_(out_terminal && colour_wanted()) {}

void Console::print_structured(const json::Value& data) {
  json::Object with_version = {{"schema_version", kSchemaVersion}};
  if (const auto* object = data.as_object()) {
    with_version.insert(with_version.end(), object->begin(), object->end());
  } else {
    with_version.emplace_back("value", data);
  }
  const json::Value value(std::move(with_version));
  out_ << (common_.output == Output::json ? json::dump_pretty(value) + "\n" : to_yaml(value));
}

void Console::print(const json::Value& data, std::string_view human) {
  if (common_.output != Output::table) return print_structured(data);
  out_ << human;
  if (!human.empty() && human.back() != '\n') out_ << '\n';
}

void Console::print(const json::Value& data, const Table& human) {
  print(data, render_table(human));
}

void Console::print_text(std::string_view text) {
  out_ << text;
  if (!text.empty() && text.back() != '\n') out_ << '\n';
}

void Console::note(std::string_view line) {
  if (!common_.quiet) err_ << line << '\n' << std::flush;
}

Exit Console::fail(Exit exit, std::string_view code, std::string_view message,
                   std::string_view hint, json::Array details) {
  if (common_.output == Output::table) {
    const bool red = err_terminal_ && colour_wanted();
    err_ << (red ? "\x1b[31m" : "") << (exit == Exit::refused ? "refused:" : "error:")
         << (red ? "\x1b[0m " : " ") << message << '\n';
    if (!hint.empty()) err_ << "  " << hint << '\n';
  } else {
    json::Object error = {{"code", std::string(code)},
                          {"message", std::string(message)},
                          {"exit", static_cast<int>(exit)}};
    if (!hint.empty()) error.emplace_back("hint", std::string(hint));
    if (!details.empty()) error.emplace_back("details", std::move(details));
    const json::Value value(
        json::Object{{"schema_version", kSchemaVersion}, {"error", std::move(error)}});
    err_ << (common_.output == Output::json ? json::dump(value) + "\n" : to_yaml(value));
  }
  err_ << std::flush;
  return exit;
}

Exit Console::fail(Exit exit, std::string_view code, std::string_view message,
                   std::string_view hint) {
  return fail(exit, code, message, hint, {});
}

Exit Console::fail(const Error& error) {
  std::string message = error.detail.empty() ? std::string(name_of(error.code)) : error.detail;
  for (const FieldError& field : error.fields)
    message += " (" + field.field + ": " + field.code + ")";
  return fail(exit_of(error.code), name_of(error.code), message,
              "respring help " + std::string(name_of(error.code)));
}

}  // namespace respring::cmd
