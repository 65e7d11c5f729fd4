// Random texts for everything that reads texts, and random frames for what reads frames: no crash, no hang, nothing out
// of bounds; what is accepted works. NM_SEED and NM_ROUNDS choose which and how many.
#include <string>

#include "../emulator/config/interpreter.h"
#include "../emulator/ecn.h"
#include "../emulator/report.h"
#include "check.h"
#include "emulation.h"
#include "random.h"

using namespace nm::emulator;
using nm::Random;
using nm::rounds;

namespace {

constexpr const char* kWords[] = {"pipe",
                                  "queue",
                                  "sched",
                                  "config",
                                  "change",
                                  "delete",
                                  "show",
                                  "list",
                                  "flush",
                                  "ipfw",
                                  "-q",
                                  "1",
                                  "2",
                                  "65535",
                                  "0",
                                  "bw",
                                  "10Mbit/s",
                                  "1.5",
                                  "Kbit/s",
                                  "delay",
                                  "20ms",
                                  "100",
                                  "burst",
                                  "15K",
                                  "queue",
                                  "50",
                                  "64KBytes",
                                  "slots",
                                  "plr",
                                  "0.1",
                                  "1%",
                                  "0.1,0.2,0.3,0.4",
                                  "ber",
                                  "1e-6",
                                  "jitter",
                                  "5ms,normal",
                                  "5ms,uniform,reorder",
                                  "reorder",
                                  "0.1,1ms",
                                  "duplicate",
                                  "corrupt",
                                  "mask",
                                  "all",
                                  "src-ip",
                                  "/24",
                                  "0xffffffff",
                                  "dst-ip6",
                                  "/64",
                                  "proto",
                                  "dst-port",
                                  "/16",
                                  "buckets",
                                  "noerror",
                                  "red",
                                  "gred",
                                  "0.002/5/15/0.1",
                                  "ecn",
                                  "noecn",
                                  "droptail",
                                  "codel",
                                  "target",
                                  "5ms",
                                  "interval",
                                  "pie",
                                  "tupdate",
                                  "alpha",
                                  "ts",
                                  "onoff",
                                  "type",
                                  "fifo",
                                  "rr",
                                  "wf2q+",
                                  "qfq",
                                  "prio",
                                  "fq_codel",
                                  "fq_pie",
                                  "quantum",
                                  "300",
                                  "limit",
                                  "flows",
                                  "65536",
                                  "weight",
                                  "lmax",
                                  "pri",
                                  "length",
                                  "wire",
                                  "+18",
                                  "-140",
                                  "release",
                                  "start",
                                  "delay-limit",
                                  "10MB",
                                  "tick",
                                  "trace",
                                  "profile",
                                  "file",
                                  "sysctl",
                                  "net.inet.ip.dummynet.io_fast=1",
                                  "'quoted word'",
                                  "\"",
                                  "#",
                                  "-",
                                  ",",
                                  "1-5,7",
                                  "99999999999999999999999",
                                  "4Gbit/s"};

std::string random_bytes(Random* random, uint32_t most) {
  std::string text;
  static constexpr char kLikely[] = "0123456789.,/ \t\n#-eEkKmMgGbits%xf'\"";
  for (uint32_t n = random->below(most); n > 0; --n) {
    text += random->below(8) ? kLikely[random->below(sizeof kLikely - 1)] : static_cast<char>(random->below(256));
  }
  return text;
}

std::string random_command(Random* random) {
  std::string line;
  if (random->below(3)) {
    static constexpr const char* kStarts[] = {"pipe 1 config ", "queue 1 config pipe 1 ", "sched 1 config ",
                                              "pipe 2 change "};
    line = kStarts[random->below(4)];
  }
  for (uint32_t n = random->below(8); n > 0; --n) {
    line += kWords[random->below(sizeof kWords / sizeof *kWords)];
    line += ' ';
  }
  if (random->below(4) == 0 && !line.empty())
    line[random->below(static_cast<uint32_t>(line.size()))] ^= 1 << random->below(8);
  return line;
}

std::string random_profile(Random* random) {
  if (random->below(4) == 0) return random_bytes(random, 200);
  std::string text = random->below(2) ? "name x\nsamples 10\n" : "";
  if (random->below(2)) text += "loss-level 0." + std::to_string(random->below(10)) + "\n";
  text += random->below(2) ? "delay prob\n" : "prob delay\n";
  for (uint32_t n = random->below(10); n > 0; --n) {
    text += "0." + std::to_string(random->below(1000)) + " 0." + std::to_string(random->below(1000)) + "\n";
  }
  if (random->below(4) == 0) text += random_bytes(random, 20);
  return text;
}

std::string random_trace(Random* random) {
  if (random->below(4) == 0) return random_bytes(random, 200);
  std::string text;
  uint64_t at = 0;
  const bool table = random->below(2);
  for (uint32_t n = 1 + random->below(20); n > 0; --n) {
    text += std::to_string(at);
    if (table) {
      text += " " + (random->below(4) ? std::to_string(random->below(100)) + "Mbit/s" : std::string("-"));
      if (random->below(3) == 0) text += " " + std::to_string(random->below(50)) + "ms";
    }
    text += "\n";
    at += random->below(50);
  }
  if (table && random->below(2)) text += std::to_string(at + 1) + " end\n";
  if (random->below(8) == 0) text += random_bytes(random, 20);
  return text;
}

// Sends frames through whatever was configured, and lets all of them out.
void exercise(const Settings& settings, Random* random) {
  EmulatorOptions options;
  options.memory = 16 << 20;
  Bench bench(options);
  bench.emulator.apply(settings, 0);
  Time now = 0;
  uint64_t taken = 0;
  for (int i = 0; i < 60; ++i) {
    now += random->below(3) ? random->below(2000000) : 0;
    const bool queue = random->below(2);
    taken += bench.put(now, random->below(2000), random->below(5), queue ? Target::kQueue : Target::kPipe,
                       static_cast<uint16_t>(random->below(4))) == Outcome::kTaken;
  }
  (void)report(bench.emulator);
  (void)show(bench.emulator, {});
  (void)show(bench.emulator, {ShowRequest::What::kQueues, {}});
  bench.finish();
  if (!bench.emulator.empty()) bench.emulator.flush();  // a link that lets nothing pass any more
  CHECK(bench.emulator.pool().packets() == 0);
  CHECK(taken <= 60);
}

}  // namespace

