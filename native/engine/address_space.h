// What lies where in this process's memory, as the kernel tells (/proc/self/maps).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../device/status.h"

namespace nm {

struct MappedPiece {
  uint64_t begin = 0, end = 0;
  bool readable = false, writable = false, shared = false;
  uint64_t offset = 0;  // of `begin` in the file
  std::string file;     // device and inode as the kernel writes them, "00:00 0" for none: fit to be compared, no more
  std::string path;     // as the kernel writes it, " (deleted)" included

  bool is_file() const { return file != "00:00 0"; }
  bool deleted() const;
};

// The pieces that cover [begin, end), in order, cut to it. Fewer where nothing is mapped.
Status mapped_pieces(uint64_t begin, uint64_t end, std::vector<MappedPiece>* out);

// A descriptor of our own of the file behind a shared piece, for reading and writing: by its path, or by a descriptor
// that this process has of it. -1 when there is neither. `by_path` tells which.
int open_behind(const MappedPiece& piece, bool* by_path);

}  // namespace nm
