#include "command_files.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace nm {
namespace {

constexpr size_t kMostFile = 64 << 20;

// For how long a pipe, or a terminal, may say nothing.
constexpr int kMostWaitMs = 5000;

// Appends what can be read; false with a reason. Whoever waits for it is the thread that everything else waits for, so
// this waits for nobody who may never come: opening a FIFO that nobody writes to would.
bool read_all(int fd, std::string* contents, std::string* why) {
  std::vector<char> part(65536);
  for (;;) {
    const ssize_t n = read(fd, part.data(), part.size());
    if (n == 0) return true;
    if (n > 0) {
      contents->append(part.data(), static_cast<size_t>(n));
      if (contents->size() <= kMostFile) continue;
      *why = "it is longer than 64 MB";
      return false;
    }
    if (errno == EINTR) continue;
    pollfd ready{fd, POLLIN, 0};
    if (errno == EAGAIN && poll(&ready, 1, kMostWaitMs) != 0) continue;
    *why = errno == EAGAIN ? "nothing came out of it for 5 s" : std::strerror(errno);
    return false;
  }
}

bool read_file(const std::string& path, std::string* contents, std::string* why) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    *why = std::strerror(errno);
    return false;
  }
  const bool good = read_all(fd, contents, why);
  (void)close(fd);
  return good;
}

}  // namespace

emulator::FileReader files_in(std::string folder) {
  // What has been read is kept: two links may name one file, and what comes out of a pipe comes once.
  const auto read_before = std::make_shared<std::map<std::string, std::string>>();
  return [folder = std::move(folder), read_before](const std::string& path, std::string* contents, std::string* why) {
    const bool absolute = path.empty() || path[0] == '/' || folder.empty();
    const std::string full = absolute ? path : folder + "/" + path;
    auto found = read_before->find(full);
    if (found == read_before->end()) {
      std::string fresh;
      if (!read_file(full, &fresh, why)) return false;
      found = read_before->emplace(full, std::move(fresh)).first;
    }
    *contents += found->second;
    return true;
  };
}

}  // namespace nm