TEST(commands, "random commands: refused with a place within the line, or taken; what is taken carries packets") {
  Random random(Random::seed());
  uint64_t accepted = 0;
  for (uint32_t round = 0; round < rounds(1500); ++round) {
    Interpreter interpreter(Settings(), [&](const std::string&, std::string* contents, std::string*) {
      *contents = random.below(2) ? random_trace(&random) : random_profile(&random);
      return true;
    });
    for (int i = 0; i < 12; ++i) {
      const std::string line = random.below(10) ? random_command(&random) : random_bytes(&random, 60);
      Problem problem;
      const bool good = interpreter.command(line, &problem);
      accepted += good;
      CHECK(good != problem.any());
      CHECK(problem.position <= line.size());
      (void)Interpreter::owns(line);
    }
    (void)interpreter.doubts();
    exercise(interpreter.settings(), &random);
  }
  CHECK(accepted > rounds(1500) / 2);
}

TEST(files, "random profiles and traces: refused, or they can be drawn from and sent over") {
  Random random(Random::seed() + 1);
  uint64_t accepted = 0;
  for (uint32_t round = 0; round < rounds(4000); ++round) {
    Problem problem;
    if (random.below(2)) {
      const auto profile = Profile::parse(random_profile(&random), &problem);
      CHECK((profile != nullptr) != problem.any());
      if (!profile) continue;
      for (int i = 0; i < 20; ++i) CHECK(profile->extra(random.below(1000) / 1000.0) >= 0);
    } else {
      const auto trace = Trace::parse(random_trace(&random), &problem);
      CHECK((trace != nullptr) != problem.any());
      if (!trace) continue;
      Settings settings;
      settings.pipes[1].link.trace = trace;
      exercise(settings, &random);
    }
    ++accepted;
  }
  CHECK(accepted > rounds(4000) / 4);
}

TEST(frames, "random frames: flow keys and marks read nothing outside") {
  Random random(Random::seed() + 2);
  for (uint32_t round = 0; round < rounds(200000); ++round) {
    std::vector<uint8_t> frame(random.below(130));
    for (uint8_t& byte : frame) byte = static_cast<uint8_t>(random.next());
    const uint8_t types[][2] = {{8, 0}, {0x86, 0xdd}, {0x81, 0}, {0x88, 0xa8}};
    for (size_t at = 12; at + 4 < frame.size() && at < 29; at += 4) {
      std::memcpy(&frame[at], types[random.below(4)], 2);
      if (random.below(2)) frame[at + 2] = random.below(2) ? 0x45 : 0x60;
    }
    if (frame.size() > 30 && random.below(2)) frame[20] = static_cast<uint8_t>(random.below(4) ? 44 : 0);
    const FlowKey key = FlowKey::read(frame.data(), static_cast<uint32_t>(frame.size()));
    CHECK(key.family == 0 || key.family == 4 || key.family == 6);
    (void)mark_congestion(frame.data(), static_cast<uint32_t>(frame.size()));
  }
}
