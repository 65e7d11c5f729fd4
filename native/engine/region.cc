#include "region.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../device/file_space.h"
#include "bitmap.h"
#include "fault.h"
#include "folder.h"

namespace nm {

namespace {

Status no_room(int err, uint64_t size) {
  return Status::failure(err, "fallocate",
                         std::to_string((size + 1023) / 1024) +
                             " KiB more for rings and buffers do not fit into the file system of the engine folder; "
                             "enlarge it (mount -o remount,size=..., docker run --shm-size), ask for fewer slots or "
                             "name a folder elsewhere with NODE_NETMAP_DIR");
}

}  // namespace

Status Region::create(const std::string& path, const RegionPlan& plan) {
  unlink(path.c_str());  // left by a process that died between making and recording it
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return open_failure(path);
  Status s;
  admit(fd, path.substr(0, path.rfind('/')));
  if (ftruncate(fd, static_cast<off_t>(plan.file_size())) != 0) s = Status::failure(errno, "ftruncate", path);
  close(fd);
  if (!s.ok()) unlink(path.c_str());
  return s;
}

// The file behind the link, if it is the one that the record names. The link is in a folder that peers can write to, so
// the file must also be of the user who made the region: nobody can be led to write into files of his own.
Status Region::open_foreign(const ForeignMemory& foreign, uint64_t size, uid_t owner, int* out) {
  *out = ::open(foreign.link.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (*out < 0) {
    Status s = open_failure(foreign.link);
    s.detail += ": the external memory of region " + foreign.link.substr(foreign.link.rfind('/') + 1) +
                " cannot be opened; its file, or the process that holds it, is gone or out of reach";
    return s;
  }
  struct stat st;
  const bool good = fstat(*out, &st) == 0 && S_ISREG(st.st_mode) && st.st_dev == foreign.device &&
                    st.st_ino == foreign.inode && st.st_uid == owner && foreign.offset <= uint64_t{1} << 62 &&
                    static_cast<uint64_t>(st.st_size) >= foreign.offset + size;
  if (good) return {};
  close(*out);
  *out = -1;
  return Status::failure(EPROTO, "open",
                         foreign.link + " leads to another file than the external memory's, or to a shorter one");
}

Status Region::open(const std::string& path, const RegionPlan& plan, uint32_t mem_id, uint32_t generation,
                    const ForeignMemory* foreign, std::shared_ptr<Region>* out) {
  if (!plan.sane()) return Status::failure(EPROTO, "open", path + ": its record is damaged");
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return open_failure(path);
  struct stat st;
  if (fstat(fd, &st) != 0 || static_cast<uint64_t>(st.st_size) < plan.file_size()) {
    close(fd);
    return Status::failure(EPROTO, "open", path + ": smaller than its record says");
  }
  const uint64_t at = plan.books_ofs(), books = plan.file_size() - at;
  std::shared_ptr<Mapping> mapping;
  int memory = -1;
  Status s;
  if (int err = allocate(fd, at, books)) s = no_room(err, books);
  if (s.ok()) s = Mapping::reserve(plan.file_size(), plan.page, &mapping);
  if (s.ok()) s = mapping->cover(fd, at, books, at);
  if (s.ok() && foreign) s = open_foreign(*foreign, plan.memsize(), st.st_uid, &memory);
  if (s.ok() && foreign) s = mapping->cover(memory, 0, at, foreign->offset);
  if (!s.ok()) {
    close(fd);
    if (memory >= 0) close(memory);
    return s;
  }
  out->reset(new Region(plan, mem_id, generation, fd, std::move(mapping)));
  if (foreign) {
    (*out)->memory_fd_ = memory;
    (*out)->memory_offset_ = foreign->offset;
  }
  (*out)->map_more();
  return {};
}

Region::Region(const RegionPlan& plan, uint32_t mem_id, uint32_t generation, int fd, std::shared_ptr<Mapping> mapping)
    : plan_(plan), mem_id_(mem_id), generation_(generation), fd_(fd), mapping_(std::move(mapping)) {}

// Nobody in this process uses the region any more; views in JavaScript that were moved out of our reach read zeros.
Region::~Region() {
  mapping_->retire();
  close(fd_);
  if (memory_fd_ >= 0) close(memory_fd_);
}

netmap_ring* Region::ring_at(uint64_t offset, uint32_t slots) const {
  const uint64_t size = sizeof(netmap_ring) + sizeof(netmap_slot) * uint64_t{slots};
  if (offset % kCacheAlign || offset < plan_.ring_ofs() || size > plan_.ring_size) return nullptr;
  if (offset > plan_.buf_ofs() || plan_.buf_ofs() - offset < size) return nullptr;
  return reinterpret_cast<netmap_ring*>(base() + offset);
}

netmap_if* Region::if_at(uint64_t offset) const {
  if (offset % 8 || offset > plan_.ring_ofs() || plan_.ring_ofs() - offset < plan_.if_size) return nullptr;
  return reinterpret_cast<netmap_if*>(base() + offset);
}

uint8_t* Region::if_bits() const {
  return base() + plan_.books_ofs() + sizeof(RegionMarks);
}
uint8_t* Region::ring_bits() const {
  return if_bits() + bitmap_bytes(plan_.if_total);
}
uint8_t* Region::buf_bits() const {
  return ring_bits() + bitmap_bytes(plan_.ring_total);
}

Status Region::reserve(Shared<uint32_t>& mark, uint64_t pool, uint32_t object_size, uint32_t count) {
  const uint32_t had = mark.load();
  if (count <= had) return {};
  if (memory_fd_ >= 0) {  // all of it has been there from the beginning
    mark.store(count);
    return {};
  }
  const uint64_t from = pool + uint64_t{had} * object_size, size = uint64_t{count - had} * object_size;
  if (int err = allocate(fd_, from, size)) return no_room(err, size);
  NM_FAULT(kObjectBacked);
  mark.store(count);
  marks().version.fetch_add(1);
  map_more();
  return {};
}

void Region::map_more() noexcept {
  if (memory_fd_ >= 0) return;
  std::lock_guard<std::mutex> lock(mutex_);
  const uint32_t version = marks().version.load(std::memory_order_acquire);
  const uint64_t begin[3] = {0, plan_.ring_ofs(), plan_.buf_ofs()};
  const uint64_t end[3] = {
      uint64_t{std::min(marks().ifs.load(), plan_.if_total)} * plan_.if_size,
      plan_.ring_ofs() + uint64_t{std::min(marks().rings.load(), plan_.ring_total)} * plan_.ring_size,
      plan_.buf_ofs() + uint64_t{std::min(marks().bufs.load(), plan_.buf_total)} * plan_.buf_size,
  };
  for (int pool = 0; pool < 3; ++pool) {
    const uint64_t from = std::max(mapped_[pool], begin[pool]), to = round_up(end[pool]);
    if (to <= from || !mapping_->cover(fd_, from, to - from, from).ok()) continue;
    mapped_[pool] = to;
  }
  seen_.store(version, std::memory_order_relaxed);
}

Status Region::take(uint8_t* bitmap, uint32_t total, uint32_t from, uint32_t count, uint32_t* out, const char* pool) {
  uint32_t found = 0;
  for (uint32_t i = from; i < total && found < count; ++i) {
    if (bitmap[i / 8] == 0xff) {
      i |= 7;
    } else if (!bit(bitmap, i)) {
      out[found++] = i;
    }
  }
  if (found < count) {
    return Status::failure(ENOMEM, "netmap memory",
                           "region " + std::to_string(mem_id_) + " has " + std::to_string(found) + " free " + pool +
                               " of " + std::to_string(total) + ", " + std::to_string(count) + " are needed");
  }
  for (uint32_t k = 0; k < count; ++k) set_bit(bitmap, out[k]);
  NM_FAULT(kObjectTaken);
  return {};
}

Status Region::new_if(uint32_t rings, uint64_t* offset) {
  const uint64_t size = sizeof(netmap_if) + sizeof(int64_t) * (uint64_t{rings} + 2);
  if (size > plan_.if_size) {
    return Status::failure(ENOMEM, "netmap memory",
                           "an interface of " + std::to_string(rings) + " rings needs " + std::to_string(size) +
                               " bytes, interface objects of region " + std::to_string(mem_id_) + " have " +
                               std::to_string(plan_.if_size));
  }
  uint32_t i = 0;
  Status s = take(if_bits(), plan_.if_total, 0, 1, &i, "interface objects (NODE_NETMAP_PIPES raises the number)");
  if (!s.ok()) return s;
  uint64_t at = uint64_t{i} * plan_.if_size;
  s = reserve(marks().ifs, 0, plan_.if_size, i + 1);
  if (!s.ok()) {
    clear_bit(if_bits(), i);
    return s;
  }
  std::memset(base() + at, 0, plan_.if_size);
  *offset = at;
  return s;
}

Status Region::new_ring(uint32_t slots, uint64_t* offset) {
  const uint64_t size = sizeof(netmap_ring) + sizeof(netmap_slot) * uint64_t{slots};
  if (size > plan_.ring_size) {
    return Status::failure(
        ENOMEM, "netmap memory",
        "a ring of " + std::to_string(slots) + " slots needs " + std::to_string(size) +
            " bytes, ring objects of region " + std::to_string(mem_id_) + " have " + std::to_string(plan_.ring_size) +
            ": at most " + std::to_string((plan_.ring_size - sizeof(netmap_ring)) / sizeof(netmap_slot)) + " slots");
  }
  uint32_t i = 0;
  Status s = take(ring_bits(), plan_.ring_total, 0, 1, &i, "ring objects (NODE_NETMAP_PIPES raises the number)");
  if (!s.ok()) return s;
  uint64_t at = plan_.ring_ofs() + uint64_t{i} * plan_.ring_size;
  s = reserve(marks().rings, plan_.ring_ofs(), plan_.ring_size, i + 1);
  if (!s.ok()) {
    clear_bit(ring_bits(), i);
    return s;
  }
  std::memset(base() + at, 0, size);
  *offset = at;
  return s;
}

Status Region::new_bufs(uint32_t count, uint32_t* out) {
  if (count == 0) return {};
  Status s = take(buf_bits(), plan_.buf_total, kFirstBuffer, count, out, "buffers");
  if (!s.ok()) return s;
  s = reserve(marks().bufs, plan_.buf_ofs(), plan_.buf_size, out[count - 1] + 1);
  if (!s.ok()) {
    for (uint32_t k = 0; k < count; ++k) drop_buf(out[k]);
  }
  return s;
}

uint32_t Region::free_bufs() const {
  uint32_t n = 0;
  for (uint32_t i = kFirstBuffer; i < plan_.buf_total; ++i) n += !bit(buf_bits(), i);
  return n;
}

void Region::drop_if(uint64_t offset) {
  if (if_at(offset)) clear_bit(if_bits(), static_cast<uint32_t>(offset / plan_.if_size));
}

void Region::drop_ring(uint64_t offset) {
  if (offset < plan_.ring_ofs()) return;
  uint64_t i = (offset - plan_.ring_ofs()) / plan_.ring_size;
  if (i < plan_.ring_total) clear_bit(ring_bits(), static_cast<uint32_t>(i));
}

void Region::drop_buf(uint32_t index) {
  if (index >= kFirstBuffer && index < plan_.buf_total) clear_bit(buf_bits(), index);
}

bool Region::owns_buf(uint32_t index) const {
  return index >= kFirstBuffer && index < plan_.buf_total && bit(buf_bits(), index);
}

uint64_t Region::committed() const {
  if (memory_fd_ >= 0) return plan_.memsize();
  struct stat st;
  return fstat(fd_, &st) == 0 ? static_cast<uint64_t>(st.st_blocks) * 512 : 0;
}

}  // namespace nm
