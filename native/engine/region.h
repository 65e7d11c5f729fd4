// A memory region: interfaces, rings and buffers of one or more ports, in a file of its own.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "../abi/memory.h"
#include "../device/mapping.h"
#include "layout.h"
#include "region_plan.h"

namespace nm {

// How far each pool has been handed out. Only that much of the file is backed by memory, and only that much of it is
// mapped: what lies behind reads as zeros in private memory, so that a wrong index on a full file system costs a
// packet, not a SIGBUS.
struct RegionMarks {
  Shared<uint32_t> version;  // changes with any of them
  Shared<uint32_t> ifs, rings, bufs;
  uint32_t unused[12];
};
static_assert(sizeof(RegionMarks) == 64);

// A file of a program's that serves as a region's memory (the extmem option), by a link to it in the engine's folder.
struct ForeignMemory {
  std::string link;
  uint64_t device = 0, inode = 0;  // which file the link must lead to
  uint64_t offset = 0;             // where the memory begins in it
};

// This process's view of a region. The geometry is a private copy, checked against the file's size, so nothing that a
// peer writes later can lead us out of the mapping. Allocation needs the control lock.
class Region {
 public:
  static Status create(const std::string& path, const RegionPlan& plan);
  // With foreign memory the file holds only the books, and all memory is there from the beginning.
  static Status open(const std::string& path, const RegionPlan& plan, uint32_t mem_id, uint32_t generation,
                     const ForeignMemory* foreign, std::shared_ptr<Region>* out);
  ~Region();

  const RegionPlan& plan() const { return plan_; }
  uint32_t mem_id() const { return mem_id_; }
  uint32_t generation() const { return generation_; }
  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }
  // For mapping the memory once more: its file, and where it begins in there.
  int memory_file() const { return memory_fd_ >= 0 ? memory_fd_ : fd_; }
  uint64_t memory_offset() const { return memory_offset_; }
  // The file that holds the books, and the memory where it is not foreign.
  int file() const { return fd_; }
  uint8_t* base() const { return mapping_->base(); }
  uint8_t* buffers() const { return base() + plan_.buf_ofs(); }

  // Maps what others have been handed meanwhile. Call before following an index that came from shared memory.
  void catch_up() noexcept {
    if (marks().version.load(std::memory_order_acquire) != seen_.load(std::memory_order_relaxed)) map_more();
  }

  // The ring at an offset that came from shared memory; null unless a ring of `slots` slots lies there.
  netmap_ring* ring_at(uint64_t offset, uint32_t slots) const;
  netmap_if* if_at(uint64_t offset) const;

  // For a port of so many rings in both directions, and a host ring for each.
  Status new_if(uint32_t rings, uint64_t* offset);
  Status new_ring(uint32_t slots, uint64_t* offset);
  // Lowest free ones first; all or nothing. ENOMEM when the pool is exhausted, ENOSPC when the file system is.
  Status new_bufs(uint32_t count, uint32_t* out);
  uint32_t free_bufs() const;
  void drop_if(uint64_t offset);
  void drop_ring(uint64_t offset);
  void drop_buf(uint32_t index);  // tolerates any index, and a buffer dropped twice
  bool owns_buf(uint32_t index) const;

  uint64_t committed() const;

 private:
  Region(const RegionPlan& plan, uint32_t mem_id, uint32_t generation, int fd, std::shared_ptr<Mapping> mapping);
  static Status open_foreign(const ForeignMemory& foreign, uint64_t size, uid_t owner, int* out);
  // Backs the first `count` objects of a pool with memory, and maps them.
  Status reserve(Shared<uint32_t>& mark, uint64_t pool, uint32_t object_size, uint32_t count);
  Status take(uint8_t* bitmap, uint32_t total, uint32_t from, uint32_t count, uint32_t* out, const char* pool);
  void map_more() noexcept;
  RegionMarks& marks() const { return *reinterpret_cast<RegionMarks*>(base() + plan_.books_ofs()); }
  uint8_t* if_bits() const;
  uint8_t* ring_bits() const;
  uint8_t* buf_bits() const;

  RegionPlan plan_;
  uint32_t mem_id_, generation_;
  int fd_;
  int memory_fd_ = -1;  // of foreign memory
  uint64_t memory_offset_ = 0;
  std::shared_ptr<Mapping> mapping_;
  std::mutex mutex_;                // of mapping more
  std::atomic<uint32_t> seen_{0};   // version of the marks up to which we have mapped
  uint64_t mapped_[3] = {0, 0, 0};  // end of what is mapped of each pool, in whole pages
};

}  // namespace nm
