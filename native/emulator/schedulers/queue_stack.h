// Stacks of queues, last in, first out. In blocks, because a chain through the queues would cost the way to memory for
// each of them: who lies below the top is known here without a look at it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "../queue.h"

namespace nm::emulator {

struct alignas(128) QueueBlock {
  static constexpr uint32_t kMost = 14;
  Queue* queues[kMost];
  QueueBlock* below;
  uint32_t used;  // never 0 in a stack
};

// Blocks for stacks: as many as are needed at once, and then kept.
class QueueBlocks {
 public:
  QueueBlock* take() {
    if (!free_) grow();
    QueueBlock* block = free_;
    free_ = block->below;
    block->used = 0;
    return block;
  }
  void give(QueueBlock* block) {
    block->below = free_;
    free_ = block;
  }

 private:
  static constexpr size_t kAtOnce = 16;
  void grow() {
    chunks_.push_back(std::make_unique<QueueBlock[]>(kAtOnce));
    for (size_t i = 0; i < kAtOnce; ++i) give(&chunks_.back()[i]);
  }

  std::vector<std::unique_ptr<QueueBlock[]>> chunks_;
  QueueBlock* free_ = nullptr;
};

class QueueStack {
 public:
  bool empty() const { return !top_; }
  Queue* top() const { return top_->queues[top_->used - 1]; }  // there is one
  // The one `n` below the top, null when there is none or it is too far down.
  const Queue* below(uint32_t n) const {
    if (n < top_->used) return top_->queues[top_->used - 1 - n];
    const QueueBlock* next = top_->below;
    n -= top_->used;
    return next && n < next->used ? next->queues[next->used - 1 - n] : nullptr;
  }
  void push(Queue* queue, QueueBlocks* blocks) {
    if (!top_ || top_->used == QueueBlock::kMost) {
      QueueBlock* block = blocks->take();
      block->below = top_;
      top_ = block;
    }
    top_->queues[top_->used++] = queue;
  }
  void pop(QueueBlocks* blocks) {
    if (--top_->used > 0) return;
    QueueBlock* block = top_;
    top_ = block->below;
    blocks->give(block);
  }

 private:
  QueueBlock* top_ = nullptr;
};

}  // namespace nm::emulator
