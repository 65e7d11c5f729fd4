#include "command_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace nm {
namespace {

constexpr size_t kMostFile = 64 << 20;

bool read_file(const std::string& path, std::string* contents, std::string* why) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) {
    *why = std::strerror(errno);
    return false;
  }
  char part[65536];
  size_t n;
  while ((n = std::fread(part, 1, sizeof part, file)) > 0 && contents->size() <= kMostFile) contents->append(part, n);
  const bool good = std::ferror(file) == 0 && contents->size() <= kMostFile;
  if (!good) *why = contents->size() > kMostFile ? "it is longer than 64 MB" : std::strerror(errno);
  (void)std::fclose(file);
  return good;
}

}  // namespace

emulator::FileReader files_in(std::string folder) {
  return [folder = std::move(folder)](const std::string& path, std::string* contents, std::string* why) {
    const bool absolute = path.empty() || path[0] == '/' || folder.empty();
    return read_file(absolute ? path : folder + "/" + path, contents, why);
  };
}

}  // namespace nm
