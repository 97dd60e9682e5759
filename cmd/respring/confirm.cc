#include "respring/confirm.h"

namespace respring::cmd {
namespace {

/// One line, however long; nothing at the end of the input.
std::string answer(std::istream& in) {
  std::string line;
  std::getline(in, line);
  return line;
}

Exit declined(Console& console) {
  console.note(console.korean() ? "취소했습니다. 바뀐 것은 없습니다." : "Nothing was changed.");
  return Exit::refused;
}

}  // namespace

Exit ask(Console& console, std::istream& in, const Consent& consent, const std::string& question) {
  if (consent.yes) return Exit::ok;
  if (!console.interactive()) {
    return console.fail(Exit::refused, "confirm.needed", question,
                        "nothing was changed; answer with --yes");
  }
  console.note(question + " [y/N] ");
  const std::string word = answer(in);
  return word == "y" || word == "Y" || word == "yes" ? Exit::ok : declined(console);
}

Exit ask_name(Console& console, std::istream& in, const Consent& consent,
              const std::string& question, const std::string& name) {
  if (consent.confirm) {
    if (*consent.confirm == name) return Exit::ok;
    return console.fail(Exit::refused, "confirm.wrong", "--confirm does not name '" + name + "'",
                        "nothing was changed");
  }
  if (!console.interactive()) {
    return console.fail(Exit::refused, "confirm.needed", question,
                        "nothing was changed; answer with --confirm=" + name);
  }
  console.note(question + "\n  type " + name + " to go on: ");
  return answer(in) == name ? Exit::ok : declined(console);
}

}  // namespace respring::cmd
