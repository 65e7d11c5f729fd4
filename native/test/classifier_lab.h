// Frames and a ruleset to try them on.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "../classifier/commands/change.h"
#include "../classifier/language/table_name.h"
#include "../classifier/matcher.h"
#include "../classifier/ruleset.h"

namespace lab {

using namespace nm::classifier;
using Bytes = std::vector<uint8_t>;

inline void put16(Bytes& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
inline void put32(Bytes& out, uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

inline Bytes ethernet(uint32_t type, const Bytes& payload) {
  Bytes out = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  put16(out, type);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

inline uint16_t header_sum(const uint8_t* data, size_t length) {
  uint32_t sum = 0;
  for (size_t i = 0; i < length; i += 2) sum += static_cast<uint32_t>(data[i]) << 8 | data[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

inline Bytes ip4(uint32_t src, uint32_t dst, uint8_t protocol, const Bytes& payload, uint32_t fragment = 0) {
  Bytes out = {0x45, 0};
  put16(out, 20 + static_cast<uint32_t>(payload.size()));
  put16(out, 7);
  put16(out, fragment);
  out.push_back(64);
  out.push_back(protocol);
  put16(out, 0);
  put32(out, src);
  put32(out, dst);
  const uint16_t sum = header_sum(out.data(), 20);
  out[10] = static_cast<uint8_t>(sum >> 8);
  out[11] = static_cast<uint8_t>(sum);
  out.insert(out.end(), payload.begin(), payload.end());
  return ethernet(0x0800, out);
}

inline Bytes udp_header(uint32_t src_port, uint32_t dst_port) {
  Bytes out;
  put16(out, src_port);
  put16(out, dst_port);
  put16(out, 8);
  put16(out, 0);
  return out;
}

inline Bytes tcp_header(uint32_t src_port, uint32_t dst_port, uint8_t flags, uint32_t ack = 0) {
  Bytes out;
  put16(out, src_port);
  put16(out, dst_port);
  put32(out, 1000);
  put32(out, ack);
  out.push_back(0x50);
  out.push_back(flags);
  put16(out, 4096);
  put32(out, 0);
  return out;
}

inline Bytes udp(uint32_t src, uint32_t src_port, uint32_t dst, uint32_t dst_port) {
  return ip4(src, dst, 17, udp_header(src_port, dst_port));
}
inline Bytes tcp(uint32_t src, uint32_t src_port, uint32_t dst, uint32_t dst_port, uint8_t flags, uint32_t ack = 0) {
  return ip4(src, dst, 6, tcp_header(src_port, dst_port, flags, ack));
}

constexpr uint32_t address(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// A ruleset that denies by default, and one thread's matcher.
class Lab {
 public:
  explicit Lab(const std::string& commands = "", RulesetOptions options = denying()) : rules(Ruleset::create(options)) {
    matcher = std::make_unique<Matcher>(rules);
    apply(commands);
  }

  static RulesetOptions denying() {
    RulesetOptions options;
    options.allow_by_default = false;
    return options;
  }

  bool apply(const std::string& commands) {
    output.clear();
    problem = {};
    const bool good = rules->apply(commands, problem, &output);
    if (!good && !expects_problem) std::printf("# %s at %zu\n", problem.message.c_str(), problem.position);
    return good;
  }
  // The commands are refused at a position, with a message that holds some words.
  bool refuses(const std::string& commands, size_t position, const std::string& words) {
    expects_problem = true;
    const bool good = apply(commands);
    expects_problem = false;
    const bool right = !good && problem.position == position && problem.message.find(words) != std::string::npos;
    if (!right) std::printf("# %s: '%s' at %zu\n", commands.c_str(), problem.message.c_str(), problem.position);
    return right;
  }

  Verdict run(Bytes& bytes, int64_t now = 1, Path path = {}) {
    const auto size = static_cast<uint32_t>(bytes.size());
    const Frame frame{bytes.data(), size, size};
    Verdict verdict;
    matcher->classify(&frame, 1, path, now, &verdict);
    return verdict;
  }
  Verdict run(Bytes&& bytes, int64_t now = 1, Path path = {}) { return run(bytes, now, path); }
  bool allows(Bytes bytes, int64_t now = 1, Path path = {}) { return run(bytes, now, path).action == Action::kAllow; }

  RuleCounters counters(uint32_t number) const {
    RuleCounters sum;
    for (const auto& [rule, counters] : rules->report()) {
      if (rule->number != number) continue;
      sum.packets += counters.packets;
      sum.bytes += counters.bytes;
      sum.last = counters.last;
    }
    return sum;
  }

  std::shared_ptr<Ruleset> rules;
  std::unique_ptr<Matcher> matcher;
  Problem problem;
  std::string output;
  bool expects_problem = false;
};

}  // namespace lab
