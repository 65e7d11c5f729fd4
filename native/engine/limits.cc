#include "limits.h"

#include <cerrno>
#include <cstdlib>
#include <string>

namespace nm {

namespace {

Status read(const char* name, uint32_t low, uint32_t high, uint32_t step, uint32_t* value) {
  const char* text = std::getenv(name);
  if (!text || !*text) return {};
  char* end = nullptr;
  errno = 0;
  unsigned long long n = std::strtoull(text, &end, 10);
  if (errno || *end || *text == '-' || n < low || n > high || n % step) {
    std::string range = std::to_string(low) + ".." + std::to_string(high);
    if (step > 1) range += " in steps of " + std::to_string(step);
    return Status::failure(EINVAL, "getenv", std::string(name) + "=" + text + ": must be a whole number, " + range);
  }
  *value = static_cast<uint32_t>(n);
  return {};
}

}  // namespace

Status Limits::from_environment(Limits* out) {
  Status s = read("NODE_NETMAP_SWITCHES", 1, 64, 1, &out->switches);
  if (s.ok()) s = read("NODE_NETMAP_PORTS", 2, kMaxPortsLimit, 1, &out->ports);
  if (s.ok()) s = read("NODE_NETMAP_PIPES", 0, 64, 1, &out->pipes);
  if (s.ok()) s = read("NODE_NETMAP_BUF_SIZE", 64, 65472, 64, &out->buf_size);
  return s;
}

}  // namespace nm
