#include "checksum.h"

#include <cstring>

namespace nm {
namespace {

uint16_t swap_bytes(uint16_t value) {
  return static_cast<uint16_t>(value << 8 | value >> 8);
}

bool little_endian() {
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 1;
}

uint16_t fold(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

uint16_t internet_sum(const uint8_t* data, size_t length, uint32_t initial) {
  // The sum does not care for byte order as long as it is the same for all words: add in the host's, swap once.
  uint64_t sum = 0;
  for (; length >= 4; data += 4, length -= 4) {
    uint32_t word;
    memcpy(&word, data, 4);
    sum += word;
  }
  uint8_t rest[4] = {0, 0, 0, 0};
  if (length > 0) {
    memcpy(rest, data, length);
    uint32_t word;
    memcpy(&word, rest, 4);
    sum += word;
  }
  uint16_t folded = fold(sum);
  if (little_endian()) folded = swap_bytes(folded);
  return fold(static_cast<uint64_t>(folded) + initial);
}

void RunningSum::add(const uint8_t* data, size_t length) {
  const uint16_t part = internet_sum(data, length, 0);
  sum_ += odd_ ? swap_bytes(part) : part;
  odd_ ^= length & 1;
}

uint16_t RunningSum::folded() const {
  return fold(sum_);
}

}  // namespace nm
