// dummynet's command language: what is taken, what is refused and why.
#include <cstdio>

#include "../emulator/report.h"
#include "../emulator/units.h"
#include "check.h"
#include "emulation.h"

using namespace nm::emulator;

namespace {

bool read_test_file(const std::string& path, std::string* contents, std::string* why) {
  if (path == "wifi.profile") {
    *contents = "name wifi\nbw 6Mbit/s\ndelay prob\n0 0\n2 1\n";
    return true;
  }
  if (path == "lte.trace") {
    *contents = "1\n2\n5\n";
    return true;
  }
  if (path == "bad.trace") {
    *contents = "1\nx\n";
    return true;
  }
  *why = "no such file";
  return false;
}

struct Run {
  Interpreter interpreter{Settings(), read_test_file};
  Problem problem;
  bool operator()(const std::string& line) {
    problem = Problem();
    return interpreter.command(line, &problem);
  }
  const Settings& settings() const { return interpreter.settings(); }
};

}  // namespace

TEST(paper, "the examples of the paper, as printed") {
  Run run;
  for (const char* line : {"ipfw pipe 10 config bw 256 Kbit/s delay 20ms", "pipe 11 config bw 4 Mbit/s delay 5ms",
                           "pipe 5 config sched qfq mask src-ip 0xffffff00 bw 1 Mbit/s",
                           "queue 1 config pipe 5 weight 10 mask src-ip 0xffffffff",
                           "queue 2 config pipe 5 weight 4 mask src-ip 0xffffffff"}) {
    CHECK(Interpreter::owns(line));
    CHECK(run(line));
  }
  const Settings& s = run.settings();
  CHECK(s.pipes.at(10).link.bandwidth == 256000 && s.pipes.at(10).link.delay == 20 * kMillisecond);
  CHECK(s.pipes.at(11).link.bandwidth == 4000000);
  CHECK(*s.pipes.at(5).type == SchedulerType::kQfq && s.pipes.at(5).mask->source4 == 0xffffff00);
  CHECK(s.queues.at(1).weight == 10 && s.queues.at(1).mask.source4 == 0xffffffff && s.queues.at(2).scheduler == 5);
  CHECK(run.interpreter.doubts().empty());
}

TEST(numbers, "bandwidths, times and sizes, with fractions and units; nothing wraps, nothing is cut") {
  struct Case {
    const char* text;
    uint64_t value;
  };
  const Case rates[] = {{"1.5Mbit/s", 1500000},
                        {"5000Mbit/s", 5000000000},
                        {"10000Mbit/s", 10000000000},
                        {"100Gbit/s", 100000000000},
                        {"64000", 64000},
                        {"64Kbit/s", 64000},
                        {"1MByte/s", 8000000},
                        {"10MB/s", 80000000},
                        {"10Mbps", 10000000},
                        {"0", 0},
                        {"0.001Kbit/s", 1},
                        {"1G", 1000000000}};
  for (const Case& c : rates) {
    Run run;
    CHECK(run(std::string("pipe 1 config bw ") + c.text));
    CHECK(run.settings().pipes.at(1).link.bandwidth == c.value);
  }
  const Case times[] = {{"20", 20000000},  {"20ms", 20000000}, {"0.5", 500000}, {"1.5s", 1500000000},
                        {"250us", 250000}, {"800ns", 800},     {"0.000001", 1}};
  for (const Case& c : times) {
    Run run;
    CHECK(run(std::string("pipe 1 config delay ") + c.text));
    CHECK(run.settings().pipes.at(1).link.delay == static_cast<Time>(c.value));
  }
  const Case sizes[] = {{"60", 60},      {"60 slots", 60}, {"10K", 10240},  {"10KBytes", 10240},
                        {"1.5KB", 1536}, {"3000B", 3000},  {"2MB", 2097152}};
  for (const Case& c : sizes) {
    Run run;
    CHECK(run(std::string("pipe 1 config queue ") + c.text));
    CHECK(run.settings().pipes.at(1).queue.size.value == c.value);
    CHECK(run.settings().pipes.at(1).queue.size.bytes == (c.value != 60));
  }
}

