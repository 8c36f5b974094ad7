# SPDX-License-Identifier: Apache-2.0
# Compiler options shared by all of the project's own targets: target weft_options.
add_library(weft_options INTERFACE)
target_include_directories(weft_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/gen)
target_compile_options(weft_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns falsely inside libstdc++ at -O2 with sanitizers.
  target_compile_options(weft_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
else()
  # Expected texts are written from the next line on: R"(…)" + 1.
  target_compile_options(weft_options INTERFACE -Wno-string-plus-int)
  # In clang-tidy's place: it looks at every name of the standard library for this.
  target_compile_options(weft_options INTERFACE -Werror=reserved-identifier -Werror=reserved-macro-identifier)
endif()
if(WEFT_SANITIZE)
  target_compile_options(weft_options INTERFACE -fsanitize=${WEFT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(weft_options INTERFACE -fsanitize=${WEFT_SANITIZE})
endif()
if(WEFT_FUZZ)
  target_compile_options(weft_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(WEFT_COVERAGE)
  target_compile_options(weft_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(weft_options INTERFACE -fprofile-instr-generate)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # Without this word ccache keeps away from precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
