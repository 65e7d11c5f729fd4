// What rules have logged, as JavaScript gets it.
#pragma once

#include <napi.h>

#include "../classifier/log.h"
#include "../classifier/ruleset.h"

namespace nm {

// Takes everything out of a log: an array of {time, rule, number, action, argument, direction, recv, xmit, length,
// data}.
Napi::Value drain_log(Napi::Env env, classifier::Log& log, const classifier::Ruleset& rules);

}  // namespace nm