TEST(rounding, "what is finer than what counts is rounded, and that is said; what is nothing then is refused") {
  Run run;
  CHECK(run("pipe 1 config bw 1.0000001Mbit/s"));
  CHECK(run.interpreter.notes.size() == 1);
  CHECK(!run("pipe 1 config bw 0.0001bit/s"));
  CHECK(run("pipe 1 config buckets 3"));
  CHECK(run.interpreter.notes.size() == 2);
  CHECK(run.settings().pipes.at(1).queue.buckets == 16);
}

TEST(all_words, "every word of a pipe, a queue and a scheduler") {
  Run run;
  CHECK(
      run("pipe 1 config bw 10Mbit/s delay 5ms burst 15K queue 100 plr 0.01 ber 1e-7 jitter 2ms,normal,reorder "
          "reorder 1%,5ms duplicate 0.1% corrupt 1e-4 length frame+crc release start delay-limit 10MB buckets 256 "
          "noerror mask dst-ip /24 src-ip 255.255.0.0 dst-port 0xff00 src-port /8 proto 0xff dst-ip6 /64 src-ip6 /48 "
          "flow-id 0xfffff gred 0.002/30/60/0.1 ecn"));
  const PipeSettings& p = run.settings().pipes.at(1);
  CHECK(p.link.burst == 15360 && p.link.bit_errors == 1e-7 && p.link.jitter.reorder);
  CHECK(p.link.jitter.distribution == Distribution::kNormal && p.link.jitter.amount == 2 * kMillisecond);
  CHECK(p.link.reorder == 0.01 && p.link.hold == 5 * kMillisecond && p.link.duplicate == 0.001);
  CHECK(p.link.overhead.bytes == 4 && p.link.release == Release::kStart && p.link.delay_limit == 10485760);
  CHECK(p.mask->target4 == 0xffffff00 && p.mask->source4 == 0xffff0000 && p.mask->target_port == 0xff00);
  CHECK(p.mask->source_port == 0xff00 && p.mask->target6[0] == ~uint64_t{0} && p.mask->target6[1] == 0);
  CHECK(p.mask->source6[0] == 0xffffffffffff0000 && p.mask->flow_label == 0xfffff && p.mask->family == 0xff);
  CHECK(p.queue.aqm == Aqm::kGred && p.queue.red.min == 30 && p.queue.red.max_p == 0.1 && p.queue.ecn);
  CHECK(run(
      "queue 3 config sched 1 weight 5 lmax 9000 pri 2 queue 64KB plr 0.001,0.01,0.5,0.1 mask all queue 30 droptail"));
  const QueueSettings& q = run.settings().queues.at(3);
  CHECK(q.weight == 5 && q.max_length == 9000 && *q.priority == 2 && q.size.value == 30 && q.loss.bad == 0.5);
  CHECK(q.mask.source_port == 0xffff && q.mask.set == 0);
  CHECK(run("pipe 2 config bw 1G mask src-ip /32 queue"));
  CHECK(run.settings().pipes.at(2).mask->set == 0xffff);
  CHECK(run("sched 1 config pipe 1 type fq_codel target 10 interval 200ms quantum 300 limit 1000 flows 65536 ecn"));
  const SchedulerSettings& s = run.settings().schedulers.at(1);
  CHECK(*s.type == SchedulerType::kFqCodel && s.fair.flows == 65536 && s.fair.quantum == 300 && s.fair.codel.ecn);
  CHECK(s.fair.codel.target == 10 * kMillisecond && s.fair.codel.interval == 200 * kMillisecond);
  CHECK(run(
      "sched 2 config type fq_pie alpha 0.2 beta 2 tupdate 30ms max_burst 100ms max_ecnth 0.2 nocapdrop nodrand onoff "
      "ts limit 500"));
  const PieSettings& pie = run.settings().schedulers.at(2).fair.pie;
  CHECK(pie.alpha == 0.2 && !pie.cap_drop && !pie.derandomize && pie.on_off && pie.timestamps && pie.max_ecn == 0.2);
  CHECK(run("pipe 3 config bw 1Mbit/s codel target 5ms interval 100ms noecn"));
  CHECK(run("pipe 4 config bw 1Mbit/s pie target 20ms dre"));
  CHECK(run("pipe 5 config profile wifi.profile"));
  CHECK(run.settings().pipes.at(5).link.profile->bandwidth() == 6000000);
  CHECK(run("pipe 6 config trace 'lte.trace' delay 30ms"));
  CHECK(run("sched 7 config type prio bw 2Mbit/s"));
  CHECK(run.settings().pipes.at(7).link.bandwidth == 2000000);
}

