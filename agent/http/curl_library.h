// SPDX-License-Identifier: Apache-2.0
// libcurl, loaded when the first OTLP exporter is made. Linking it would cost every agent
// 6 MB of memory (measured: 1.4 → 7.4 MB resident, it brings 28 libraries), OTLP or not.
#pragma once

#include <curl/curl.h>

#include "agent/base/result.h"

namespace weft::http {

// The functions in use, named as in curl's manual without "curl_".
struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_version_info) version_info;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_multi_cleanup) multi_cleanup;

  // Whether every request over plain HTTP/2 may set prior knowledge: before 8.0, a second one on
  // the same connection would start HTTP/2 again (curl issue 10634).
  bool repeats_prior_knowledge() const {
    return version_info(CURLVERSION_NOW)->version_num >= 0x080000;
  }

  // Loads and initialises once; stays loaded. Error kFailure: not installed, or too old
  // for curl_multi_poll (7.66). Any thread.
  static Result<const CurlLibrary*> load();
};

}  // namespace weft::http
