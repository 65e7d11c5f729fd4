#include "control.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "../base/pages.h"
#include "../device/file_space.h"
#include "fault.h"
#include "folder.h"

namespace nm {

namespace {

// Where each table begins.
struct Tables {
  explicit Tables(const Limits& l) {
    descriptors = round_up(sizeof(ControlHeader));
    regions = descriptors + round_up(uint64_t{l.descriptors()} * sizeof(Descriptor));
    switches = regions + round_up(uint64_t{l.regions()} * sizeof(RegionRecord));
    adapters = switches + uint64_t{l.switches} * switch_size(l);
    size = adapters + uint64_t{l.adapters()} * adapter_size();
  }
  static uint64_t switch_size(const Limits& l) {
    return round_up(sizeof(Switch) + uint64_t{l.ports} * sizeof(uint32_t));
  }
  static constexpr uint64_t adapter_size() { return round_up(sizeof(Adapter)); }
  uint64_t descriptors, regions, switches, adapters, size;
};

uint32_t capped(const Shared<uint32_t>& mark, uint32_t limit) {
  uint32_t n = mark.load(std::memory_order_acquire);
  return n < limit ? n : limit;
}

std::mutex& registry_mutex() {
  static std::mutex m;
  return m;
}

// Controls in use by this process, by folder. Holds nothing alive.
std::map<std::string, std::weak_ptr<Control>>& registry() {
  static std::map<std::string, std::weak_ptr<Control>> r;
  return r;
}

}  // namespace

Control::Control(std::string folder, const Limits& limits, uint8_t* base, size_t size, int fd)
    : folder_(std::move(folder)), limits_(limits), base_(base), size_(size), fd_(fd) {}

Control::~Control() {
  munmap(base_, size_);
  close(fd_);
}

Status Control::make_file(const std::string& folder) {
  Limits limits;
  Status s = Limits::from_environment(&limits);
  if (!s.ok()) return s;
  // Made under another name and linked into place whole, so that nobody ever sees half of it.
  std::string temporary = folder + "/control.XXXXXX";
  int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Status::failure(errno, "mkstemp", temporary);
  admit(fd, folder);
  flock(fd, LOCK_EX | LOCK_NB);  // says that somebody is at it: see Directory::empty_folder()
  ControlHeader* header = nullptr;
  uint64_t head_size = round_up(sizeof(ControlHeader));
  if (ftruncate(fd, static_cast<off_t>(Tables(limits).size)) != 0) {
    s = Status::failure(errno, "ftruncate", temporary);
  } else if (int err = allocate(fd, 0, head_size)) {
    s = Status::failure(err, "fallocate",
                        "no room for the engine's control file in " + folder +
                            "; enlarge that file system or name another folder with NODE_NETMAP_DIR");
  } else {
    void* p = mmap(nullptr, head_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
      s = Status::failure(errno, "mmap", temporary);
    else
      header = static_cast<ControlHeader*>(p);
  }
  if (header) {
    std::memcpy(header->magic, kMagic, sizeof kMagic);
    header->layout = kLayoutVersion;
    header->limits = limits;
    munmap(header, head_size);
    // EEXIST: somebody else was faster. ENOENT: cleaned away before it was locked; the caller tries again.
    if (link(temporary.c_str(), (folder + "/control").c_str()) != 0 && errno != EEXIST && errno != ENOENT) {
      s = Status::failure(errno, "link", folder + "/control");
    }
  }
  close(fd);
  unlink(temporary.c_str());
  return s;
}

Status Control::open_file(const std::string& folder, bool create, std::shared_ptr<Control>* out) {
  std::string path = folder + "/control";
  int fd = -1;
  for (int tries = 0; fd < 0; ++tries) {
    fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) break;
    if (errno != ENOENT || !create || tries > 100) return open_failure(path);
    Status s = make_file(folder);
    if (!s.ok()) return s;
  }
  struct stat st;
  ControlHeader header_copy;
  if (fstat(fd, &st) != 0 || !trusted(st, folder) ||
      pread(fd, static_cast<void*>(&header_copy), sizeof header_copy, 0) != static_cast<ssize_t>(sizeof header_copy) ||
      std::memcmp(header_copy.magic, kMagic, sizeof kMagic) != 0) {
    close(fd);
    return Status::failure(EPROTO, "open",
                           path + " is not an engine's control file of this user or group; remove " + folder);
  }
  if (header_copy.layout != kLayoutVersion) {
    close(fd);
    return Status::failure(EPROTONOSUPPORT, "open",
                           path + " was made by an engine with memory layout " + std::to_string(header_copy.layout) +
                               ", this one has layout " + std::to_string(kLayoutVersion) +
                               ": use one version of node-netmap for all, end the other's programs first, or name "
                               "another folder with NODE_NETMAP_DIR");
  }
  Limits limits = header_copy.limits;
  const bool sane = limits.sane();
  uint64_t size = sane ? Tables(limits).size : 0;
  if (!sane || static_cast<uint64_t>(st.st_size) < size) {
    close(fd);
    return Status::failure(EPROTO, "open", path + " is damaged; end the programs that use it and remove " + folder);
  }
  if (Status s = limits.own_from_environment(); !s.ok()) {
    close(fd);
    return s;
  }
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    int err = errno;
    close(fd);
    return Status::failure(err, "mmap", path + ", " + std::to_string(size >> 20) + " MiB of address space (ulimit -v)");
  }
  out->reset(new Control(folder, limits, static_cast<uint8_t*>(base), size, fd));
  return {};
}

