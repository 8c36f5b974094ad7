# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_exporter_xray PUBLIC weft_otlp_encode)
if(TARGET exporter_xray_test)
  target_link_libraries(exporter_xray_test PRIVATE nlohmann_json::nlohmann_json)
endif()
