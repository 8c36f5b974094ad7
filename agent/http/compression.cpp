// SPDX-License-Identifier: Apache-2.0
#include "agent/http/compression.h"

#include <dlfcn.h>
#include <zstd.h>

#include "agent/http/gzip.h"

namespace weft::http {
namespace {

constexpr int kZstdLevel = 1;  // as for gzip: the network is seldom the bottleneck

// The functions in use, named as in zstd's manual without "ZSTD_".
struct ZstdLibrary {
  decltype(&::ZSTD_compressBound) bound = nullptr;
  decltype(&::ZSTD_compress) compress = nullptr;

  bool found() const { return bound && compress; }
  // Stays loaded.
  static const ZstdLibrary& load() {
    static const ZstdLibrary kZstd = [] {
      ZstdLibrary zstd;
      if (void* library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL)) {
        zstd.bound = reinterpret_cast<decltype(zstd.bound)>(dlsym(library, "ZSTD_compressBound"));
        zstd.compress = reinterpret_cast<decltype(zstd.compress)>(dlsym(library, "ZSTD_compress"));
      }
      return zstd;
    }();
    return kZstd;
  }
};

std::string zstd(std::string_view bytes) {
  const ZstdLibrary& library = ZstdLibrary::load();
  std::string out(library.bound(bytes.size()), '\0');
  out.resize(library.compress(out.data(), out.size(), bytes.data(), bytes.size(), kZstdLevel));
  return out;  // cannot fail: the buffer has the size of the bound
}

}  // namespace

Result<Compression> compression_of(std::string_view name) {
  if (name == "gzip") return Compression::kGzip;
  if (name != "zstd") return Compression::kNone;
  if (ZstdLibrary::load().found()) return Compression::kZstd;
  return fail(ExitCode::kFailure,
              "compression zstd needs libzstd (on Debian: apt-get install libzstd1)");
}

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "";
}

std::string compressed(Compression compression, std::string bytes) {
  switch (compression) {
    case Compression::kNone:
      return bytes;
    case Compression::kGzip:
      return gzip(bytes);
    case Compression::kZstd:
      return zstd(bytes);
  }
  return bytes;
}

}  // namespace weft::http
