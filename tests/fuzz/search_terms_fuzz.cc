// Any two lines, a query and a text: never a crash; the forms of text are stable; what matches is
// among what the index's terms find; highlights lie in the text, in order and apart.

#include <string>
#include <string_view>

#include "chat/hangul.h"
#include "chat/search_match.h"
#include "chat/search_terms.h"
#include "chat/text.h"
#include "chat/utf8.h"
#include "fuzz.h"
#include "unit/chat/terms_hold.h"

namespace {

using namespace respring::chat;

void check_forms(std::string_view text) {
  const std::string composed = nfc(text);
  require(is_valid_utf8(composed) && nfc(composed) == composed);
  require(fold(composed) == fold(text));
  require(initials(text) == initials(composed));
  if (const auto name = checked_name("f", text, 50); name.has_value())
    require(checked_name("f", name.value(), 50).value() == name.value());
  if (const auto message = checked_message_text("f", text); message.has_value())
    require(checked_message_text("f", message.value()).value() == message.value());
  if (is_one_emoji(text)) require(!is_one_emoji(std::string(text) + std::string(text)));
}

void check_search(std::string_view query, std::string_view text) {
  const auto search = parse_search(query);
  if (!search) return;
  const auto conditions = query_terms(search.value());
  require(conditions.empty() == search.value().empty());
  const auto found = match(text, search.value());
  if (!found) return;
  require(respring::testing::terms_hold(index_terms(text), conditions));
  std::size_t behind = 0;
  for (const auto& [start, length] : found->highlights) {
    require(length > 0 && (behind == 0 || start > behind));
    behind = start + length;
  }
  require(behind > 0 && behind <= to_code_points(text).size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view query = input.substr(0, line);
  const std::string_view text = line == input.npos ? input : input.substr(line + 1);
  check_forms(query);
  check_forms(text);
  check_search(query, text);
  check_search(text, query);
  return 0;
}
