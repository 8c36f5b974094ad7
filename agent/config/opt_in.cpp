// SPDX-License-Identifier: Apache-2.0
#include "agent/config/opt_in.h"

#include <algorithm>
#include <array>

#include "agent/config/text.h"

namespace weft {
namespace {

// Domains for which weft has no spans, or no old names.
constexpr std::array<std::string_view, 4> kOthers{"messaging", "rpc", "code", "k8s"};

// Whether the entry is known, by its domain.
bool known(std::string_view domain) {
  return domain == "http" || domain == "database" ||
         std::ranges::find(kOthers, domain) != kOthers.end();
}

}  // namespace

std::vector<std::string> read_opt_in(std::string_view list, OldNames& out) {
  constexpr std::string_view kDuplicate = "/dup";
  std::vector<std::string> faults;
  for (const std::string& entry : split_list(lower(list))) {
    const bool both = entry.ends_with(kDuplicate);
    const std::string domain = entry.substr(0, entry.size() - (both ? kDuplicate.size() : 0));
    if (!known(domain)) {
      faults.push_back("found " + shown(entry) +
                       ", expected http, database, messaging or rpc, each also with /dup; ignored");
    } else if (both && domain == "http") {
      out.http = true;
    } else if (both && domain == "database") {
      out.database = true;
    } else if (both) {
      faults.push_back(shown(entry) + " has no effect: weft has no old names for it");
    }
  }
  return faults;
}

}  // namespace weft
