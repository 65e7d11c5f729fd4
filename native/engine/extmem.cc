#include "extmem.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "../device/file_space.h"
#include "folder.h"
#include "options.h"

namespace nm {

namespace {

constexpr long kHugetlbfs = 0x958458f6;

Status failure(int err, const std::string& why) {
  return Status::failure(err, "extmem", why);
}

std::string hex(uint64_t address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

// Memory of the program's alone, which a file may take the place of: private memory, and shared memory without a name,
// which only a child could share.
bool replaceable(const MappedPiece& p, const std::string& folder) {
  if (p.path.compare(0, 6, "[stack") == 0 || p.path == "[vdso]" || p.path == "[vvar]") return false;
  if (!p.shared) return true;
  const bool without_name = p.path == "/dev/zero (deleted)" || p.path == "/anon_hugepage (deleted)";
  // What an earlier region left behind in the memory's place.
  const std::string ours = folder + "/region.";
  return without_name || (p.deleted() && p.path.compare(0, ours.size(), ours) == 0);
}

std::string real_path(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) ? resolved : path;
}

// The link's new target is in place at once: others may open it at any time.
Status point(const std::string& link, const std::string& target) {
  const std::string temporary = link + ".new";
  unlink(temporary.c_str());
  if (symlink(target.c_str(), temporary.c_str()) != 0) return Status::failure(errno, "symlink", temporary);
  if (rename(temporary.c_str(), link.c_str()) != 0) return Status::failure(errno, "rename", link);
  return {};
}

// How other processes find a file that has no name: through a process that has it open.
std::string through_process(int fd) {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
}

}  // namespace

Extmem::~Extmem() {
  if (file_ >= 0) close(file_);
}

Status Extmem::look(const nmreq_header* header) {
  option_ = reinterpret_cast<nmreq_opt_extmem*>(find_option(header, NETMAP_REQ_OPT_EXTMEM));
  if (!option_) return {};
  info_ = option_->nro_info;
  const uint64_t size = info_.nr_memsize, address = option_->nro_usrptr;
  Status s;
  if (size == 0) {
    s = failure(ENOMEM, "nr_memsize is 0: it says how much memory there is");
  } else if (address > UINT64_MAX - size - kPageSize) {
    s = failure(EFAULT, "there is no memory at " + hex(address));
  } else {
    begin_ = address & ~uint64_t{kPageSize - 1};
    size_ = round_up(address + size) - begin_;
    std::vector<MappedPiece> pieces;
    s = mapped_pieces(begin_, begin_ + size_, &pieces);
    if (s.ok()) s = look_behind(pieces);
  }
  option_->nro_opt.nro_status = static_cast<uint32_t>(s.err);
  return s;
}

Status Extmem::look_behind(const std::vector<MappedPiece>& pieces) {
  uint64_t covered = begin_;
  for (const MappedPiece& p : pieces) {
    if (p.begin != covered || !p.readable || !p.writable) break;
    covered = p.end;
  }
  if (covered != begin_ + size_) {
    return failure(EFAULT, "the memory from " + hex(begin_) + " to " + hex(begin_ + size_) +
                               " is not all there, or not all of it can be read and written: look at " + hex(covered));
  }
  const std::string folder = real_path(folder_path());
  const auto alone = [&](const MappedPiece& p) { return replaceable(p, folder); };
  if (std::all_of(pieces.begin(), pieces.end(), alone)) {
    replace_ = true;
    return {};
  }
  const MappedPiece& first = pieces.front();
  for (const MappedPiece& p : pieces) {
    if (p.shared && p.file == first.file && p.offset == first.offset + (p.begin - begin_)) continue;
    return failure(EFAULT, "the memory is of several kinds (" + first.path + " and " + p.path +
                               "): map one file, shared and in one piece, or give anonymous memory");
  }
  file_ = open_behind(first, &by_path_);
  struct stat st;
  if (file_ < 0 || fstat(file_, &st) != 0 || !S_ISREG(st.st_mode)) {
    return failure(EFAULT, "the memory is shared (" + first.path +
                               "), but its file cannot be opened again for other processes: keep its descriptor open, "
                               "map a file with a name, or give anonymous memory");
  }
  path_ = first.path;
  device_ = st.st_dev;
  inode_ = st.st_ino;
  offset_ = first.offset;
  if (offset_ + size_ > static_cast<uint64_t>(st.st_size) + kPageSize - 1) {
    return failure(EFAULT, path_ + " ends before the memory does: it has " + std::to_string(st.st_size) + " bytes");
  }
  struct statfs fs;
  if (fstatfs(file_, &fs) == 0 && fs.f_type == kHugetlbfs) {
    page_ = static_cast<uint32_t>(fs.f_bsize);
    if (offset_ % page_) {
      return failure(EINVAL, "the memory must begin where a huge page of " + std::to_string(page_ >> 10) + " KiB does");
    }
  }
  return check_owner(st);
}

// Region::open() lets nobody into memory that is not of the user who made the region. A folder of a group is for all of
// it.
Status Extmem::check_owner(const struct stat& file) const {
  if (file.st_uid != geteuid()) {
    return failure(EPERM, path_ + " belongs to user " + std::to_string(file.st_uid) +
                              ", who could take its memory away: use a file of one's own");
  }
  struct stat folder;
  if (stat(folder_path().c_str(), &folder) != 0 || !(folder.st_mode & 070)) return {};
  if (by_path_ && file.st_gid == folder.st_gid && (file.st_mode & 060) == 060) return {};
  return failure(EPERM, path_ + " must be open to group " + std::to_string(folder.st_gid) +
                            ", which the engine folder is for (chgrp, chmod g+rw)");
}

Status Extmem::provide(Control& control, const PortName& name, uint16_t* mem_id) {
  region_ = find(control);
  Status s;
  if (region_ == kNone) {
    s = make(control, name);
  } else {
    replace_ = false;
  }
  option_->nro_opt.nro_status = static_cast<uint32_t>(s.err);
  if (s.ok()) *mem_id = static_cast<uint16_t>(region_ + 1);
  return s;
}

uint32_t Extmem::find(Control& control) const {
  if (file_ < 0) return kNone;
  for (uint32_t r = 0; r < control.regions(); ++r) {
    const RegionRecord& record = control.region(r);
    if (!record.used.load() || record.memory_kind.load() == static_cast<uint32_t>(MemoryKind::kOwn)) continue;
    if (record.memory_device.load() == device_ && record.memory_inode.load() == inode_ &&
        record.memory_offset.load() == offset_ && record.memory_size.load() == size_) {
      return r;
    }
  }
  return kNone;
}

Status Extmem::make(Control& control, const PortName& name) {
  const std::string ours = real_path(control.folder()) + "/";
  if (file_ >= 0 && path_.compare(0, ours.size(), ours) == 0) {
    return failure(EFAULT, "the memory is the engine's own (" + path_ + "): it is a region already");
  }
  RegionPlan plan;
  Status s = RegionPlan::external(control.limits(), info_, size_, page_, &plan);
  if (!s.ok()) return s;
  s = Directory(control).new_region(plan, name.kind == Kind::kPipe ? name.parent : name.full, kNone, &region_);
  if (!s.ok()) return s;
  return replace_ ? fill(control) : back(control, plan);
}

// A program's file: all of it must be there, so that nobody meets a full file system later.
Status Extmem::back(Control& control, const RegionPlan& plan) {
  const uint64_t size = plan.books_ofs();
  if (int err = allocate(file_, offset_, size)) {
    return failure(err, "there is no room for all " + std::to_string(size >> 10) + " KiB of " + path_ +
                            (page_ > kPageSize ? ": raise vm.nr_hugepages" : ": make some, or give a smaller file"));
  }
  RegionRecord& record = control.region(region_);
  const uint32_t generation = record.generation.load();
  const std::string link = control.memory_path(region_, generation);
  Status s = point(link, by_path_ ? path_ : through_process(file_));
  if (!s.ok()) return s;
  record.memory_device.store(device_);
  record.memory_inode.store(inode_);
  record.memory_offset.store(offset_);
  record.memory_kind.store(static_cast<uint32_t>(MemoryKind::kForeign));
  std::shared_ptr<Region> mapped;
  s = control.map_region(region_, &mapped);
  if (s.ok() && !by_path_) s = point(link, through_process(mapped->memory_file()));
  keeper_ = std::move(mapped);
  return s;
}

// A file in the memory's place: with all that the memory holds, as netmap's own memory is what the program gave it.
Status Extmem::fill(Control& control) {
  std::shared_ptr<Region> mapped;
  Status s = control.map_region(region_, &mapped);
  if (!s.ok()) return s;
  if (int err = allocate(mapped->file(), 0, size_)) {
    return failure(err, std::to_string(size_ >> 10) +
                            " KiB do not fit into the file system of the engine folder; enlarge "
                            "it, or give memory that is a file");
  }
  for (uint64_t done = 0; done < size_;) {
    const ssize_t n =
        pwrite(mapped->file(), reinterpret_cast<const void*>(begin_ + done), size_ - done, static_cast<off_t>(done));
    if (n <= 0) return failure(n < 0 ? errno : EFAULT, "reading the memory at " + hex(begin_ + done));
    done += static_cast<uint64_t>(n);
  }
  struct stat st;
  if (fstat(mapped->file(), &st) != 0) return Status::failure(errno, "fstat", "region");
  RegionRecord& record = control.region(region_);
  record.memory_device.store(st.st_dev);
  record.memory_inode.store(st.st_ino);
  record.memory_offset.store(0);
  record.memory_kind.store(static_cast<uint32_t>(MemoryKind::kInPlace));
  keeper_ = std::move(mapped);
  return s;
}

Status Extmem::settle(const Control& control) {
  if (!option_) return {};
  void* const at = reinterpret_cast<void*>(begin_);
  if (replace_ && mmap(at, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, keeper_->file(), 0) == MAP_FAILED) {
    return failure(errno, "the region cannot be mapped in place of the memory at " + hex(begin_) +
                              "; memory of huge pages must be given in whole ones, or as a file");
  }
  const Limits& limits = control.limits();
  const auto fill_in = [](uint32_t& field, uint32_t value) { field = field ? field : value; };
  fill_in(info_.nr_if_pool_objtotal, limits.priv_if_num);
  fill_in(info_.nr_if_pool_objsize, kIfSize);
  fill_in(info_.nr_ring_pool_objtotal, limits.priv_ring_num);
  fill_in(info_.nr_ring_pool_objsize, limits.priv_ring_size);
  fill_in(info_.nr_buf_pool_objtotal, limits.priv_buf_num);
  fill_in(info_.nr_buf_pool_objsize, limits.buf_size);
  option_->nro_info = info_;
  return {};
}

void keep_memory_in_reach(Control& control) {
  for (uint32_t r = 0; r < control.regions(); ++r) {
    const RegionRecord& record = control.region(r);
    if (!record.used.load() || record.memory_kind.load() != static_cast<uint32_t>(MemoryKind::kForeign)) continue;
    const std::string link = control.memory_path(r, record.generation.load());
    struct stat st;
    const bool there = stat(link.c_str(), &st) == 0 && st.st_dev == record.memory_device.load() &&
                       st.st_ino == record.memory_inode.load();
    if (there) continue;
    const std::shared_ptr<Region> mapped = control.mapped_region(r);
    if (mapped && mapped->memory_file() >= 0) (void)point(link, through_process(mapped->memory_file()));
  }
}

}  // namespace nm
