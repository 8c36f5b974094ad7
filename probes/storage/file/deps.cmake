# SPDX-License-Identifier: Apache-2.0
target_link_libraries(weft_engine_file PUBLIC nlohmann_json::nlohmann_json)
