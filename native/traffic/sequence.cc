#include "sequence.h"

#include <algorithm>

namespace nm::traffic {

void Sequence::fill(uint32_t from, uint64_t count, bool value) {
  if (count > kWindow) {
    from += static_cast<uint32_t>(count - kWindow);
    count = kWindow;
  }
  while (count > 0) {
    const uint32_t bit = from % 64;
    const uint64_t run = std::min<uint64_t>(64 - bit, count);
    const uint64_t bits = (run == 64 ? ~uint64_t{0} : (uint64_t{1} << run) - 1) << bit;
    uint64_t& word = window_[from / 64 % window_.size()];
    word = value ? word | bits : word & ~bits;
    from += static_cast<uint32_t>(run);
    count -= run;
  }
}

void Sequence::add_other(uint32_t number) {
  if (counts_.received == 0) {
    begin(number);
  } else {
    settle();
    const int32_t ahead = static_cast<int32_t>(number - next_);
    if (ahead > 0) {
      const auto missing = static_cast<uint32_t>(ahead);
      counts_.lost += missing;
      span_ += missing + uint64_t{1};
      fill(next_, missing, false);
      see(number);
      next_ = number + 1;
    } else if (-static_cast<int64_t>(ahead) <= kWindow) {
      late(number);
    } else {
      stale(number);
    }
  }
  settled_ = ++counts_.received;
}

// Enters the packets that came in order since the last time into the window.
void Sequence::settle() {
  const uint64_t in_order = counts_.received - settled_;
  const uint64_t kept = std::min<uint64_t>(in_order, kWindow);
  fill(next_ - static_cast<uint32_t>(kept), kept, true);
  span_ += in_order;
}

void Sequence::begin(uint32_t number) {
  see(number);
  span_ = 1;
  lowest_ = number;
  next_ = number + 1;
}

void Sequence::late(uint32_t number) {
  if (seen(number)) {
    ++counts_.duplicated;
    return;
  }
  see(number);
  ++counts_.reordered;
  const int32_t below = static_cast<int32_t>(lowest_ - number);
  if (below > 0 && span_ < kWindow) {
    // Earlier than the first that arrived: the stream began before we knew, and what lies between is missing too.
    counts_.lost += below - 1;
    span_ += static_cast<uint32_t>(below);
    lowest_ = number;
  } else {
    --counts_.lost;
  }
}

void Sequence::stale(uint32_t number) {
  if (counts_.received == restart_at_ && number == restart_) {
    --counts_.reordered;  // the packet before this one was the first of the new numbering, not a late one
    ++counts_.restarts;
    restart_at_ = UINT64_MAX;
    std::fill(window_.begin(), window_.end(), 0);
    begin(number - 1);
    see(number);
    ++span_;
    next_ = number + 1;
    return;
  }
  ++counts_.reordered;
  restart_ = number + 1;
  restart_at_ = counts_.received + 1;
}

}  // namespace nm::traffic
