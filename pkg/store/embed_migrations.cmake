# Writes ${OUT}: built_in_migrations() with the texts of ${FILES}, whose names are
# <root>/migrations/<database>/<version>_<what>.sql. Run as a script at build time.
set(entries "")
foreach(file IN LISTS FILES)
  file(READ "${file}" text)
  get_filename_component(name "${file}" NAME_WE)
  get_filename_component(folder "${file}" DIRECTORY)
  get_filename_component(database "${folder}" NAME)
  string(REGEX MATCH "^[0-9]+" version "${name}")
  string(REGEX REPLACE "^0+" "" version "${version}")
  string(APPEND entries "    add(\"${database}\", {${version}, \"${name}\", R\"sql(${text})sql\"});\n")
endforeach()
file(WRITE "${OUT}" "// Made from migrations/ by pkg/store/embed_migrations.cmake.
#include \"store/migrations.h\"

#include <map>

namespace respring::store {

const MigrationSet& built_in_migrations(std::string_view database) {
  static const auto kSets = [] {
    std::map<std::string, MigrationSet, std::less<>> sets;
    const auto add = [&sets](const char* name, MigrationFile file) {
      sets[name].database = name;
      sets[name].files.push_back(std::move(file));
    };
${entries}    return sets;
  }();
  static const MigrationSet kNone;
  const auto found = kSets.find(database);
  return found == kSets.end() ? kNone : found->second;
}

}  // namespace respring::store
")
