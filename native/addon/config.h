// Options that came from JavaScript as a plain object. The typed layer has checked what they mean; here everything that
// is missing or of another type counts as the default, so that no value of any kind does harm.
#pragma once

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "values.h"

namespace nm {

class Config {
 public:
  explicit Config(Napi::Value value) : object_(value.IsObject() ? value.As<Napi::Object>() : Napi::Object()) {}

  bool ok() const { return !object_.IsEmpty(); }
  Napi::Value get(const char* name) const {
    if (object_.IsEmpty()) return {};
    Napi::Value value = object_.Get(name);
    // A getter that throws: what it says is somebody else's.
    if (object_.Env().IsExceptionPending()) (void)object_.Env().GetAndClearPendingException();
    return value;
  }
  bool flag(const char* name) const { return to_flag(get(name)); }
  double number(const char* name, double otherwise = 0) const {
    const double number = to_number(get(name), otherwise);
    return std::isnan(number) ? otherwise : number;
  }
  std::string text(const char* name) const { return to_text(get(name)); }
  // A count: 0 to 2^64 - 1, Infinity for the greatest.
  uint64_t count(const char* name, uint64_t otherwise = 0) const {
    const double value = number(name, -1);
    if (value < 0) return otherwise;
    return value >= 18446744073709551615.0 ? UINT64_MAX : static_cast<uint64_t>(value);
  }
  uint32_t u32(const char* name, uint32_t otherwise = 0) const {
    const uint64_t value = count(name, otherwise);
    return value > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(value);
  }
  // Milliseconds as nanoseconds; Infinity for the longest time there is.
  int64_t ms(const char* name) const { return to_ns(number(name)); }
  uint64_t bits(const char* name, uint64_t otherwise = 0) const {
    const Napi::Value value = get(name);
    bool lossless;
    return !value.IsEmpty() && value.IsBigInt() ? value.As<Napi::BigInt>().Uint64Value(&lossless) : otherwise;
  }
  // Elements of a typed array of just this kind; others count as none.
  std::vector<uint8_t> bytes(const char* name) const { return array<uint8_t>(name, napi_uint8_array); }
  std::vector<uint32_t> words(const char* name) const { return array<uint32_t>(name, napi_uint32_array); }
  std::vector<uint64_t> longs(const char* name) const { return array<uint64_t>(name, napi_biguint64_array); }
  std::vector<double> doubles(const char* name) const { return array<double>(name, napi_float64_array); }
  std::vector<Config> list(const char* name) const {
    std::vector<Config> all;
    const Napi::Value value = get(name);
    if (value.IsEmpty() || !value.IsArray()) return all;
    const Napi::Array items = value.As<Napi::Array>();
    for (uint32_t k = 0; k < items.Length(); ++k) all.emplace_back(items.Get(k));
    return all;
  }

  static int64_t to_ns(double ms) {
    const double ns = ms * 1e6;
    if (!(ns > 0)) return 0;
    return ns >= 4e18 ? INT64_MAX / 2 : static_cast<int64_t>(ns);
  }

 private:
  template <typename T>
  std::vector<T> array(const char* name, napi_typedarray_type expected) const {
    const Napi::Value value = get(name);
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    if (value.IsEmpty() || !value.IsTypedArray() ||
        napi_get_typedarray_info(object_.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
        type != expected || length == 0) {
      return {};
    }
    const T* first = static_cast<const T*>(data);
    return std::vector<T>(first, first + length);
  }

  Napi::Object object_;
};

}  // namespace nm
