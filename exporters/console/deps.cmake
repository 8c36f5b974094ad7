# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_exporter_console PUBLIC weft_otlp_encode)
if(TARGET exporter_console_test)
  target_link_libraries(exporter_console_test PRIVATE nlohmann_json::nlohmann_json)
endif()
