# TypeScript over loadtest/k6; run with cmake -P.
include(${ROOT}/cmake/npm_ci.cmake)
execute_process(COMMAND node node_modules/typescript/bin/tsc WORKING_DIRECTORY ${WEB} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "tsc finds faults in ${WEB}")
endif()
