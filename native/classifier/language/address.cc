#include "address.h"

#include <vector>

#include "words.h"

namespace nm::classifier {
namespace {

bool read_hex(std::string_view text, size_t most_digits, uint32_t& out) {
  if (text.empty() || text.size() > most_digits) return false;
  uint32_t value = 0;
  for (char c : text) {
    uint32_t d;
    if (c >= '0' && c <= '9') {
      d = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      d = static_cast<uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      d = static_cast<uint32_t>(c - 'A' + 10);
    } else {
      return false;
    }
    value = value << 4 | d;
  }
  out = value;
  return true;
}

std::string hex(uint32_t value, int least_digits) {
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) {
    const uint32_t d = value >> shift & 15;
    if (d != 0 || !out.empty() || shift < 4 * least_digits) out += "0123456789abcdef"[d];
  }
  return out;
}

// 16-bit groups between colons; the last one may be an IPv4 address, which makes two.
bool read_groups(std::string_view text, std::vector<uint32_t>& out) {
  if (text.empty()) return true;
  const std::vector<std::string_view> parts = split_list(text, ':');
  for (size_t i = 0; i < parts.size(); ++i) {
    uint32_t value;
    if (i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      if (!read_ip4(parts[i], value)) return false;
      out.push_back(value >> 16);
      out.push_back(value & 0xffff);
    } else {
      if (!read_hex(parts[i], 4, value)) return false;
      out.push_back(value);
    }
  }
  return true;
}

}  // namespace

bool read_ip4(std::string_view text, uint32_t& out) {
  const std::vector<std::string_view> parts = split_list(text, '.');
  if (parts.size() != 4) return false;
  uint32_t value = 0;
  for (std::string_view part : parts) {
    uint64_t byte;
    // "010" is 8 to some and 10 to others.
    if (part.size() > 3 || (part.size() > 1 && part[0] == '0') || !read_number(part, 255, byte)) return false;
    value = value << 8 | static_cast<uint32_t>(byte);
  }
  out = value;
  return true;
}

bool read_ip6(std::string_view text, U128& out) {
  if (text.find(':') == std::string_view::npos) return false;
  std::vector<uint32_t> groups, tail;
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!read_groups(text, groups) || groups.size() != 8) return false;
  } else {
    if (text.find("::", gap + 1) != std::string_view::npos) return false;
    const std::string_view before = text.substr(0, gap);
    if (before.find('.') != std::string_view::npos) return false;
    if (!read_groups(before, groups) || !read_groups(text.substr(gap + 2), tail)) return false;
    if (groups.size() + tail.size() > 7) return false;
    groups.resize(8 - tail.size());
    groups.insert(groups.end(), tail.begin(), tail.end());
  }
  U128 value;
  for (uint32_t group : groups) value = value << 16 | U128(group);
  out = value;
  return true;
}

bool read_mac(std::string_view text, uint64_t& out) {
  std::vector<std::string_view> parts = split_list(text, ':');
  if (parts.size() == 1) parts = split_list(text, '-');
  if (parts.size() != 6) return false;
  uint64_t value = 0;
  for (std::string_view part : parts) {
    uint32_t byte;
    if (!read_hex(part, 2, byte)) return false;
    value = value << 8 | byte;
  }
  out = value;
  return true;
}

std::string show_ip4(uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += to_string(address >> shift & 255);
    if (shift > 0) out += '.';
  }
  return out;
}

std::string show_ip6(const U128& address) {
  uint32_t groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = low_word(address >> (112 - 16 * i)) & 0xffff;
  int best = -1, best_length = 1;
  for (int i = 0; i < 8; ++i) {
    int n = 0;
    while (i + n < 8 && groups[i + n] == 0) ++n;
    if (n > best_length) {
      best = i;
      best_length = n;
    }
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += hex(groups[i], 1);
  }
  return out;
}

std::string show_mac(uint64_t address) {
  std::string out;
  for (int shift = 40; shift >= 0; shift -= 8) {
    out += hex(static_cast<uint32_t>(address >> shift & 255), 2);
    if (shift > 0) out += ':';
  }
  return out;
}

}  // namespace nm::classifier
