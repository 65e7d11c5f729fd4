#include "log.h"

#include <algorithm>
#include <cstring>

namespace nm::classifier {

void Log::write(const LogEntry& entry, const Frame& frame) {
  const uint64_t at = written_.load(std::memory_order_relaxed);
  if (capacity_ == 0 || at - read_.load(std::memory_order_acquire) == capacity_) {
    lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return;
  }
  if (entries_.empty()) {
    entries_.resize(capacity_);
    bytes_.resize(capacity_ * snaplen_);
  }
  const uint64_t slot = at % capacity_;
  LogEntry& out = entries_[slot];
  out = entry;
  out.length = frame.length;
  out.kept = std::min({frame.present, frame.length, snaplen_});
  out.data = bytes_.data() + slot * snaplen_;
  if (out.kept > 0) memcpy(bytes_.data() + slot * snaplen_, frame.data, out.kept);
  written_.store(at + 1, std::memory_order_release);
}

}  // namespace nm::classifier