Status Control::attach(bool create, std::shared_ptr<Control>* out) {
  std::string folder = folder_path();
  std::lock_guard<std::mutex> lock(registry_mutex());
  std::weak_ptr<Control>& known = registry()[folder];
  if (auto control = known.lock(); control && !control->header().dead.load(std::memory_order_acquire)) {
    *out = std::move(control);
    return {};
  }
  Status s = check_folder(folder, create);
  if (s.ok()) s = open_file(folder, create, out);
  if (s.ok()) known = *out;
  return s;
}

Control::Hold::Hold(Control& control, int timeout_ms) : hold_(control.header().lock, timeout_ms) {
  if (!hold_.held()) {
    status_ = Status::failure(ETIMEDOUT, "engine lock",
                              "another process that uses " + control.folder() +
                                  " is stopped while it holds the engine's lock; continue or end it");
  } else if (control.header().dead.load(std::memory_order_acquire)) {
    control.give_up();  // whoever began it may have died
    status_ = Status::failure(ESTALE, "engine lock", control.folder());
  }
}

Descriptor& Control::descriptor(uint32_t i) const {
  return reinterpret_cast<Descriptor*>(base_ + Tables(limits_).descriptors)[i];
}

RegionRecord& Control::region(uint32_t i) const {
  return reinterpret_cast<RegionRecord*>(base_ + Tables(limits_).regions)[i];
}

Switch& Control::vale(uint32_t i) const {
  return *reinterpret_cast<Switch*>(base_ + Tables(limits_).switches + i * Tables::switch_size(limits_));
}

Adapter& Control::adapter(uint32_t i) const {
  return *reinterpret_cast<Adapter*>(base_ + Tables(limits_).adapters + i * Tables::adapter_size());
}

uint32_t Control::descriptors() const {
  return capped(header().descriptor_mark, limits_.descriptors());
}
uint32_t Control::adapters() const {
  return capped(header().adapter_mark, limits_.adapters());
}
uint32_t Control::regions() const {
  return capped(header().region_mark, limits_.regions());
}
uint32_t Control::switches() const {
  return capped(header().switch_mark, limits_.switches);
}

Status Control::reserve(size_t offset, size_t size) {
  const int err = allocate(fd_, offset, size);
  if (err == 0) return {};
  return Status::failure(err, "fallocate",
                         "no room for the engine's tables in " + folder_ +
                             "; enlarge that file system or name another folder with NODE_NETMAP_DIR");
}

Status Control::reserve_descriptor(uint32_t i) {
  return reserve(Tables(limits_).descriptors + i * sizeof(Descriptor), sizeof(Descriptor));
}
Status Control::reserve_region(uint32_t i) {
  return reserve(Tables(limits_).regions + i * sizeof(RegionRecord), sizeof(RegionRecord));
}
Status Control::reserve_vale(uint32_t i) {
  return reserve(Tables(limits_).switches + i * Tables::switch_size(limits_), Tables::switch_size(limits_));
}
Status Control::reserve_adapter(uint32_t i) {
  return reserve(Tables(limits_).adapters + i * Tables::adapter_size(), Tables::adapter_size());
}

uint32_t Control::next_serial() {
  return header().serial.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::string Control::region_path(uint32_t index, uint32_t generation) const {
  return path("region." + std::to_string(index + 1) + "." + std::to_string(generation));
}
std::string Control::memory_path(uint32_t index, uint32_t generation) const {
  return path("memory." + std::to_string(index + 1) + "." + std::to_string(generation));
}

RegionPlan Control::plan_of(const RegionRecord& r) {
  RegionPlan plan{r.if_total.load(),  r.if_size.load(),   r.ring_total.load(),
                  r.ring_size.load(), r.buf_total.load(), r.buf_size.load()};
  plan.page = r.memory_page.load();
  plan.given = r.memory_size.load();
  return plan;
}

std::shared_ptr<Region> Control::mapped_region(uint32_t index) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Region> known = index < regions_.size() ? regions_[index].lock() : nullptr;
  return known && known->generation() == region(index).generation.load() ? known : nullptr;
}

Status Control::map_region(uint32_t index, std::shared_ptr<Region>* out) {
  if (index >= regions()) return Status::failure(EINVAL, "region", "no region " + std::to_string(index + 1));
  RegionRecord& r = region(index);
  const uint32_t generation = r.generation.load(std::memory_order_acquire);
  std::lock_guard<std::mutex> lock(mutex_);
  if (regions_.size() <= index) regions_.resize(index + 1);
  if (auto known = regions_[index].lock(); known && known->generation() == generation) {
    known->catch_up();
    *out = std::move(known);
    return {};
  }
  ForeignMemory foreign;
  const bool is_foreign = r.memory_kind.load() == static_cast<uint32_t>(MemoryKind::kForeign);
  if (is_foreign) {
    foreign.link = memory_path(index, generation);
    foreign.device = r.memory_device.load();
    foreign.inode = r.memory_inode.load();
    foreign.offset = r.memory_offset.load();
  }
  Status s = Region::open(region_path(index, generation), plan_of(r), index + 1, generation,
                          is_foreign ? &foreign : nullptr, out);
  if (s.ok()) regions_[index] = *out;
  return s;
}

// Only who holds the lock takes the file away, and a new one cannot be put in its place before.
void Control::give_up() {
  header().dead.store(1, std::memory_order_release);
  NM_FAULT(kGivenUp);
  struct stat ours, there;
  const bool in_place = fstat(fd_, &ours) == 0 && lstat(path("control").c_str(), &there) == 0 &&
                        ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  if (in_place) unlink(path("control").c_str());
}

}  // namespace nm
