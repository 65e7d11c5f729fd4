#include "fd_table.h"

#include <algorithm>
#include <new>

namespace nm {

Object own{Object::Kind::kOwn};

std::atomic<std::atomic<Object*>*> FdTable::blocks_[kBlocks];

Object* FdTable::set(int fd, Object* object) {
  const uint32_t i = static_cast<uint32_t>(fd);
  if (i >= kBlocks * kBlock) return nullptr;
  auto* block = blocks_[i / kBlock].load(std::memory_order_acquire);
  if (!block) {
    if (!object) return nullptr;
    auto* made = new (std::nothrow) std::atomic<Object*>[kBlock]();
    if (!made) return nullptr;
    if (blocks_[i / kBlock].compare_exchange_strong(block, made)) {
      block = made;
    } else {
      delete[] made;
    }
  }
  return block[i % kBlock].exchange(object);
}

std::vector<int> FdTable::within(uint32_t first, uint32_t last) {
  std::vector<int> found;
  last = std::min(last, kBlocks * kBlock - 1);
  for (uint32_t b = first / kBlock; b <= last / kBlock && b < kBlocks; ++b) {
    auto* block = blocks_[b].load(std::memory_order_acquire);
    for (uint32_t k = 0; block && k < kBlock; ++k) {
      const uint32_t fd = b * kBlock + k;
      if (fd >= first && fd <= last && block[k].load()) found.push_back(static_cast<int>(fd));
    }
  }
  return found;
}

}  // namespace nm
