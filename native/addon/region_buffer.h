// The ArrayBuffer over a mapped region.
#pragma once

#include <napi.h>

#include <memory>

#include "../device/mapping.h"

namespace nm {

// The buffer keeps a reference to the mapping, and thereby the address range, for as long as V8 keeps the memory: also
// after detach, and also under another buffer that ArrayBuffer.prototype.transfer() made.
// Returns napi_no_external_buffers_allowed where V8 insists on memory of its own (Electron, sandbox builds).
// `size` leaves out what the device keeps behind the region.
napi_status make_region_buffer(Napi::Env env, std::shared_ptr<Mapping> mapping, size_t size, napi_value* out);

}  // namespace nm
