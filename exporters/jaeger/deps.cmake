# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_exporter_jaeger PUBLIC weft_otlp_encode weft_http)
if(TARGET exporter_jaeger_test)
  target_link_libraries(exporter_jaeger_test PRIVATE PkgConfig::HTTPLIB Threads::Threads)
endif()
