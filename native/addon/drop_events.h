// Drops one by one, as JavaScript gets them.
#pragma once

#include <napi.h>

#include <vector>

#include "../emulator/drop_log.h"

namespace nm {

// [missed, drops]; those in one array, seven numbers each: time, pipe, queue, cause, length, id, 1 for out.
Napi::Value drop_events(Napi::Env env, const std::vector<emulator::Drop>& drops, double missed);

}  // namespace nm
