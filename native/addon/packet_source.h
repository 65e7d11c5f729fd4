// Frames, fields and flows of a generator, as JavaScript describes them.
#pragma once

#include <memory>

#include "../traffic/filler.h"
#include "../traffic/schedule.h"
#include "config.h"

namespace nm {

// Null when something lies outside its frame, or is no number that makes sense.
std::unique_ptr<traffic::Filler> make_filler(const Config& config);
traffic::Schedule make_schedule(const Config& config);

}  // namespace nm
