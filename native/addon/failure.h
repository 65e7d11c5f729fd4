// How outcomes of cold calls travel to JavaScript, where they become errors.
#pragma once

#include <napi.h>

#include "../device/status.h"

namespace nm {

// null on success, else {errno, call, detail}.
Napi::Value to_js(Napi::Env env, const Status& status);

}  // namespace nm
