// SPDX-License-Identifier: Apache-2.0
#include "agent/http/gzip.h"

#include <new>
#include <zlib.h>

namespace weft::http {

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWrapper = 16;  // added to the window bits
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + kGzipWrapper, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();  // zlib's only reason here
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // one call is enough: the buffer has the size of the bound
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace weft::http
