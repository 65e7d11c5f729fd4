// Rules and pipes together: the way of a frame through both.
#include "../emulation/box.h"

#include "check.h"
#include "emulation.h"

using namespace nm;
using namespace nm::emulator;

namespace {

struct Lab : Box::Exit {
  std::shared_ptr<classifier::Ruleset> rules = classifier::Ruleset::create({});
  Box box{rules, EmulatorOptions(), 1, this};
  struct Seen {
    Box::Direction direction;
    Time at;
    uint32_t flow;
  };
  std::vector<Seen> seen;
  std::string output;
  std::vector<std::string> notes;
  Box::Refusal refusal;

  Lab() { box.name_ports("inside0", "outside0"); }
  void out(Box::Direction direction, Packet* packet, Time at) override {
    seen.push_back({direction, at, packet->data()[29]});
    box.release(packet);
  }
  bool configure(const std::string& text) {
    output.clear();
    return box.configure(text, nullptr, box.emulator().now(), &refusal, &output, &notes);
  }
  bool put(Time at, Box::Direction direction, uint32_t flow = 0, uint32_t length = 1000) {
    std::vector<uint8_t> bytes = make_frame(length, flow);
    const classifier::Frame frame{bytes.data(), length, length};
    uint8_t passes;
    box.advance(at);
    box.put(&frame, 1, direction, 0, at, &passes);
    return passes != 0;
  }
};

constexpr auto kIn = Box::Direction::kIn;
constexpr auto kOut = Box::Direction::kOut;

}  // namespace

TEST(paper, "the paper's first example: each direction has its own pipe, what no rule sends away passes") {
  Lab lab;
  CHECK(lab.configure(
      "# as printed\nipfw pipe 10 config bw 256 Kbit/s delay 20ms\npipe 11 config bw 4 Mbit/s delay 5ms\n"
      "add 100 pipe 10 out dst-port 9\nadd 200 pipe 11 in src-port 7\nadd 300 allow ip from any to any\n"));
  CHECK(lab.notes.empty());
  CHECK(!lab.put(0, kOut));
  CHECK(!lab.put(0, kIn));
  lab.box.advance(kSecond);
  REQUIRE(lab.seen.size() == 2);
  CHECK(lab.seen[0].direction == kIn && lab.seen[0].at == 5 * kMillisecond + 1024 * 2 * kMicrosecond);
  CHECK(lab.seen[1].direction == kOut && lab.seen[1].at == 20 * kMillisecond + 1024 * 8 * 125000 / 32);
  std::vector<uint8_t> arp(60, 0);
  const classifier::Frame frame{arp.data(), 60, 60};
  uint8_t passes = 0;
  lab.box.put(&frame, 1, kOut, 0, kSecond, &passes);
  CHECK(passes == 1);
}

TEST(ports, "recv and xmit are the two ports, seen from the inside") {
  Lab lab;
  CHECK(lab.configure(
      "add deny ip from any to any out recv inside0 xmit outside0\nadd deny ip from any to any in via none0\n"));
  CHECK(!lab.put(0, kOut));
  CHECK(lab.put(0, kIn));
  CHECK(lab.box.denied() == 1);
}

TEST(all_or_none, "a text is taken as a whole or not at all, and the place of what is wrong is that in the text") {
  Lab lab;
  CHECK(lab.configure("pipe 1 config bw 1Mbit/s\nadd 100 pipe 1 ip from any to any"));
  const std::string bad = "pipe 1 config bw 9Mbit/s\nadd 200 deny ip from any to any\npipe 1 config bw frob\n";
  CHECK(!lab.configure(bad));
  CHECK(lab.refusal.position == bad.find("frob"));
  const std::string worse = "pipe 1 config bw 9Mbit/s\nadd 200 frob ip from any to any\n";
  CHECK(!lab.configure(worse));
  CHECK(lab.refusal.position == worse.find("frob"));
  CHECK(lab.box.emulator().settings().pipes.at(1).link.bandwidth == 1000000);
  CHECK(lab.rules->model()->rules.size() == 1);
}

TEST(one_pass, "without one_pass a frame goes on behind the rule that sent it into a pipe: through several of them") {
  Lab lab;
  CHECK(
      lab.configure("sysctl net.inet.ip.fw.one_pass=0\npipe 1 config delay 10ms\npipe 2 config delay 5ms\n"
                    "add 100 pipe 1 ip from any to any\nadd 200 pipe 2 ip from 10.0.0.1 to any\n"
                    "add 300 deny ip from 10.0.0.2 to any\n"));
  for (uint32_t flow = 0; flow < 3; ++flow) CHECK(!lab.put(0, kOut, flow));
  lab.box.advance(kSecond);
  REQUIRE(lab.seen.size() == 2);
  CHECK(lab.seen[0].flow == 0 && lab.seen[0].at == 10 * kMillisecond);
  CHECK(lab.seen[1].flow == 1 && lab.seen[1].at == 15 * kMillisecond);
  CHECK(lab.box.denied() == 1);
  CHECK(lab.box.inside() == 0);
}

TEST(passports, "what is kept for frames that go on is given back, whether they are dropped, doubled or flushed") {
  Lab lab;
  CHECK(lab.configure(
      "sysctl net.inet.ip.fw.one_pass=0\npipe 1 config bw 8Mbit/s duplicate 0.5 queue 5\n"
      "pipe 2 config bw 4Mbit/s queue 2\nadd pipe 1 ip from any to any\nadd pipe 2 ip from any to any\n"));
  for (int i = 0; i < 5000; ++i) (void)lab.put(i * Time{300} * kMicrosecond, kOut);
  CHECK(lab.box.passports_kept() <= 20);
  CHECK(lab.configure("pipe flush"));
  CHECK(lab.box.inside() == 0 && lab.box.passports_kept() == 0);
  CHECK(lab.notes.size() == 2);  // both rules lead nowhere now
}

TEST(pass, "a pipe without any limit lets frames pass, and the rules behind it are asked all the same") {
  Lab lab;
  CHECK(
      lab.configure("sysctl net.inet.ip.fw.one_pass=0\npipe 1 config\nadd pipe 1 ip from any to any\n"
                    "add deny ip from 10.0.0.2 to any\n"));
  CHECK(lab.put(0, kOut, 1));
  CHECK(!lab.put(0, kOut, 2));
  CHECK(lab.box.passports_kept() == 0);
}

TEST(printed, "show and list print what there is, of both") {
  Lab lab;
  CHECK(lab.configure("pipe 1 config bw 1Mbit/s\nadd 100 pipe 1 ip from any to any\n"));
  CHECK(lab.configure("pipe show\nlist\n"));
  CHECK(lab.output.find("1 Mbit/s") != std::string::npos);
  CHECK(lab.output.find("00100 pipe 1") != std::string::npos);
}
