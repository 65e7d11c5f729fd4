// Threads and processors.
#pragma once

#include <napi.h>

namespace nm {

// pinThread(cpu): the calling thread runs on that processor only. 0 or an errno.
Napi::Value js_pin_thread(const Napi::CallbackInfo& info);

}  // namespace nm
