// What the classes that move packets have in common: the port, its rings, and numbers for JavaScript.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../traffic/histogram.h"
#include "../traffic/receiver.h"
#include "../traffic/tx_ring.h"
#include "config.h"
#include "port.h"

namespace nm {

// The port that something works on. Keeps the object alive, and its memory mapped; the port may be closed meanwhile.
class BoundPort {
 public:
  // False for what is no open port.
  bool bind(Napi::Value value);
  // Null once closed.
  Device* device() const { return port_ ? port_->device() : nullptr; }
  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }

 private:
  NativePort* port_ = nullptr;
  Napi::ObjectReference reference_;
  std::shared_ptr<Mapping> mapping_;
};

// Rings by `offsets` in the region and `heads`; false when one of them is none.
bool bind_rings(const Config& config, const char* offsets, const char* heads, const Mapping& mapping, bool keeps,
                std::vector<traffic::TxRing>* rings);
bool bind_rings(const Config& config, const char* offsets, const char* heads, const Mapping& mapping,
                std::vector<traffic::RxRing>* rings);

// Puts numbers into a Float64Array as far as it has room. False when it is none.
bool put_numbers(Napi::Value out, const std::vector<double>& numbers);

// {count, min, max, mean, stddev, buckets: Float64Array of pairs (upper end, count)}; undefined for null.
Napi::Value to_js(Napi::Env env, const traffic::Histogram* histogram);

// Milliseconds of an argument as nanoseconds.
int64_t ns_argument(const Napi::Value& value);

}  // namespace nm
