# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_exporter_zipkin PUBLIC weft_otlp_encode weft_http)
if(TARGET exporter_zipkin_test)
  target_link_libraries(exporter_zipkin_test PRIVATE nlohmann_json::nlohmann_json PkgConfig::HTTPLIB Threads::Threads)
endif()
