// Packets for tests, made by the book: slow, plain, and sharing no code with what is tested.
#pragma once

#include <cstdint>
#include <vector>

namespace nm {

inline void put16(uint8_t* p, uint32_t v) {
  p[0] = static_cast<uint8_t>(v >> 8);
  p[1] = static_cast<uint8_t>(v);
}
inline void put32(uint8_t* p, uint32_t v) {
  put16(p, v >> 16);
  put16(p + 2, v & 0xffff);
}
inline uint32_t get16(const uint8_t* p) {
  return p[0] * 256u + p[1];
}

inline uint32_t plain_sum(const uint8_t* p, size_t n, uint32_t sum = 0) {
  for (size_t k = 0; k < n; ++k) {
    sum += k % 2 == 0 ? p[k] * 256u : p[k];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

// Of UDP, or ICMP, in IPv4 without options, or of UDP in IPv6.
inline void fix_checksums(std::vector<uint8_t>* frame) {
  uint8_t* ip = frame->data() + 14;
  const bool v6 = ip[0] >> 4 == 6;
  uint8_t* packet = ip + (v6 ? 40 : 20);
  const uint32_t length = v6 ? get16(ip + 4) : get16(ip + 2) - 20;
  const uint8_t protocol = v6 ? ip[6] : ip[9];
  if (!v6) {
    put16(ip + 10, 0);
    put16(ip + 10, 0xffff - plain_sum(ip, 20));
  }
  uint8_t* field = packet + (protocol == 17 ? 6 : 2);
  put16(field, 0);
  uint32_t sum = 0;
  if (protocol != 1) {
    sum = plain_sum(v6 ? ip + 8 : ip + 12, v6 ? 32 : 8) + protocol + length;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  const uint32_t checksum = 0xffff - plain_sum(packet, length, sum);
  put16(field, checksum == 0 && protocol == 17 ? 0xffff : checksum);
}

inline std::vector<uint8_t> udp_frame(uint32_t length, uint8_t protocol = 17) {
  std::vector<uint8_t> frame(length);
  for (int k = 0; k < 6; ++k) frame[k] = 0xff;
  frame[6] = 2;
  frame[11] = 1;
  frame[12] = 8;
  uint8_t* ip = &frame[14];
  ip[0] = 0x45;
  put16(ip + 2, length - 14);
  ip[8] = 64;
  ip[9] = protocol;
  put32(ip + 12, 0x0a000001);
  put32(ip + 16, 0x0a010001);
  put16(ip + 20, 1234);
  put16(ip + 22, 1234);
  put16(ip + 24, length - 34);
  for (uint32_t k = 42; k < length; ++k) frame[k] = static_cast<uint8_t>(k * 7);
  fix_checksums(&frame);
  return frame;
}

inline std::vector<uint8_t> icmp_frame() {
  std::vector<uint8_t> frame = udp_frame(60, 1);
  put16(&frame[34], 0x0800);
  put16(&frame[38], 5);
  fix_checksums(&frame);
  return frame;
}

inline std::vector<uint8_t> udp6_frame(uint32_t length) {
  std::vector<uint8_t> frame(length);
  frame[6] = 2;
  frame[12] = 0x86;
  frame[13] = 0xdd;
  uint8_t* ip = &frame[14];
  ip[0] = 0x60;
  put16(ip + 4, length - 54);
  ip[6] = 17;
  ip[7] = 64;
  ip[8] = ip[24] = 0xfd;
  ip[23] = 1;
  ip[39] = 2;
  put16(ip + 40, 1234);
  put16(ip + 42, 1234);
  put16(ip + 44, length - 54);
  for (uint32_t k = 62; k < length; ++k) frame[k] = static_cast<uint8_t>(k * 5);
  fix_checksums(&frame);
  return frame;
}

}  // namespace nm
