// SPDX-License-Identifier: Apache-2.0
// From deeds that belong together to one story. Pure.
#pragma once

#include <vector>

#include "agent/storage/threads.h"

namespace weft::storage {

// Puts the deeds, in order of time, into the story: what took time becomes a part of it,
// writes are counted. The result views the deeds' paths.
Work gather(std::vector<Deed>& deeds, Story& story);

// The flush or append that some writes and syncs (at least one deed) come to when no call
// tells; narrator: adds what its engine knows, null: nobody knows the engine.
Deed flush_of(std::vector<Deed> deeds, const Engine* engine, Narrator* narrator);

// Of the deeds inside a call: each run of writes and syncs becomes one flush.
std::vector<Deed> with_flushes(std::vector<Deed> deeds, const Engine& engine, Narrator& narrator);

}  // namespace weft::storage
