// Typed arrays of one kind of element: one that came from JavaScript, and a new one for it.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace nm {

// Valid as long as no JavaScript runs. Anything else than such an array counts as given, and has nothing.
template <typename T>
class TypedArray {
 public:
  TypedArray(napi_env env, napi_value value) {
    napi_valuetype kind;
    if (napi_typeof(env, value, &kind) != napi_ok || kind == napi_undefined || kind == napi_null) return;
    given_ = true;
    bool is_array = false;
    napi_typedarray_type type;
    void* data = nullptr;
    size_t length = 0;
    if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return;
    if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return;
    if (type != wanted(static_cast<T*>(nullptr)) || !data) return;
    data_ = static_cast<T*>(data);
    length_ = length;
  }

  bool given() const { return given_; }
  bool has(size_t count) const { return data_ != nullptr && length_ >= count; }
  T* data() const { return data_; }
  size_t length() const { return length_; }

 private:
  static napi_typedarray_type wanted(uint8_t*) { return napi_uint8_array; }
  static napi_typedarray_type wanted(int32_t*) { return napi_int32_array; }
  static napi_typedarray_type wanted(uint32_t*) { return napi_uint32_array; }
  static napi_typedarray_type wanted(double*) { return napi_float64_array; }

  bool given_ = false;
  T* data_ = nullptr;
  size_t length_ = 0;
};

// A new array with these elements; undefined where JavaScript can no longer run, as in a worker that is being
// terminated: there it cannot be made, and has no memory to write to.
template <typename T>
Napi::Value new_typed_array(Napi::Env env, const T* elements, size_t count) {
  Napi::TypedArrayOf<T> array = Napi::TypedArrayOf<T>::New(env, count);
  if (array.IsEmpty()) return env.Undefined();
  if (count > 0) std::memcpy(array.Data(), elements, count * sizeof(T));
  return array;
}

template <typename T>
Napi::Value new_typed_array(Napi::Env env, const std::vector<T>& elements) {
  return new_typed_array(env, elements.data(), elements.size());
}

}  // namespace nm
