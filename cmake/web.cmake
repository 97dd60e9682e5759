# The web client becomes part of the binary: npm builds it, web/scripts/pack.mjs puts its files into one,
# and the assembler takes that as it is. A change in web/ makes one object anew and links.
option(RESPRING_WEB "build the web client (needs node and npm) into the binary" ON)

set(web_source ${PROJECT_SOURCE_DIR}/web)
set(web_pack ${PROJECT_BINARY_DIR}/web.pack)
set(web_assembly ${PROJECT_BINARY_DIR}/web_pack.S)

if(RESPRING_WEB)
  find_program(RESPRING_NPM npm)
  find_program(RESPRING_NODE NAMES node nodejs)
  if(NOT RESPRING_NPM OR NOT RESPRING_NODE)
    message(FATAL_ERROR "the web client needs node (18.18 or newer) and npm: scripts/install-deps installs "
      "them; or build without it: cmake --preset release -DRESPRING_WEB=OFF")
  endif()
  file(GLOB_RECURSE web_inputs CONFIGURE_DEPENDS ${web_source}/src/* ${web_source}/public/*)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/web.installed
    COMMAND ${CMAKE_COMMAND} -DNPM=${RESPRING_NPM} -DWEB=${web_source} -P ${PROJECT_SOURCE_DIR}/cmake/npm_ci.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/web.installed
    DEPENDS ${web_source}/package.json ${web_source}/package-lock.json ${web_source}/.npmrc
    COMMENT "Installing the web client's packages (the first time takes a minute)"
    VERBATIM)
  add_custom_command(
    OUTPUT ${web_pack}
    COMMAND ${RESPRING_NODE} node_modules/vite/bin/vite.js build --logLevel warn --outDir ${PROJECT_BINARY_DIR}/web --emptyOutDir
    COMMAND ${RESPRING_NODE} scripts/pack.mjs ${PROJECT_BINARY_DIR}/web ${web_pack}
    WORKING_DIRECTORY ${web_source}
    DEPENDS ${PROJECT_BINARY_DIR}/web.installed ${web_inputs} ${web_source}/index.html ${web_source}/vite.config.ts
            ${web_source}/scripts/pack.mjs
    COMMENT "Building the web client"
    VERBATIM)
else()
  file(WRITE ${web_pack} "")
endif()

file(CONFIGURE OUTPUT ${web_assembly} CONTENT [[
.section .rodata
.global respring_web_pack
.global respring_web_pack_end
.balign 16
respring_web_pack:
.incbin "@web_pack@"
respring_web_pack_end:
.byte 0
.section .note.GNU-stack,"",%progbits
]] @ONLY)
set_source_files_properties(${web_assembly} PROPERTIES OBJECT_DEPENDS ${web_pack} SKIP_PRECOMPILE_HEADERS ON)
add_library(respring_web OBJECT ${web_assembly})
