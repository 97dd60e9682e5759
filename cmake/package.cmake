# `cpack` (make deb): a Debian package of the binary with its unit, completions and man page.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

install(TARGETS respring RUNTIME DESTINATION bin)
install(FILES ${packaging}/respring.service DESTINATION lib/systemd/system)
install(FILES ${packaging}/sysusers.conf RENAME respring.conf DESTINATION lib/sysusers.d)
install(FILES ${packaging}/respring.yaml DESTINATION /etc/respring)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright DESTINATION share/doc/respring)
install(FILES ${PROJECT_SOURCE_DIR}/docs/operations.md ${PROJECT_SOURCE_DIR}/docs/configuration.md
  DESTINATION share/doc/respring)

# The binary writes these about itself.
set(written ${PROJECT_BINARY_DIR}/package)
set(completions "bash=respring.bash;zsh=_respring;fish=respring.fish")
set(commands "")
foreach(pair IN LISTS completions)
  string(REPLACE "=" ";" parts ${pair})
  list(GET parts 0 shell)
  list(GET parts 1 file)
  list(APPEND commands COMMAND $<TARGET_FILE:respring> completion ${shell} > ${written}/${file})
endforeach()
add_custom_target(package_files
  COMMAND ${CMAKE_COMMAND} -E make_directory ${written}
  ${commands}
  COMMAND ${Python3_EXECUTABLE} -B ${packaging}/man_page.py --binary $<TARGET_FILE:respring> --out ${written}/respring.1
  COMMAND gzip -9nf ${written}/respring.1
  DEPENDS respring VERBATIM)
install(FILES ${written}/respring.bash RENAME respring DESTINATION share/bash-completion/completions)
install(FILES ${written}/_respring DESTINATION share/zsh/vendor-completions)
install(FILES ${written}/respring.fish DESTINATION share/fish/vendor_completions.d)
install(FILES ${written}/respring.1.gz DESTINATION share/man/man1)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME respring)
set(CPACK_PACKAGE_CONTACT "The respring developers <respring@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "chat platform in one program")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm ${PROJECT_BINARY_DIR}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${PROJECT_BINARY_DIR}/conffiles "/etc/respring/respring.yaml\n")
include(CPack)
