// Whether the checksums of a frame hold.
#pragma once

#include "headers.h"

namespace nm::traffic {

enum class Verdict : uint8_t {
  kGood,       // all there are
  kNothing,    // there is none to check
  kTruncated,  // the frame ends before the packet in it does
  kMalformed,  // header fields that contradict each other
  kBad,        // a wrong checksum
};

inline bool is_corrupt(Verdict verdict) {
  return verdict >= Verdict::kTruncated;
}

Verdict verify(const Headers& headers);

}  // namespace nm::traffic
