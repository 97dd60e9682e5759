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
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fpch-preprocess)
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
