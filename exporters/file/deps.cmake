# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_exporter_file PUBLIC weft_otlp_encode)
if(TARGET exporter_file_test)
  target_link_libraries(exporter_file_test PRIVATE nlohmann_json::nlohmann_json)
endif()
