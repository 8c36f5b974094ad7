// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/tallies.h"

namespace weft {

void Tallies::count(uint32_t pid, const Protocol& protocol, bool error) {
  const Place& place = place_of(pid, protocol);
  for (Tally* tally : {place.of_process, place.total}) {
    ++tally->spans;
    if (error) ++tally->errors;
  }
}

void Tallies::forget(uint32_t pid) {
  of_processes_.erase(pid);
  places_[pid % places_.size()] = {};
}

Tallies::Place& Tallies::place_of(uint32_t pid, const Protocol& protocol) {
  Place& place = places_[pid % places_.size()];
  if (place.pid != pid || place.protocol != &protocol) {
    place = {pid, &protocol, &of_processes_[pid][protocol.name], &totals_[protocol.name]};
  }
  return place;
}

}  // namespace weft
