# SPDX-License-Identifier: Apache-2.0
weft_room(otlp_encode exporters/otlp/encode DEPS base span)
target_link_libraries(weft_exporter_otlp PUBLIC weft_otlp_encode weft_http)

# The official messages, for tests to decode our bytes with.
if(TARGET otlp_encode_test)
  find_package(Protobuf REQUIRED)
  find_path(OTLP_PROTO_ROOT opentelemetry/proto/collector/trace/v1/trace_service.proto REQUIRED)
  set(out ${CMAKE_BINARY_DIR}/otlp_proto)
  set(sources "")
  set(inputs "")
  foreach(name common/v1/common resource/v1/resource trace/v1/trace collector/trace/v1/trace_service)
    list(APPEND inputs ${OTLP_PROTO_ROOT}/opentelemetry/proto/${name}.proto)
    list(APPEND sources ${out}/opentelemetry/proto/${name}.pb.cc)
  endforeach()
  file(MAKE_DIRECTORY ${out})
  add_custom_command(OUTPUT ${sources}
    COMMAND protobuf::protoc -I${OTLP_PROTO_ROOT} --cpp_out=${out} ${inputs}
    DEPENDS ${inputs} COMMENT "OTLP messages for tests" VERBATIM)
  add_library(weft_otlp_messages STATIC EXCLUDE_FROM_ALL ${sources})
  target_include_directories(weft_otlp_messages SYSTEM PUBLIC ${out})
  target_link_libraries(weft_otlp_messages PUBLIC protobuf::libprotobuf)
  foreach(test otlp_encode_test exporter_otlp_test)
    if(TARGET ${test})
      target_link_libraries(${test} PRIVATE weft_otlp_messages nlohmann_json::nlohmann_json PkgConfig::HTTPLIB
        nghttp2 Threads::Threads)
    endif()
  endforeach()
endif()
