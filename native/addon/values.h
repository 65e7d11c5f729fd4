// What JavaScript hands over, one value at a time. Anything of another type counts as the default, and nothing is
// coerced: coercing runs JavaScript, which fails in a worker that is being terminated, and what failed has no value.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

namespace nm {

inline double to_number(const Napi::Value& value, double otherwise) {
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : otherwise;
}

inline int32_t to_int(const Napi::Value& value) {
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : 0;
}

inline uint32_t to_uint(const Napi::Value& value, uint32_t otherwise = 0) {
  return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : otherwise;
}

inline std::string to_text(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

inline bool to_flag(const Napi::Value& value) {
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

}  // namespace nm
