// Numbers in network order, in memory of any alignment. Each is read and written by one access, because others may
// change the memory meanwhile.
#pragma once

#include <cstdint>
#include <cstring>

namespace nm {

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
inline uint16_t network_order(uint16_t v) {
  return __builtin_bswap16(v);
}
inline uint32_t network_order(uint32_t v) {
  return __builtin_bswap32(v);
}
inline uint64_t network_order(uint64_t v) {
  return __builtin_bswap64(v);
}
#else
template <class T>
T network_order(T v) {
  return v;
}
#endif

template <class T>
T load_network(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return network_order(v);
}
template <class T>
void store_network(uint8_t* p, T v) {
  v = network_order(v);
  std::memcpy(p, &v, sizeof v);
}

// 32 bits, so that it can be shifted by 16.
inline uint32_t load16(const uint8_t* p) {
  return load_network<uint16_t>(p);
}
inline uint32_t load32(const uint8_t* p) {
  return load_network<uint32_t>(p);
}
inline uint64_t load48(const uint8_t* p) {
  return static_cast<uint64_t>(load16(p)) << 32 | load32(p + 2);
}
inline uint64_t load64(const uint8_t* p) {
  return load_network<uint64_t>(p);
}
// The lowest 16 bits.
inline void store16(uint8_t* p, uint32_t v) {
  store_network(p, static_cast<uint16_t>(v));
}
inline void store32(uint8_t* p, uint32_t v) {
  store_network(p, v);
}
inline void store48(uint8_t* p, uint64_t v) {
  store16(p, static_cast<uint32_t>(v >> 32));
  store32(p + 2, static_cast<uint32_t>(v));
}
inline void store64(uint8_t* p, uint64_t v) {
  store_network(p, v);
}

}  // namespace nm
