// Somebody else's opinion about which packets are meant.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nm::traffic {

struct FrameView {
  uint8_t* data;  // null: the slot names no buffer
  uint32_t length;
};

class FrameFilter {
 public:
  virtual ~FrameFilter() = default;
  // Sets `pass[i]` to 0 for frames that are not meant, to 1 for the others. They have arrived at `now`, in ns of the
  // monotonic clock.
  virtual void judge(const FrameView* frames, size_t count, int64_t now, uint8_t* pass) = 0;
};

}  // namespace nm::traffic