TEST(replace, "config replaces, change does not; a scheduler that was chosen survives its pipe's next config") {
  Run run;
  CHECK(run("pipe 1 config bw 10Mbit/s delay 5ms queue 100"));
  CHECK(run("sched 1 config type qfq"));
  CHECK(run("pipe 1 config bw 20Mbit/s"));
  CHECK(run.settings().pipes.at(1).link.delay == 0 && run.settings().pipes.at(1).queue.size.value == 50);
  CHECK(run.settings().schedulers.count(1) == 1);
  CHECK(run("pipe 1 change delay 7ms"));
  CHECK(run.settings().pipes.at(1).link.bandwidth == 20000000 &&
        run.settings().pipes.at(1).link.delay == 7 * kMillisecond);
  CHECK(!run("pipe 2 change delay 7ms"));
  CHECK(run("pipe 3 config sched qfq bw 1Mbit/s"));
  CHECK(run("pipe config 3 bw 2Mbit/s"));
  CHECK(*run.settings().pipes.at(3).type == SchedulerType::kQfq);
}

TEST(removal, "delete, in all its forms, and flush") {
  Run run;
  for (int i = 1; i <= 9; ++i) CHECK(run("pipe " + std::to_string(i) + " config bw 1Mbit/s"));
  CHECK(run("pipe 1 delete"));
  CHECK(run("ipfw -q pipe delete 2 3"));
  CHECK(run("pipe delete 4-5,6"));
  CHECK(run.settings().pipes.size() == 3);
  CHECK(!run("pipe delete 7 1"));
  CHECK(run.settings().pipes.size() == 3);  // all or nothing
  CHECK(run("queue 1 config pipe 7"));
  CHECK(run("ipfw -f pipe flush"));
  CHECK(run.settings().pipes.empty() && run.settings().queues.empty());
}

TEST(refused, "what is wrong is refused with its place, and changes nothing") {
  struct Case {
    const char* line;
    uint32_t position;
  };
  const Case cases[] = {{"pipe 1 config bw", 16},
                        {"pipe 1 config bw tun0", 17},
                        {"pipe 1 config bw -5", 17},
                        {"pipe 1 config bw 10parsec/s", 17},
                        {"pipe 1 config bw 2Tbit/s", 17},
                        {"pipe 1 config delay 2h", 20},
                        {"pipe 1 config delay 3601s", 20},
                        {"pipe 1 config queue 0", 20},
                        {"pipe 1 config plr 1.5", 18},
                        {"pipe 1 config plr 1,2", 18},
                        {"pipe 1 config plr 0.1,0.1,0.1", 18},
                        {"pipe 1 config frob 3", 14},
                        {"pipe 1 config weight 3", 14},
                        {"pipe 0 config bw 1", 5},
                        {"pipe 65536 config bw 1", 5},
                        {"pipe 1 frob", 7},
                        {"pipe 1", 6},
                        {"pipe config bw 1", 12},
                        {"queue 1 config weight 3", 23},
                        {"queue 1 config pipe 1 weight 70000", 29},
                        {"queue 1 config pipe 1 red 0.1/5", 26},
                        {"queue 1 config pipe 1 red 0.1/50/50/0.1", 26},
                        {"queue 1 config pipe 1 red 0/5/50/0.1", 26},
                        {"sched 1 config type cake", 20},
                        {"sched 1 config pipe 2", 20},
                        {"pipe 1 config mask", 18},
                        {"pipe 1 config mask src-ip /33", 26},
                        {"pipe 1 config mask src-ip6 0xff", 27},
                        {"pipe 1 config mask src-port 0x10000", 28},
                        {"pipe 1 config codel target 5ms bw 3", 31},
                        {"pipe 1 config profile nowhere", 22},
                        {"pipe 1 config trace bad.trace", 20},
                        {"pipe 1 config trace lte.trace burst 10K", 36},
                        {"pipe 1 config bw 'x", 17},
                        {"pipe flush 3", 11},
                        {"sysctl net.inet.ip.dummynet.frob=1", 7},
                        {"sysctl net.inet.ip.dummynet.io_fast=2", 7},
                        {"frob", 0}};
  Run run;
  CHECK(run("pipe 1 config bw 7"));
  for (const Case& c : cases) {
    const bool good = run(c.line);
    if (good || run.problem.position != c.position) {
      std::printf("# %s -> %d, %u: %s\n", c.line, good, run.problem.position, run.problem.message.c_str());
    }
    CHECK(!good && run.problem.position == c.position && run.problem.any());
    CHECK(run.settings().pipes.at(1).link.bandwidth == 7 && run.settings().queues.empty());
  }
}

