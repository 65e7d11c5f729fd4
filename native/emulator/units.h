// Numbers with units, as they stand in commands and files. Read as decimals, exactly, never as floating point.
#pragma once

#include <cstdint>
#include <string_view>

#include "problem.h"
#include "time.h"

namespace nm::emulator {

// What a text turned out to be. `rounded`: it was finer than the unit that counts.
struct Amount {
  uint64_t value = 0;
  bool rounded = false;
};

// 10Mbit/s 1.5Mbit/s 256Kbit/s 10MByte/s 1G 64000: K, M, G, T are powers of 1000; bit/s unless it says Byte/s. In
// bit/s.
bool parse_bandwidth(std::string_view text, Amount* out, Problem* problem);
// 20ms 0.5 1.5s 250us 800ns; without a unit it is `unit` ns. In ns, at most `most`.
bool parse_time(std::string_view text, Time unit, Time most, Time* out, Problem* problem);
// 1500 10K 64KBytes 1.5MB: K, M, G are powers of 1024. `suffixed`: it had a unit, so it means bytes.
bool parse_size(std::string_view text, Amount* out, bool* suffixed, Problem* problem);
// 0.01 1% 1e-6: between 0 and 1.
bool parse_probability(std::string_view text, double* out, Problem* problem);
// A decimal number between two bounds, both included.
bool parse_real(std::string_view text, double least, double most, double* out, Problem* problem);
// A whole number between two bounds, both included.
bool parse_whole(std::string_view text, uint64_t least, uint64_t most, uint64_t* out, Problem* problem);

// For messages: 10 Mbit/s, 20 ms, 64 KB, as exact as the shortest form that says it.
std::string show_bandwidth(uint64_t bits_per_second);
std::string show_time(Time ns);
std::string show_bytes(uint64_t bytes);

}  // namespace nm::emulator
