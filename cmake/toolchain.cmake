# Compiler cache, fast linker, warnings and sanitizers: the same for every target.
find_program(RESPRING_CCACHE ccache)
if(RESPRING_CCACHE)
  # The precompiled headers make ccache look at fewer things; these are the ones it must not ask for.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${RESPRING_CCACHE})
endif()

find_program(RESPRING_MOLD mold)
if(RESPRING_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(RESPRING_SANITIZE "" CACHE STRING "address,undefined or thread")
if(RESPRING_SANITIZE)
  add_compile_options(-fsanitize=${RESPRING_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RESPRING_SANITIZE})
  if(RESPRING_SANITIZE MATCHES thread)
    add_compile_options(-Wno-tsan)  # Asio's fences, which ThreadSanitizer does not model
  endif()
  # GCC's manual: with a sanitizer on, this warning is often wrong (variants and optionals that are moved).
  set(RESPRING_QUIET -Wno-maybe-uninitialized)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fpch-preprocess)
# GCC 12 takes the operators new and delete of a coroutine's frame for a mismatch (bug 109224).
add_compile_options(-Wno-mismatched-new-delete ${RESPRING_QUIET})
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
