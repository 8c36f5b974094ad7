# SPDX-License-Identifier: Apache-2.0
# Precompiled headers of the release, dev and tsan builds: what most sources include anyway. The
# other presets and clang-tidy do without, so that a missing #include is seen.
option(WEFT_PRECOMPILED "precompile the standard library's headers and GoogleTest's" OFF)

if(WEFT_PRECOMPILED AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # Without its time the header is the same whenever it is built, and ccache knows it again.
  # Clang warns of what libstdc++ itself deprecates, once that is precompiled.
  target_compile_options(weft_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp" -Wno-deprecated-declarations)
endif()

set(WEFT_CODE_HEADERS <algorithm> <array> <chrono> <cstdint> <cstring> <deque> <expected> <functional>
  <map> <memory> <mutex> <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(WEFT_TEST_HEADERS ${WEFT_CODE_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

# weft_precompiled(TARGET code|test): call after its compile options are set.
function(weft_precompiled target kind)
  if(NOT WEFT_PRECOMPILED)
    return()
  endif()
  set(owner weft_precompiled_${kind})
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/precompiled_${kind}.cpp CONTENT "")
    add_library(${owner} OBJECT ${CMAKE_BINARY_DIR}/gen/precompiled_${kind}.cpp)
    target_link_libraries(${owner} PRIVATE weft_options)
    if(kind STREQUAL test)
      target_link_libraries(${owner} PRIVATE GTest::gtest GTest::gmock)
      target_compile_options(${owner} PRIVATE ${WEFT_TEST_OPTIONS})
    endif()
    string(TOUPPER ${kind} KIND)
    target_precompile_headers(${owner} PRIVATE ${WEFT_${KIND}_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 12 forgets that precompiled headers are the system's, and warns falsely inside them.
    # -fpch-preprocess is for ccache.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -fpch-preprocess)
  endif()
endfunction()
