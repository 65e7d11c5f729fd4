#include <algorithm>
#include <cerrno>
#include <cstring>

#include "directory.h"

namespace nm {

Status PortName::parse(const char* name, uint32_t mode, PortName* out) {
  if (!std::memchr(name, 0, kReqNameSize)) return Status::failure(EINVAL, "register", "port name not terminated");
  out->full = name;
  const std::string& full = out->full;
  if (mode == NR_REG_NULL) {
    out->kind = Kind::kNull;
    out->full = "null:" + full;
    if (out->full.size() >= kReqNameSize) return Status::failure(EINVAL, "register", "port name too long");
    return {};
  }
  if (full.empty()) return Status::failure(ENXIO, "register", "empty port name");
  const bool vale = full.compare(0, 4, "vale") == 0;
  const size_t colon = vale ? full.find(':') : std::string::npos;
  if (vale) {
    const size_t odd = full.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    const size_t port = std::min(full.find_first_of("{}"), full.size()) - colon - 1;
    if (colon == std::string::npos || odd != colon || colon >= kIfNameSize || port >= kIfNameSize) {
      return Status::failure(ENOMEM, "register",
                             "a switch port is named valeX:port, with at most 15 characters on either side of the "
                             "colon and only letters, digits and _ before it: '" +
                                 full + "' is not");
    }
    out->switch_name = full.substr(0, colon);
  }
  const size_t brace = full.find_first_of("{}");
  if (brace == std::string::npos) {
    out->kind = Kind::kVale;
    out->port = vale ? full.substr(colon + 1) : full;
    return {};
  }
  if (brace == 0 || brace + 1 == full.size()) {
    return Status::failure(EINVAL, "register", "a pipe is named NAME{id or NAME}id: '" + full + "' is not");
  }
  if (!vale && brace >= kIfNameSize) {
    return Status::failure(ENXIO, "register",
                           "the name before the brace of a pipe has at most 15 characters: '" + full + "' has more");
  }
  out->kind = Kind::kPipe;
  out->parent = full.substr(0, brace);
  out->second_end = full[brace] == '}';
  out->peer = full;
  out->peer[brace] = out->second_end ? '{' : '}';
  return {};
}

Status PortName::no_interface(const std::string& name) {
  return Status::failure(ENXIO, "register",
                         "the engine has no network interface '" + name +
                             "'; it serves valeX:port, pipes NAME{id and NAME}id, null ports and the persistent ports "
                             "that VALE_NEWIF makes. For network cards load the netmap kernel module");
}

Geometry Geometry::wanted(Kind kind, uint32_t tx_rings, uint32_t rx_rings, uint32_t tx_slots, uint32_t rx_slots) {
  auto pick = [](uint32_t n, uint32_t standard, uint32_t most) { return n == 0 ? standard : n > most ? most : n; };
  const uint32_t standard = kind == Kind::kNull ? 0 : 1;  // a null port may have no rings at all
  Geometry g;
  g.rings[kDirTx] = pick(tx_rings, standard, kMaxRings);
  g.rings[kDirRx] = pick(rx_rings, standard, kMaxRings);
  g.slots[kDirTx] = pick(tx_slots, kDefaultSlots, kMaxSlots);
  g.slots[kDirRx] = pick(rx_slots, kDefaultSlots, kMaxSlots);
  return g;
}

}  // namespace nm
