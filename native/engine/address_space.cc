#include "address_space.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "../base/pages.h"

namespace nm {

namespace {

constexpr char kDeleted[] = " (deleted)";

bool ends_with(const std::string& text, const char* end) {
  const size_t n = std::strlen(end);
  return text.size() >= n && text.compare(text.size() - n, n, end) == 0;
}

Status read_whole(const char* path, std::string* out) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Status::failure(errno, "open", path);
  char part[8192];
  ssize_t n;
  while ((n = read(fd, part, sizeof part)) > 0) out->append(part, static_cast<size_t>(n));
  const int err = n < 0 ? errno : 0;
  close(fd);
  return err ? Status::failure(err, "read", path) : Status{};
}

// "7f0000000000-7f0000001000 rw-s 00000000 00:1a 4711     /dev/shm/x"
bool parse(const std::string& line, MappedPiece* out) {
  unsigned long long begin, end, offset, inode;
  unsigned major, minor;
  char rights[5];
  int path = 0;
  if (std::sscanf(line.c_str(), "%llx-%llx %4s %llx %x:%x %llu %n", &begin, &end, rights, &offset, &major, &minor,
                  &inode, &path) < 7) {
    return false;
  }
  char file[64];
  std::snprintf(file, sizeof file, "%02x:%02x %llu", major, minor, inode);
  out->begin = begin;
  out->end = end;
  out->readable = rights[0] == 'r';
  out->writable = rights[1] == 'w';
  out->shared = rights[3] == 's';
  out->offset = offset;
  out->file = file;
  out->path = line.substr(static_cast<size_t>(path));
  return true;
}

// Whether a descriptor leads to the piece's file. Where devices have several numbers (btrfs, overlayfs) only the
// kernel's own list can be compared with itself: so the file is mapped for a moment.
bool leads_there(int fd, const MappedPiece& piece) {
  void* at = mmap(nullptr, kPageSize, PROT_READ, MAP_SHARED, fd, 0);
  size_t size = kPageSize;
  if (at == MAP_FAILED) return false;
  const auto begin = reinterpret_cast<uint64_t>(at);
  std::vector<MappedPiece> found;
  const bool same =
      mapped_pieces(begin, begin + kPageSize, &found).ok() && found.size() == 1 && found[0].file == piece.file;
  munmap(at, size);
  return same;
}

int open_if_same(const std::string& path, const MappedPiece& piece) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || leads_there(fd, piece)) return fd;
  close(fd);
  return -1;
}

}  // namespace

bool MappedPiece::deleted() const {
  return ends_with(path, kDeleted);
}

Status mapped_pieces(uint64_t begin, uint64_t end, std::vector<MappedPiece>* out) {
  std::string text;
  Status s = read_whole("/proc/self/maps", &text);
  for (size_t at = 0, next; s.ok() && at < text.size(); at = next + 1) {
    next = std::min(text.find('\n', at), text.size());
    MappedPiece piece;
    if (!parse(text.substr(at, next - at), &piece) || piece.end <= begin || piece.begin >= end) continue;
    if (piece.begin < begin) {
      piece.offset += begin - piece.begin;
      piece.begin = begin;
    }
    piece.end = std::min(piece.end, end);
    out->push_back(piece);
  }
  return s;
}

int open_behind(const MappedPiece& piece, bool* by_path) {
  *by_path = true;
  int fd = piece.deleted() || piece.path.empty() || piece.path[0] != '/' ? -1 : open_if_same(piece.path, piece);
  if (fd >= 0) return fd;
  *by_path = false;
  DIR* dir = opendir("/proc/self/fd");
  if (!dir) return -1;
  while (dirent* entry = readdir(dir)) {
    const std::string path = std::string("/proc/self/fd/") + entry->d_name;
    char link[PATH_MAX];
    const ssize_t n = readlink(path.c_str(), link, sizeof link);
    if (n <= 0 || piece.path.compare(0, std::string::npos, link, static_cast<size_t>(n)) != 0) continue;
    fd = open_if_same(path, piece);
    if (fd >= 0) break;
  }
  closedir(dir);
  return fd;
}

}  // namespace nm
