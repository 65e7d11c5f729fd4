// 128-bit keys (IPv6 addresses), as far as interval maps and masks need them. Not every compiler has __int128.
#pragma once

#include <cstdint>

namespace nm::classifier {

struct U128 {
  uint64_t high = 0;
  uint64_t low = 0;

  constexpr U128() = default;
  constexpr U128(uint64_t value) : low(value) {}  // NOLINT: a number is a key
  constexpr U128(uint64_t upper, uint64_t lower) : high(upper), low(lower) {}

  friend constexpr bool operator==(const U128& a, const U128& b) { return a.high == b.high && a.low == b.low; }
  friend constexpr bool operator!=(const U128& a, const U128& b) { return !(a == b); }
  friend constexpr bool operator<(const U128& a, const U128& b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  }
  friend constexpr bool operator<=(const U128& a, const U128& b) { return !(b < a); }
  friend constexpr U128 operator&(const U128& a, const U128& b) { return {a.high & b.high, a.low & b.low}; }
  friend constexpr U128 operator|(const U128& a, const U128& b) { return {a.high | b.high, a.low | b.low}; }
  friend constexpr U128 operator^(const U128& a, const U128& b) { return {a.high ^ b.high, a.low ^ b.low}; }
  friend constexpr U128 operator~(const U128& a) { return {~a.high, ~a.low}; }
  friend constexpr U128 operator+(const U128& a, const U128& b) {
    return {a.high + b.high + (a.low + b.low < a.low ? 1 : 0), a.low + b.low};
  }
  // 0 <= n < 128
  friend constexpr U128 operator>>(const U128& a, int n) {
    if (n == 0) return a;
    return n >= 64 ? U128{0, a.high >> (n - 64)} : U128{a.high >> n, a.low >> n | a.high << (64 - n)};
  }
  friend constexpr U128 operator<<(const U128& a, int n) {
    if (n == 0) return a;
    return n >= 64 ? U128{a.low << (n - 64), 0} : U128{a.high << n | a.low >> (64 - n), a.low << n};
  }
};

// Bits up to the highest one that is set: 0 for 0.
inline int bit_length(uint64_t value) {
  int n = 0;
  for (int step = 32; step > 0; step >>= 1) {
    if (value >> step != 0) {
      value >>= step;
      n += step;
    }
  }
  return n + (value != 0 ? 1 : 0);
}
inline int bit_length(const U128& value) {
  return value.high != 0 ? 64 + bit_length(value.high) : bit_length(value.low);
}

inline uint32_t low_word(uint64_t value) {
  return static_cast<uint32_t>(value);
}
inline uint32_t low_word(const U128& value) {
  return static_cast<uint32_t>(value.low);
}

// The first `length` of `width` bits set.
template <class Key>
constexpr Key prefix_mask(int length, int width) {
  Key all = ~Key(0);
  if (length <= 0) return Key(0);
  Key mask = all << (width - length);
  return width == int(sizeof(Key) * 8) ? mask : mask & ~(all << width);
}

}  // namespace nm::classifier
