# Writes OUT, which defines the functions NAMESPACE::NAME() for the text files INPUTS (NAME=FILE …). Run
# with cmake -P; the binary carries these files and needs none of them at run time.
file(WRITE ${OUT}.new "// Made by cmake/embed.cmake.\n#include <string_view>\n\nnamespace ${NAMESPACE} {\n")
foreach(input IN LISTS INPUTS)
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${input}")
  file(READ "${CMAKE_MATCH_2}" text)
  file(APPEND ${OUT}.new "std::string_view ${CMAKE_MATCH_1}() {\n  return R\"~~~(${text})~~~\";\n}\n")
endforeach()
file(APPEND ${OUT}.new "}  // namespace ${NAMESPACE}\n")
file(RENAME ${OUT}.new ${OUT})
