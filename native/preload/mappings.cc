#include "mappings.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "../base/pages.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

struct Range {
  uint64_t begin, end;
  PortFile* file;
};

// Under tables_mutex().
std::vector<Range>& ranges() {
  static auto* all = new std::vector<Range>;
  return *all;
}
std::atomic<size_t> count{0};

// Takes [begin, end) out of the list. Returns the files that are not mapped any more.
std::vector<PortFile*> forget(uint64_t begin, uint64_t end) {
  std::vector<Range> rest;
  std::vector<PortFile*> gone;
  for (const Range& r : ranges()) {
    const uint64_t from = std::max(begin, r.begin), to = std::min(end, r.end);
    if (from >= to) {
      rest.push_back(r);
      continue;
    }
    if (r.begin < from) rest.push_back({r.begin, from, r.file});
    if (to < r.end) rest.push_back({to, r.end, r.file});
    r.file->mapped -= to - from;
    if (r.file->mapped == 0) gone.push_back(r.file);
  }
  ranges().swap(rest);
  count.store(ranges().size());
  return gone;
}

}  // namespace

bool any_mapped() {
  return count.load(std::memory_order_relaxed) > 0;
}

void* map_file(PortFile* file, void* address, size_t size, int protection, int flags, off_t offset) {
  std::vector<PortFile*> gone;
  void* at = MAP_FAILED;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    std::lock_guard<std::mutex> mine(file->mutex);
    Inside inside;
    const uint64_t end = static_cast<uint64_t>(offset) + round_up(size);
    if (!file->device || !file->device->bound() || offset < 0 || end < size ||
        end > file->device->region()->plan().memsize()) {
      errno = EINVAL;
      return MAP_FAILED;
    }
    // The region's file has holes that must not be filled just because they are mapped.
    flags &= ~(MAP_POPULATE | MAP_LOCKED);
    const Region& region = *file->device->region();
    at = real::mmap(address, size, protection, flags, region.memory_file(),
                    offset + static_cast<off_t>(region.memory_offset()));
    if (at == MAP_FAILED) return at;
    const uint64_t begin = reinterpret_cast<uint64_t>(at);
    gone = forget(begin, begin + round_up(size));
    ranges().push_back({begin, begin + round_up(size), file});
    count.store(ranges().size());
    file->mapped += round_up(size);
  }
  for (PortFile* other : gone) end_if_unused(other);
  return at;
}

int unmap(void* address, size_t size) {
  std::vector<PortFile*> gone;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    const int result = real::munmap(address, size);
    if (result != 0) return result;
    const uint64_t begin = reinterpret_cast<uint64_t>(address);
    gone = forget(begin, begin + round_up(size));
  }
  for (PortFile* file : gone) end_if_unused(file);
  return 0;
}

void* map_over(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  std::vector<PortFile*> gone;
  void* at;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    at = real::mmap(address, size, protection, flags, fd, offset);
    if (at == MAP_FAILED) return at;
    const uint64_t begin = reinterpret_cast<uint64_t>(at);
    gone = forget(begin, begin + round_up(size));
  }
  for (PortFile* file : gone) end_if_unused(file);
  return at;
}

}  // namespace nm
