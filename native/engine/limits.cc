#include "limits.h"

#include <cerrno>
#include <cstdlib>
#include <string>

namespace nm {

namespace {

// Every limit: its variable, its place, its bounds. The bounds of pools are netmap's.
struct Bound {
  const char* name;
  uint32_t Limits::* field;
  uint32_t low, high, step;
};
constexpr Bound kBounds[] = {
    {"NODE_NETMAP_SWITCHES", &Limits::switches, 1, 64, 1},
    {"NODE_NETMAP_PORTS", &Limits::ports, 2, kMaxPortsLimit, 1},
    {"NODE_NETMAP_PIPES", &Limits::pipes, 0, 64, 1},
    {"NODE_NETMAP_BUF_SIZE", &Limits::buf_size, 64, 65472, 64},
    {"NODE_NETMAP_IF_NUM", &Limits::if_num, 1, 10000, 1},
    {"NODE_NETMAP_RING_NUM", &Limits::ring_num, 2, 1024, 1},
    {"NODE_NETMAP_RING_SIZE", &Limits::ring_size, 384, 131072, 128},
    {"NODE_NETMAP_BUF_NUM", &Limits::buf_num, 4, 1000000, 1},
    {"NODE_NETMAP_PRIV_IF_NUM", &Limits::priv_if_num, 1, 10000, 1},
    {"NODE_NETMAP_PRIV_RING_NUM", &Limits::priv_ring_num, 1, 1024, 1},
    {"NODE_NETMAP_PRIV_RING_SIZE", &Limits::priv_ring_size, 384, 131072, 128},
    {"NODE_NETMAP_PRIV_BUF_NUM", &Limits::priv_buf_num, 4, 1000000, 1},
};

bool within(const Bound& b, uint64_t n) {
  return n >= b.low && n <= b.high && n % b.step == 0;
}

Status read_bound(const Bound& b, uint32_t* value) {
  const char* text = std::getenv(b.name);
  if (!text || !*text) return {};
  char* end = nullptr;
  errno = 0;
  const unsigned long long n = std::strtoull(text, &end, 10);
  if (errno || *end || *text == '-' || !within(b, n)) {
    std::string range = std::to_string(b.low) + ".." + std::to_string(b.high);
    if (b.step > 1) range += " in steps of " + std::to_string(b.step);
    return Status::failure(EINVAL, "getenv", std::string(b.name) + "=" + text + ": must be a whole number, " + range);
  }
  *value = static_cast<uint32_t>(n);
  return {};
}

}  // namespace

Status Limits::from_environment(Limits* out) {
  for (const Bound& b : kBounds) {
    if (Status s = read_bound(b, &(out->*b.field)); !s.ok()) return s;
  }
  return {};
}

Status Limits::own_from_environment() {
  for (const Bound& b : kBounds) {
    if (b.field == &Limits::pipes) return read_bound(b, &pipes);
  }
  return {};
}

bool Limits::sane() const {
  for (const Bound& b : kBounds) {
    if (!within(b, this->*b.field)) return false;
  }
  return true;
}

}  // namespace nm
