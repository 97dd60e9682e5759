#pragma once

#include <string>
#include <string_view>

/// Initial consonants (초성), by which Koreans look people up: ㅎㄱㄷ finds 홍길동. Pure; any
/// thread.
namespace respring::chat {

/// The key a name is found under: the initial consonant of each Hangul syllable as a compatibility
/// jamo (U+3131…), everything else case folded, without white space. 홍길동 무12Ab → ㅎㄱㄷㅁ12ab.
std::string initials(std::string_view text);

/// True when a query asks for initial consonants: consonants, maybe with letters or digits that are
/// no Hangul, and at least one consonant.
bool is_initials_query(std::string_view query);

/// Such a query in the form of initials(), so that it is a prefix of what it finds. Pairs that a
/// keyboard joins (ㄳ) are taken apart (ㄱㅅ), and conjoining jamo (U+1100…) count as well.
std::string initials_query(std::string_view query);

}  // namespace respring::chat
