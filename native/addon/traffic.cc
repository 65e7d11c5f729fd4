#include "traffic.h"

#include <algorithm>

#include "typed_array.h"

namespace nm {

bool BoundPort::bind(Napi::Value value) {
  port_ = NativePort::from(value);
  if (!port_ || !port_->device() || !port_->mapping()) {
    port_ = nullptr;
    return false;
  }
  reference_ = Napi::Persistent(value.As<Napi::Object>());
  mapping_ = port_->mapping();
  return true;
}

template <typename R, typename Bind>
static bool bind_each(const Config& config, const char* offsets, const char* heads, std::vector<R>* rings, Bind bind) {
  const std::vector<double> at = config.doubles(offsets), head = config.doubles(heads);
  if (at.empty() || at.size() != head.size()) return false;
  for (size_t k = 0; k < at.size(); ++k) {
    R ring;
    if (!(at[k] >= 0 && at[k] < 9007199254740992.0) || !bind(&ring, static_cast<uint64_t>(at[k]))) return false;
    if (!(head[k] >= 0 && head[k] < ring.ring.size())) return false;
    ring.head = static_cast<uint32_t>(head[k]);
    rings->push_back(std::move(ring));
  }
  return true;
}

bool bind_rings(const Config& config, const char* offsets, const char* heads, const Mapping& mapping, bool keeps,
                std::vector<traffic::TxRing>* rings) {
  return bind_each(config, offsets, heads, rings,
                   [&](traffic::TxRing* ring, uint64_t offset) { return ring->bind(mapping, offset, keeps); });
}

bool bind_rings(const Config& config, const char* offsets, const char* heads, const Mapping& mapping,
                std::vector<traffic::RxRing>* rings) {
  return bind_each(config, offsets, heads, rings,
                   [&](traffic::RxRing* ring, uint64_t offset) { return ring->ring.bind(mapping, offset); });
}

bool put_numbers(Napi::Value out, const std::vector<double>& numbers) {
  if (!out.IsTypedArray()) return false;
  const Napi::TypedArray array = out.As<Napi::TypedArray>();
  if (array.TypedArrayType() != napi_float64_array) return false;
  Napi::Float64Array target = out.As<Napi::Float64Array>();
  std::copy_n(numbers.begin(), std::min(numbers.size(), target.ElementLength()), target.Data());
  return true;
}

Napi::Value to_js(Napi::Env env, const traffic::Histogram* histogram) {
  if (!histogram) return env.Undefined();
  Napi::Object out = Napi::Object::New(env);
  out.Set("count", static_cast<double>(histogram->count()));
  out.Set("min", static_cast<double>(histogram->min()));
  out.Set("max", static_cast<double>(histogram->max()));
  out.Set("mean", histogram->mean());
  out.Set("stddev", histogram->stddev());
  const std::vector<uint64_t>& counts = histogram->counts();
  std::vector<double> buckets;
  for (uint32_t k = 0; k < counts.size(); ++k) {
    if (counts[k] == 0) continue;
    buckets.push_back(static_cast<double>(traffic::Histogram::upper(k)));
    buckets.push_back(static_cast<double>(counts[k]));
  }
  out.Set("buckets", new_typed_array(env, buckets));
  return out;
}

int64_t ns_argument(const Napi::Value& value) {
  return value.IsNumber() ? Config::to_ns(value.As<Napi::Number>().DoubleValue()) : 0;
}

}  // namespace nm
