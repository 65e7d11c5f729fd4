// An emulator on a virtual clock, for tests: frames in, what came out and when.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "../emulator/emulator.h"

namespace nm::emulator {

// A UDP/IPv4 frame from 10.0.0.0 + flow, with a number behind the headers.
inline std::vector<uint8_t> make_frame(uint32_t length, uint32_t flow = 0, uint32_t number = 0, uint8_t ecn = 0) {
  std::vector<uint8_t> f(length, 0);
  if (length < 46) return f;
  const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, ecn};
  std::memcpy(f.data(), head, sizeof head);
  const uint32_t ip = length - 14;
  f[16] = static_cast<uint8_t>(ip >> 8);
  f[17] = static_cast<uint8_t>(ip);
  f[22] = 64;
  f[23] = 17;
  f[26] = 10;
  f[27] = static_cast<uint8_t>(flow >> 16);
  f[28] = static_cast<uint8_t>(flow >> 8);
  f[29] = static_cast<uint8_t>(flow);
  f[30] = 10;
  f[33] = 99;
  f[35] = 7;
  f[37] = 9;
  uint32_t sum = 0;
  for (int i = 14; i < 34; i += 2) sum += static_cast<uint32_t>(f[i] << 8 | f[i + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  f[24] = static_cast<uint8_t>(~sum >> 8);
  f[25] = static_cast<uint8_t>(~sum);
  std::memcpy(f.data() + 42, &number, sizeof number);
  return f;
}

struct Out {
  Time at;
  uint32_t length;
  uint32_t flow;
  uint32_t number;
};

class Bench : public Output {
 public:
  explicit Bench(const EmulatorOptions& options = {}) : emulator(options, this) {}
  void leave(Packet* packet, Time at) override {
    Out o{at, packet->length, 0, 0};
    if (packet->length >= 46) {
      o.flow = uint32_t{packet->data()[27]} << 16 | uint32_t{packet->data()[28]} << 8 | packet->data()[29];
      std::memcpy(&o.number, packet->data() + 42, sizeof o.number);
    }
    outs.push_back(o);
    bytes += packet->length;
    if (keep) kept.emplace_back(packet->data(), packet->data() + packet->length);
    emulator.release(packet);
  }
  Outcome put(Time at, uint32_t length, uint32_t flow = 0, Target target = Target::kPipe, uint16_t number = 1,
              uint8_t ecn = 0) {
    const std::vector<uint8_t> frame = make_frame(length, flow, count++, ecn);
    emulator.advance(at);
    return emulator.submit(target, number, frame.data(), length, {}, at);
  }
  // One pipe with this link and queue.
  void pipe(const LinkSettings& link, const QueueSettings& queue = {}) {
    Settings s;
    s.pipes[1].link = link;
    s.pipes[1].queue = queue;
    emulator.apply(s, emulator.now());
  }
  uint64_t drops(Cause cause) const {
    const Pipe* p = emulator.pipe(1);
    return p->own().sink.drops[cause] + p->exit().drops[cause];
  }
  void finish() { emulator.advance(kFarthest / 2); }

  std::vector<Out> outs;
  std::vector<std::vector<uint8_t>> kept;
  bool keep = false;
  uint64_t bytes = 0;
  uint32_t count = 0;
  Emulator emulator;
};

inline QueueSettings slots(uint64_t n) {
  QueueSettings q;
  q.size = {n, false};
  return q;
}

// Frames as long as they are on the wire, so that formulas can be read.
inline LinkSettings plain_link(uint64_t bandwidth, Time delay = 0) {
  LinkSettings link;
  link.bandwidth = bandwidth;
  link.delay = delay;
  link.overhead = {Overhead::Kind::kFrame, 0, 0};
  return link;
}

}  // namespace nm::emulator