TEST(owns, "the emulator's commands are told from those of the rules") {
  for (const char* line : {"pipe 1 config", "ipfw queue 1 show", "  sched 1 config type fifo", "ipfw -q pipe flush",
                           "sysctl -w net.inet.ip.dummynet.io_fast=1", "pipe 1 config bw 'unfinished"}) {
    CHECK(Interpreter::owns(line));
  }
  for (const char* line : {"", "# pipe", "add 100 pipe 1 ip from any to any", "ipfw add 1 allow all", "table 1 create",
                           "sysctl net.inet.ip.fw.one_pass=0", "flush", "pipes"}) {
    CHECK(!Interpreter::owns(line));
  }
}

TEST(doubts, "what cannot work as it stands is said") {
  Run run;
  CHECK(run("queue 1 config pipe 9 weight 0"));
  CHECK(run.interpreter.doubts().size() == 1);
  CHECK(run("pipe 9 config bw 1Mbit/s"));
  CHECK(run.interpreter.doubts().size() == 1);  // weight 0 now
  CHECK(run("sched 4 config type qfq"));
  CHECK(run.interpreter.doubts().size() == 2);
}

TEST(tunables, "sysctl: io_fast gives a flow below the bandwidth no delay of its own") {
  Run run;
  CHECK(run("pipe 1 config bw 8Mbit/s length frame"));
  CHECK(run("sysctl net.inet.ip.dummynet.io_fast=1 net.inet.ip.dummynet.red_avg_pkt_size=1000"));
  CHECK(run.settings().red_avg_pkt_size == 1000);
  Bench bench;
  bench.emulator.apply(run.settings(), 0);
  for (int i = 0; i < 10; ++i) bench.put(i * 2 * kMillisecond, 900);
  bench.finish();
  for (int i = 0; i < 10; ++i) CHECK(bench.outs[i].at == i * 2 * kMillisecond);
}

