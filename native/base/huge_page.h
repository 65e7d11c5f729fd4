// Memory from the system in pieces of 2 MiB, which the system may make of one page each: whoever reaches about in much
// memory then seldom waits for the processor to find out where it is.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace nm {

inline constexpr size_t kHugePage = 2 * 1024 * 1024;

// Zeroed, at a multiple of its size; null when the system has none.
inline void* map_huge_page() {
  void* memory = mmap(nullptr, kHugePage * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t page = (start + kHugePage - 1) & ~uintptr_t{kHugePage - 1};
  if (page > start) munmap(memory, page - start);
  const uintptr_t behind = start + kHugePage * 2 - (page + kHugePage);
  if (behind > 0) munmap(reinterpret_cast<void*>(page + kHugePage), behind);
#ifdef MADV_HUGEPAGE
  (void)madvise(reinterpret_cast<void*>(page), kHugePage, MADV_HUGEPAGE);
#endif
  return reinterpret_cast<void*>(page);
}

inline void unmap_huge_page(void* page) {
  munmap(page, kHugePage);
}

}  // namespace nm
