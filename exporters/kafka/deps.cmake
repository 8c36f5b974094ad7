# SPDX-License-Identifier: Apache-2.0
# librdkafka's header only: the library itself is loaded when an exporter needs it.
find_path(RDKAFKA_INCLUDE_DIR librdkafka/rdkafka.h REQUIRED)
target_include_directories(weft_exporter_kafka SYSTEM PUBLIC ${RDKAFKA_INCLUDE_DIR})
target_link_libraries(weft_exporter_kafka PUBLIC weft_otlp_encode ${CMAKE_DL_LIBS})
if(TARGET exporter_kafka_test)
  target_link_libraries(exporter_kafka_test PRIVATE weft_otlp_messages)
endif()
