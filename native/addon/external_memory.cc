#include "external_memory.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#ifdef __linux__
#include <sys/vfs.h>
#endif
#ifndef _WIN32
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/pages.h"
#ifdef MFD_HUGETLB
#include "../device/file_space.h"
#endif
#endif

namespace nm {

#ifdef _WIN32

Status ExternalMemory::file(const std::string&, uint64_t, std::unique_ptr<ExternalMemory>*) {
  return Status::failure(ENOSYS, "extmem", "netmap exists for Linux and FreeBSD only");
}
Status ExternalMemory::bytes(uint64_t, bool, std::unique_ptr<ExternalMemory>*) {
  return Status::failure(ENOSYS, "extmem", "netmap exists for Linux and FreeBSD only");
}
ExternalMemory::~ExternalMemory() = default;

#else

namespace {

// Pages of the file, which mappings of it must be whole ones of.
uint64_t page_of(int fd) {
#ifdef __linux__
  constexpr long kHugetlbfs = 0x958458f6;
  struct statfs fs;
  if (fstatfs(fd, &fs) == 0 && fs.f_type == kHugetlbfs) return static_cast<uint64_t>(fs.f_bsize);
#else
  (void)fd;
#endif
  return kPageSize;
}

// A number of /proc/meminfo; 0 when it is not there.
uint64_t meminfo(const char* name) {
  FILE* file = std::fopen("/proc/meminfo", "re");
  if (!file) return 0;
  char line[128];
  unsigned long long value = 0;
  const size_t length = std::strlen(name);
  while (std::fgets(line, sizeof line, file)) {
    if (std::strncmp(line, name, length) == 0 && line[length] == ':')
      value = std::strtoull(line + length + 1, nullptr, 10);
  }
  std::fclose(file);
  return value;
}

Status no_huge_pages(int err, uint64_t bytes, uint64_t page) {
  const uint64_t wanted = page ? (bytes + page - 1) / page : 0;
  const uint64_t total = meminfo("HugePages_Total"), free = meminfo("HugePages_Free");
  return Status::failure(err, "extmem",
                         std::to_string(wanted) + " huge pages of " + std::to_string(page >> 10) + " KiB are needed, " +
                             std::to_string(free) + " of " + std::to_string(total) +
                             " are free: run sysctl vm.nr_hugepages=" + std::to_string(total - free + wanted) +
                             " (as root), or leave hugePages out");
}

}  // namespace

Status ExternalMemory::map(int fd, uint64_t size, std::unique_ptr<ExternalMemory>* out) {
  std::shared_ptr<Mapping> mapping;
  Status s = Mapping::map(fd, size, &mapping);
  if (s.ok()) {
    out->reset(new ExternalMemory(fd, std::move(mapping)));
  } else {
    close(fd);
  }
  return s;
}

Status ExternalMemory::file(const std::string& path, uint64_t bytes, std::unique_ptr<ExternalMemory>* out) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | (bytes ? O_CREAT : 0), 0600);
  if (fd < 0) {
    const int err = errno;
    return Status::failure(err, "extmem", "opening " + path + (err == ENOENT ? " (with bytes it would be made)" : ""));
  }
  struct stat st;
  Status s;
  const uint64_t page = page_of(fd);
  uint64_t size = 0;
  if (fstat(fd, &st) != 0) {
    s = Status::failure(errno, "extmem", path);
  } else if (!S_ISREG(st.st_mode)) {
    s = Status::failure(EINVAL, "extmem", path + " is no regular file");
  } else {
    size = static_cast<uint64_t>(st.st_size);
    const uint64_t wanted = round_up(bytes, page);
    if (size < wanted && ftruncate(fd, static_cast<off_t>(wanted)) != 0) {
      s = Status::failure(errno, "extmem", "making " + path + " " + std::to_string(wanted) + " bytes long");
    }
    if (size < wanted) size = wanted;
    if (s.ok() && size == 0)
      s = Status::failure(EINVAL, "extmem", path + " is empty: say how many bytes it is to have");
  }
  if (!s.ok()) {
    close(fd);
    return s;
  }
  s = map(fd, size, out);
  return s.err == ENOMEM && page > kPageSize ? no_huge_pages(ENOMEM, size, page) : s;
}

Status ExternalMemory::bytes(uint64_t bytes, bool huge_pages, std::unique_ptr<ExternalMemory>* out) {
  if (!huge_pages) {
    std::shared_ptr<Mapping> mapping;
    Status s = Mapping::anonymous(round_up(bytes), &mapping);
    if (s.ok()) out->reset(new ExternalMemory(-1, std::move(mapping)));
    return s;
  }
#ifdef MFD_HUGETLB
  const uint64_t page = meminfo("Hugepagesize") << 10;
  const int fd = memfd_create("netmap", MFD_CLOEXEC | MFD_HUGETLB | MFD_ALLOW_SEALING);
  if (fd < 0) return no_huge_pages(errno, bytes, page);
  const uint64_t size = round_up(bytes, page_of(fd));
  // Nobody is to take the memory away again, by mistake or not.
  if (ftruncate(fd, static_cast<off_t>(size)) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    const int err = errno;
    close(fd);
    return Status::failure(err, "extmem", std::to_string(size) + " bytes of huge pages");
  }
  // All of them now: a page that is missing later is a SIGBUS.
  const int err = allocate(fd, 0, size);
  if (err) {
    close(fd);
    return no_huge_pages(err == ENOSPC ? ENOMEM : err, bytes, page);
  }
  Status s = map(fd, size, out);
  return s.err == ENOMEM ? no_huge_pages(ENOMEM, bytes, page) : s;
#else
  return Status::failure(ENOTSUP, "extmem", "memory of huge pages can be had on Linux only; give a file of them");
#endif
}

ExternalMemory::~ExternalMemory() {
  if (fd_ >= 0) close(fd_);
}

#endif

}  // namespace nm
