// The key of an entry of a table, whatever its type.
#pragma once

#include <cstdint>

#include "u128.h"

namespace nm::classifier {

struct TableKey {
  U128 a;              // address, number, MAC, port; source of a flow
  U128 b;              // destination of a flow
  uint32_t ports = 0;  // source << 16 | destination
  uint8_t length = 0;  // of a prefix; all the bits where there are no prefixes
  uint8_t family = 0;  // 4 or 6, where there are addresses
  uint8_t protocol = 0;

  friend bool operator<(const TableKey& x, const TableKey& y) {
    if (x.family != y.family) return x.family < y.family;
    if (x.a != y.a) return x.a < y.a;
    if (x.length != y.length) return x.length < y.length;
    if (x.b != y.b) return x.b < y.b;
    if (x.ports != y.ports) return x.ports < y.ports;
    return x.protocol < y.protocol;
  }
  friend bool operator==(const TableKey& x, const TableKey& y) { return !(x < y) && !(y < x); }
};

}  // namespace nm::classifier
