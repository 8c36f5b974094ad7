// SPDX-License-Identifier: Apache-2.0
#include "agent/http/curl_library.h"

#include <dlfcn.h>

namespace weft::http {
namespace {

constexpr char kName[] = "libcurl.so.4";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, CurlLibrary& curl) {
  return find(library, "curl_global_init", curl.global_init) &&
         find(library, "curl_version_info", curl.version_info) &&
         find(library, "curl_easy_init", curl.easy_init) &&
         find(library, "curl_easy_setopt", curl.easy_setopt) &&
         find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         find(library, "curl_easy_reset", curl.easy_reset) &&
         find(library, "curl_easy_strerror", curl.easy_strerror) &&
         find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         find(library, "curl_slist_append", curl.slist_append) &&
         find(library, "curl_slist_free_all", curl.slist_free_all) &&
         find(library, "curl_multi_init", curl.multi_init) &&
         find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         find(library, "curl_multi_perform", curl.multi_perform) &&
         find(library, "curl_multi_poll", curl.multi_poll) &&
         find(library, "curl_multi_info_read", curl.multi_info_read) &&
         find(library, "curl_multi_cleanup", curl.multi_cleanup);
}

Result<CurlLibrary> open_library() {
  void* library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return fail(ExitCode::kFailure, std::string("OTLP needs libcurl: ") + dlerror() +
                                        " (on Debian: apt-get install libcurl4)");
  }
  CurlLibrary curl{};
  if (!find_all(library, curl) || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    dlclose(library);
    return fail(ExitCode::kFailure,
                std::string("OTLP needs libcurl 7.66 or newer; ") + kName + " is older or broken");
  }
  return curl;
}

}  // namespace

Result<const CurlLibrary*> CurlLibrary::load() {
  static const Result<CurlLibrary> kCurl = open_library();
  if (!kCurl) return std::unexpected(kCurl.error());
  return &*kCurl;
}

}  // namespace weft::http