TEST(show_all, "show tells every parameter, with all its digits") {
  Run run;
  CHECK(run(
      "pipe 1 config bw 10Mbit/s delay 5ms burst 15K queue 100 plr 0.0123456789 ber 1.25e-7 jitter 2ms,normal,reorder "
      "reorder 1%,5ms duplicate 0.1% corrupt 1e-4 length frame+crc release end delay-limit 10MB buckets 256 noerror "
      "mask dst-ip /24 src-port /8 proto 0xff src-ip6 /48 flow-id 0xfffff gred 0.002/30/60/0.1 ecn"));
  CHECK(run("pipe 2 config profile wifi.profile codel target 3ms interval 70ms ecn"));
  CHECK(
      run("pipe 3 config trace lte.trace pie target 20ms alpha 0.2 beta 2 tupdate 30ms max_burst 100ms max_ecnth 0.2 "
          "nocapdrop nodrand onoff ts ecn"));
  CHECK(run("sched 2 config type fq_codel quantum 300 limit 1000 flows 65536 target 7ms ecn"));
  CHECK(run("sched 3 config mask dst-port 0xff type fq_pie quantum 1000 tupdate 11ms"));
  CHECK(run("queue 3 config sched 1 weight 5 lmax 9000 pri 2 queue 64KB plr 0.001,0.01,0.5,0.1 mask all queue"));
  Bench bench;
  bench.emulator.apply(run.settings(), 0);
  const std::string text = show(bench.emulator, {}) + show(bench.emulator, {ShowRequest::What::kQueues, {}});
  for (const char* part :
       {"10 Mbit/s",
        "delay 5 ms",
        "burst 15",
        "100 slots",
        "plr 0.0123456789",
        "ber 1.25e-07",
        "jitter 2 ms normal reorder",
        "reorder 0.01 by 5 ms",
        "duplicate 0.001",
        "corrupt 0.0001",
        "length frame+crc",
        "release end",
        "delay-limit 10",
        "buckets 256",
        "noerror",
        "dst-ip 0xffffff00",
        "src-port 0xff00",
        "proto 0xff",
        "src-ip6 /48",
        "flow-id 0xfffff",
        "gred 0.002/30/60/0.1 ecn",
        "profile wifi.profile",
        "codel target 3 ms interval 70 ms ecn",
        "trace lte.trace",
        "pie target 20 ms tupdate 30 ms alpha 0.2 beta 2 max_burst 100 ms max_ecnth 0.2 ecn nocapdrop nodrand onoff ts",
        "sched fq_codel quantum 300 limit 1000 flows 65536 target 7 ms interval 100 ms ecn",
        "sched fq_pie quantum 1000 limit 10240 flows 1024 target 15 ms tupdate 11 ms",
        "mask dst-port 0xff",
        "q00003: pipe 1 weight 5 lmax 9000 pri 2",
        "plr 0.001,0.01,0.5,0.1",
        "src-ip 0xffffffff"}) {
    if (text.find(part) == std::string::npos) std::printf("# missing: %s in\n%s", part, text.c_str());
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST(show, "show and the report tell what is configured and what has happened") {
  Run run;
  CHECK(run("pipe 1 config bw 8Mbit/s delay 20ms queue 2 length frame"));
  CHECK(run("queue 7 config pipe 1 weight 3 mask src-ip 0xffffffff"));
  CHECK(run("pipe show"));
  CHECK(run("queue list 7"));
  CHECK(run("sched show"));
  REQUIRE(run.interpreter.requests.size() == 3);
  Bench bench;
  bench.emulator.apply(run.settings(), 0);
  for (int i = 0; i < 5; ++i) bench.put(0, 1000);
  bench.put(0, 1000, 3, Target::kQueue, 7);
  bench.emulator.advance(5 * kMillisecond);
  const std::string pipes = show(bench.emulator, run.interpreter.requests[0]);
  CHECK(pipes.find("00001: 8 Mbit/s, delay 20 ms") != std::string::npos);
  CHECK(pipes.find("sent 4 packets 4000 bytes, out 0 packets 0 bytes") != std::string::npos);
  CHECK(pipes.find("dropped 2: queueFull 2") != std::string::npos);
  CHECK(show(bench.emulator, run.interpreter.requests[1]).find("q00007: pipe 1 weight 3") != std::string::npos);
  CHECK(show(bench.emulator, run.interpreter.requests[2]).find("sched wf2q+, queues 7") != std::string::npos);
  const std::string json = report(bench.emulator);
  CHECK(json.find("\"delayed\":{\"packets\":4,\"bytes\":4000}") != std::string::npos);
  CHECK(json.find("\"drops\":{\"queueFull\":2}") != std::string::npos);
  CHECK(flows(bench.emulator, 1, 10).find("\"source\":\"10.0.0.3\"") != std::string::npos);
}
