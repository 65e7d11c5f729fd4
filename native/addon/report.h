// Functions of the addon that belong to no port.
#pragma once

#include <napi.h>

namespace nm {

Napi::Value js_engine_report(const Napi::CallbackInfo& info);  // an object, or a failure
Napi::Value js_engine_folder(const Napi::CallbackInfo& info);  // {path, failure}
Napi::Value js_checksum(const Napi::CallbackInfo& info);       // (u8, offset, length, initial): sum, or undefined

}  // namespace nm
