# SPDX-License-Identifier: Apache-2.0
# Kernel programs: each bpf/prog/*.bpf.c is compiled on its own, `bpftool gen object`
# joins them, `gen skeleton` makes one header. Include dependencies come from -MD.
function(weft_bpf_skeleton target)
  find_program(BPF_CLANG NAMES clang-19 REQUIRED)
  find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin REQUIRED)
  file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/prog/*.bpf.c)
  set(out ${CMAKE_BINARY_DIR}/bpf)
  file(MAKE_DIRECTORY ${out} ${CMAKE_BINARY_DIR}/gen)
  set(objects "")
  foreach(program IN LISTS programs)
    get_filename_component(name ${program} NAME_WE)
    set(object ${out}/${name}.bpf.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -g -O2 -std=gnu11 -Wall -Wextra -Werror
        -Wno-unused-parameter -D__TARGET_ARCH_x86 -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -I${CMAKE_SOURCE_DIR} -I${CMAKE_BINARY_DIR}/gen
        -MD -MF ${object}.d -c ${program} -o ${object}
      DEPENDS ${program} DEPFILE ${object}.d COMMENT "BPF ${name}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(skeleton ${CMAKE_BINARY_DIR}/gen/weft.skel.h)
  add_custom_command(OUTPUT ${skeleton}
    COMMAND ${BPFTOOL} gen object ${out}/weft.linked.o ${objects}
    COMMAND ${BPFTOOL} gen skeleton ${out}/weft.linked.o name weft_bpf > ${skeleton}
    DEPENDS ${objects} COMMENT "BPF skeleton" VERBATIM)
  add_custom_target(${target}_gen DEPENDS ${skeleton})
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/gen)
  add_dependencies(${target} ${target}_gen)
endfunction()
