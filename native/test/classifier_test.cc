// The classifier, without Node: what rules do with frames, what happens when they change, on a clock of the test's own.
#include <atomic>
#include <thread>

#include "check.h"
#include "classifier_lab.h"
#include "random.h"

using namespace lab;

namespace {

constexpr uint32_t kA = address(10, 0, 0, 1), kB = address(10, 0, 0, 2), kC = address(192, 168, 1, 77);

template <class Map, class Key>
void compare_maps(Key (*draw)(nm::Random&), uint64_t seed) {
  nm::Random random(seed);
  for (uint32_t round = 0; round < nm::rounds(60); ++round) {
    std::vector<Key> starts;
    const uint32_t n = random.below(3) == 0 ? random.below(5) : random.below(3000);
    for (uint32_t i = 0; i < n; ++i) starts.push_back(draw(random));
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::vector<typename Map::Interval> intervals;
    for (size_t i = 0; i < starts.size(); ++i) {
      intervals.push_back({starts[i], random.below(4) == 0 ? kNothing : random.below(100)});
    }
    Map map;
    map.build(intervals);
    auto slow = [&](const Key& key) {
      uint32_t value = kNothing;
      for (const auto& interval : intervals) {
        if (interval.start <= key) value = interval.value;
      }
      return value;
    };
    auto check = [&](const Key& key) {
      if (map.find(key) != slow(key)) check::fail(__FILE__, __LINE__, "map.find(key) == slow(key)");
    };
    for (size_t i = 0; i < starts.size() && i < 50; ++i) {
      const Key& start = starts[random.below(static_cast<uint32_t>(starts.size()))];
      check(start);
      check(start + Key(1));
      check(start + ~Key(0));
    }
    for (int i = 0; i < 50; ++i) check(draw(random));
  }
}

uint32_t draw32(nm::Random& random) {
  // Clusters, as addresses come.
  const uint32_t kind = random.below(4);
  const uint32_t key = random.next();
  return kind == 0 ? key : kind == 1 ? 0x0a000000 | (key & 0xfff) : kind == 2 ? key & 0xff00ff00 : key & 0xffff;
}
uint64_t draw48(nm::Random& random) {
  return (static_cast<uint64_t>(draw32(random)) << 16 | (random.next() & 0xffff)) & 0xffffffffffff;
}
U128 draw128(nm::Random& random) {
  const uint64_t high = static_cast<uint64_t>(draw32(random)) << 32 | draw32(random);
  const uint64_t low = static_cast<uint64_t>(draw32(random)) << 32 | draw32(random);
  return random.below(3) == 0 ? U128(0x20010db800000000, low) : U128(high, low);
}

}  // namespace

TEST(interval_maps, "an interval map finds what a search through all intervals finds") {
  compare_maps<IntervalMap<uint32_t, 32>, uint32_t>(draw32, nm::Random::seed());
  compare_maps<IntervalMap<U128, 128>, U128>(draw128, nm::Random::seed() + 2);
  // Keys of 48 bits in words of 64: one below 0 is outside.
  nm::Random random(nm::Random::seed() + 1);
  std::vector<Map48::Interval> intervals;
  for (uint64_t key : {draw48(random), draw48(random) | 1}) intervals.push_back({key, 1});
  if (intervals[1].start < intervals[0].start) std::swap(intervals[0], intervals[1]);
  Map48 map;
  map.build(intervals);
  CHECK(map.find(intervals[0].start) == 1);
  CHECK(map.find(intervals[1].start) == 1);
  CHECK(map.find(0xffffffffffff) == 1);
}

TEST(first_match, "the first rule that matches decides, the default rule if there is none") {
  Lab lab(
      "add 100 count ip from any to any\n"
      "ipfw add 200 deny udp from 10.0.0.1 to any 53\n"
      "add 300 allow udp from any to any // the rest\n");
  CHECK(lab.run(udp(kA, 1000, kB, 53)).number == 200);
  CHECK(lab.run(udp(kA, 1000, kB, 54)).number == 300);
  CHECK(lab.run(udp(kB, 1000, kA, 53)).action == Action::kAllow);
  const Verdict verdict = lab.run(tcp(kA, 1, kB, 53, 2));
  CHECK(verdict.number == 65535 && verdict.action == Action::kDeny);
  CHECK(lab.counters(100).packets == 4);
  CHECK(lab.counters(100).bytes == 3 * 42 + 54);
  CHECK(lab.counters(65535).packets == 1);
}

TEST(batches, "a batch gets the verdicts that its frames get one by one") {
  Lab lab("add 10 deny udp from any to any 1000-1099\nadd 20 allow udp from any to any src-port 7\n");
  std::vector<Bytes> bytes;
  for (uint32_t i = 0; i < 200; ++i) bytes.push_back(udp(kA, i % 8, kB, 950 + i));
  std::vector<Frame> frames;
  for (Bytes& b : bytes) frames.push_back({b.data(), static_cast<uint32_t>(b.size()), static_cast<uint32_t>(b.size())});
  std::vector<Verdict> verdicts(frames.size());
  lab.matcher->classify(frames.data(), frames.size(), {}, 5, verdicts.data());
  for (uint32_t i = 0; i < 200; ++i) {
    const uint32_t expected = i >= 50 && i < 150 ? 10 : i % 8 == 7 ? 20 : 65535;
    CHECK(verdicts[i].number == expected);
  }
  CHECK(lab.counters(10).last == 5);
}

TEST(jumps, "skipto goes forward, call anywhere, return behind the call; tags and marks stay with the frame") {
  Lab lab(
      "add 100 skipto 300 udp from any to any 1\n"
      "add 200 deny udp from any to any 1-2\n"
      "add 300 call 1000 ip from any to any\n"
      "add 400 allow ip from any to any tagged 7 mark 0x12:0xff\n"
      "add 500 deny ip from any to any\n"
      "add 1000 count tag 7 ip from any to any\n"
      "add 1010 setmark 0x3412 ip from any to any\n"
      "add 1020 return ip from any to any\n");
  CHECK(lab.run(udp(kA, 9, kB, 1)).number == 400);
  CHECK(lab.run(udp(kA, 9, kB, 2)).number == 200);
  CHECK(lab.apply("add 1015 count untag 7 ip from any to any"));
  CHECK(lab.run(udp(kA, 9, kB, 1)).number == 500);
  // A call that never returns is followed 16 times.
  CHECK(lab.apply("flush\nadd 10 count ip from any to any\nadd 20 call 10 ip from any to any"));
  CHECK(lab.run(udp(kA, 9, kB, 1)).number == 65535);
  CHECK(lab.counters(10).packets == 17);
  // skipto never goes back.
  CHECK(lab.apply(
      "flush\nadd 10 count ip from any to any\nadd 20 skipto 10 ip from any to any\nadd 30 allow ip from any to any"));
  CHECK(lab.run(udp(kA, 9, kB, 1)).number == 30);
}

TEST(tables, "tables find the longest prefix, and tablearg hands its value to the action") {
  Lab lab(
      "table nets create type addr\n"
      "table nets add 10.0.0.0/8 10 10.0.0.0/30 30 10.0.0.1 40 2001:db8::/32 60\n"
      "add 100 pipe tablearg ip from table(nets) to any\n"
      "add 200 allow ip from any to table(nets,30)\n");
  CHECK(lab.run(udp(kA, 1, kB, 1)).target == 40);
  CHECK(lab.run(udp(kB, 1, kB, 1)).target == 30);
  CHECK(lab.run(udp(address(10, 9, 9, 9), 1, kB, 1)).target == 10);
  CHECK(lab.run(udp(kC, 1, kB, 1)).number == 200);
  CHECK(lab.run(udp(kC, 1, kA, 1)).number == 65535);
  CHECK(lab.apply("table nets delete 10.0.0.1\ntable nets lookup 10.0.0.1"));
  CHECK(lab.output == "10.0.0.1 30\n");
  CHECK(
      lab.apply("-i table nets lookup 10.0.0.1\ntable x create valtype pipe,mark\ntable x add 1.1.1.1 1,10.9.8.7\n-i "
                "table x list"));
  CHECK(lab.output == "10.0.0.1 0.0.0.30\n1.1.1.1/32 0.0.0.1,10.9.8.7\n");
  CHECK(lab.refuses("add count tagged 0-5", 17, "'0' is no tag"));
  CHECK(lab.run(udp(kA, 1, kB, 1)).target == 30);
  CHECK(lab.apply(
      "table f create type flow:src-ip,proto,dst-port valtype skipto,dscp\ntable f add 10.0.0.1,udp,53 500,ef\n"
      "add 50 skipto tablearg ip from any to any flow table(f)\nadd 500 setdscp 12 ip from any to any"));
  CHECK(lab.run(udp(kA, 1, kC, 53)).number == 65535);
  CHECK(lab.run(udp(kA, 1, kC, 53)).edited);
  CHECK(lab.run(udp(kA, 1, kC, 54)).number == 100);
  CHECK(lab.refuses("table nets destroy", 6, "used by rule 100"));
}

TEST(own_addresses, "me is a condition, not a look-up: tablearg stays what the rule has looked up") {
  Lab lab("table me add 10.0.0.2 9\ntable nets add 10.0.0.1 4\nadd 10 pipe tablearg ip from table(nets) to me\n");
  CHECK(lab.run(udp(kA, 9, kB, 53)).target == 4);
  CHECK(!lab.allows(udp(kB, 53, kA, 9)));
  CHECK(lab.refuses("add 20 pipe tablearg ip from any to me", 36, "needs a table"));
}

TEST(dscp, "setdscp changes the header and leaves its checksum right") {
  Lab lab("add 10 setdscp ef ip from any to any\nadd 20 allow ip from any to any dscp ef");
  Bytes frame = udp(kA, 1, kB, 1);
  const Verdict verdict = lab.run(frame);
  CHECK(verdict.edited && verdict.number == 20);
  CHECK(frame[15] == 46 << 2);
  CHECK(header_sum(frame.data() + 14, 20) == 0);
  Bytes six = ethernet(0x86dd, Bytes(40));
  six[14] = 0x6f;
  six[15] = 0xff;
  six[20] = 59;
  CHECK(lab.run(six).number == 20);
  CHECK(six[14] == 0x6b && six[15] == 0xbf);
}

TEST(states, "keep-state lets answers through for as long as the state lives") {
  Lab lab("add 10 check-state\nadd 20 allow udp from 10.0.0.1 to any keep-state\n");
  const int64_t s = kSecond;
  CHECK(!lab.allows(udp(kB, 53, kA, 9), 1 * s));
  CHECK(lab.allows(udp(kA, 9, kB, 53), 2 * s));
  CHECK(lab.run(udp(kB, 53, kA, 9), 11 * s).number == 20);
  CHECK(!lab.allows(udp(kB, 53, kA, 10), 11 * s));
  CHECK(lab.allows(udp(kB, 53, kA, 9), 21 * s - 1));
  CHECK(!lab.allows(udp(kB, 53, kA, 9), 31 * s));
  CHECK(lab.rules->states().count() == 0);
  // Deleting the rule deletes its states.
  CHECK(lab.allows(udp(kA, 9, kB, 53), 40 * s));
  CHECK(lab.rules->states().count() == 1);
  CHECK(lab.apply("delete 20"));
  CHECK(lab.rules->states().count() == 0);
}

TEST(tcp_states, "a TCP state lives by its flags: opening, established, closing, reset") {
  Lab lab("add 10 check-state\nadd 20 allow tcp from 10.0.0.1 to any setup keep-state\n");
  const int64_t s = kSecond;
  CHECK(lab.allows(tcp(kA, 9, kB, 80, 0x02), 0));
  CHECK(lab.allows(tcp(kB, 80, kA, 9, 0x12, 5), 19 * s));
  CHECK(lab.allows(tcp(kA, 9, kB, 80, 0x10, 9), 19 * s + 1));  // established now: 300 s
  CHECK(lab.allows(tcp(kB, 80, kA, 9, 0x10, 6), 300 * s));
  CHECK(lab.allows(tcp(kB, 80, kA, 9, 0x11, 6), 310 * s));
  CHECK(lab.allows(tcp(kA, 9, kB, 80, 0x11, 9), 311 * s));  // both have closed: 1 s
  CHECK(lab.allows(tcp(kB, 80, kA, 9, 0x10, 7), 311 * s + 999999999));
  CHECK(!lab.allows(tcp(kB, 80, kA, 9, 0x10, 7), 313 * s));
  CHECK(lab.allows(tcp(kA, 9, kB, 80, 0x02), 400 * s));
  CHECK(lab.allows(tcp(kB, 80, kA, 9, 0x14), 401 * s));  // reset: 1 s
  CHECK(!lab.allows(tcp(kB, 80, kA, 9, 0x14), 402 * s));
}

TEST(bounded_states, "states are bounded: what finds no room is denied, until something expires") {
  RulesetOptions options = Lab::denying();
  options.max_states = 100;
  Lab lab("add 20 allow udp from any to any keep-state\n", options);
  for (uint32_t i = 0; i < 100; ++i) CHECK(lab.allows(udp(kA, i, kB, 53), i));
  CHECK(!lab.allows(udp(kA, 100, kB, 53), 100));
  CHECK(lab.allows(udp(kA, 50, kB, 53), 101));
  CHECK(lab.allows(udp(kA, 100, kB, 53), 10 * kSecond));  // the first one has gone
  CHECK(lab.rules->states().count() == 100);
  CHECK(lab.rules->states().refused() == 1);
}

TEST(changed_lifetimes, "another lifetime holds for the states that live, and so they make room in time") {
  RulesetOptions options = Lab::denying();
  options.max_states = 2;
  Lab lab("add 20 allow udp from any to any keep-state\n", options);
  const int64_t s = kSecond;
  CHECK(lab.allows(udp(kA, 1, kB, 53), 1 * s));
  CHECK(lab.apply("sysctl net.inet.ip.fw.dyn_udp_lifetime=2"));
  CHECK(lab.allows(udp(kA, 2, kB, 53), 2 * s));
  CHECK(lab.allows(udp(kA, 3, kB, 53), 3 * s));  // in the place of the first one
  CHECK(!lab.allows(udp(kA, 4, kB, 53), 4 * s - 1));
  CHECK(lab.apply("sysctl net.inet.ip.fw.dyn_udp_lifetime=20"));
  CHECK(lab.allows(udp(kA, 2, kB, 53), 21 * s));
  CHECK(!lab.allows(udp(kA, 4, kB, 53), 22 * s));
}

TEST(limits, "limit counts a rule's flows by the fields it names") {
  Lab lab("add 20 allow udp from any to any limit src-addr 2\n");
  CHECK(lab.allows(udp(kA, 1, kB, 53), 1));
  CHECK(lab.allows(udp(kA, 2, kB, 53), 1));
  CHECK(!lab.allows(udp(kA, 3, kB, 53), 1));
  CHECK(lab.allows(udp(kC, 3, kB, 53), 1));
  CHECK(lab.allows(udp(kA, 2, kB, 53), 5 * kSecond));
  CHECK(lab.allows(udp(kA, 3, kB, 53), 10 * kSecond + 1));  // one has expired
  CHECK(!lab.allows(udp(kA, 4, kB, 53), 10 * kSecond + 2));
}

TEST(flow_names, "named states are found under their name, or under :any") {
  Lab lab(
      "add 10 check-state :web\nadd 20 allow udp from 10.0.0.1 to any 53 record-state :dns\nadd 30 allow udp from "
      "10.0.0.1 to any 80 record-state :web\n");
  CHECK(lab.allows(udp(kA, 9, kB, 53)) && lab.allows(udp(kA, 9, kB, 80)));
  CHECK(!lab.allows(udp(kB, 53, kA, 9)));
  CHECK(lab.run(udp(kB, 80, kA, 9)).number == 30);
  CHECK(lab.apply("add 15 check-state :any"));
  CHECK(lab.run(udp(kB, 53, kA, 9)).number == 20);
}

TEST(expired_names, "a state that has expired hides none of another name") {
  Lab lab("add 30 allow udp from any to any record-state :a\n");
  const int64_t s = kSecond;
  CHECK(lab.allows(udp(kA, 9, kB, 53), 1 * s));
  CHECK(lab.apply("add 20 allow udp from any to any record-state :b"));
  CHECK(lab.allows(udp(kA, 9, kB, 53), 2 * s));
  CHECK(lab.apply("add 15 skipto 30 ip from any to any"));
  CHECK(lab.allows(udp(kA, 9, kB, 53), 9 * s));
  CHECK(lab.apply("add 10 check-state :any\nadd 12 deny ip from any to any"));
  CHECK(lab.run(udp(kB, 53, kA, 9), 13 * s).number == 30);  // the younger one, b, went at 12 s
  CHECK(lab.rules->states().count() == 1);
}

TEST(probability, "prob draws the same for the same seed, and about as often as it says") {
  auto sequence = [](uint64_t seed, uint32_t lane) {
    RulesetOptions options = Lab::denying();
    options.seed = seed;
    auto rules = Ruleset::create(options);
    Problem problem;
    rules->apply("add 10 prob 0.3 allow ip from any to any", problem);
    Matcher matcher(rules, lane);
    Bytes bytes = udp(kA, 1, kB, 2);
    const Frame frame{bytes.data(), 42, 42};
    std::vector<bool> out;
    for (int i = 0; i < 100000; ++i) {
      Verdict verdict;
      matcher.classify(&frame, 1, {}, 0, &verdict);
      out.push_back(verdict.action == Action::kAllow);
    }
    return out;
  };
  const auto one = sequence(1, 0);
  CHECK(one == sequence(1, 0));
  CHECK(one != sequence(2, 0));
  CHECK(one != sequence(1, 1));
  const auto hits = std::count(one.begin(), one.end(), true);
  // 99.9 % of a binomial distribution: 3.29 standard deviations of 145.
  CHECK(hits > 30000 - 477 && hits < 30000 + 477);
}

TEST(one_pass, "with one_pass off a frame goes on behind the rule that sent it away, however the rules have changed") {
  Lab lab(
      "disable one_pass\nadd 100 pipe 1 ip from any to any\nadd 200 pipe 2 ip from any to any\nadd 300 allow ip from "
      "any to any\n");
  Bytes bytes = udp(kA, 1, kB, 2);
  const Frame frame{bytes.data(), 42, 42};
  Passport passport;
  Verdict verdict;
  lab.matcher->classify(&frame, 1, {}, 0, &verdict, &passport);
  CHECK(verdict.action == Action::kPipe && verdict.target == 1 && !verdict.one_pass);
  const Passport first = passport;
  verdict = lab.matcher->resume(frame, {}, 0, passport);
  CHECK(verdict.target == 2);
  verdict = lab.matcher->resume(frame, {}, 0, passport);
  CHECK(verdict.number == 300);
  passport = first;
  CHECK(lab.apply("delete 100\nadd 90 deny ip from any to any\nadd 150 queue 7 ip from any to any"));
  verdict = lab.matcher->resume(frame, {}, 0, passport);
  CHECK(verdict.action == Action::kQueue && verdict.target == 7);
  CHECK(lab.apply("enable one_pass"));
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 90);
}

TEST(sets, "sets are switched, moved, swapped and flushed") {
  Lab lab(
      "add 10 set 1 deny udp from any to any\nadd 20 set 2 allow udp from any to any\nadd 30 set 31 count ip from any "
      "to any");
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 10);
  CHECK(lab.apply("set disable 1"));
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 20);
  CHECK(lab.apply("set swap 1 2"));
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 10);
  CHECK(lab.apply("set move rule 10 to 1\nset show"));
  CHECK(lab.output.find("disable 1 enable 0 2") == 0);
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 65535);
  CHECK(lab.refuses("set disable 31", 12, "31"));
  CHECK(lab.apply("flush\nset enable 1\nlist"));
  CHECK(lab.output == "00030 count ip from any to any\n65535 deny ip from any to any\n");
  CHECK(lab.apply("set 31 flush\nlist"));
  CHECK(lab.output == "65535 deny ip from any to any\n");
}

TEST(counters, "counters outlive changes, and begin anew when told to") {
  Lab lab("add 10 count ip from any to any");
  lab.run(udp(kA, 1, kB, 2));
  CHECK(lab.apply("add 5 count ip from any to any"));
  lab.run(udp(kA, 1, kB, 2), 77);
  CHECK(lab.counters(10).packets == 2 && lab.counters(5).packets == 1 && lab.counters(10).last == 77);
  CHECK(lab.apply("zero 10"));
  CHECK(lab.counters(10).packets == 0 && lab.counters(10).last == 0 && lab.counters(5).packets == 1);
  Matcher other(lab.rules, 1);
  Bytes bytes = udp(kA, 1, kB, 2);
  const Frame frame{bytes.data(), 42, 42};
  Verdict verdict;
  other.classify(&frame, 1, {}, 0, &verdict);
  lab.run(udp(kA, 1, kB, 2));
  CHECK(lab.counters(10).packets == 2);
  CHECK(lab.apply("zero"));
  CHECK(lab.counters(10).packets == 0 && lab.counters(65535).packets == 0);
}

TEST(log, "log keeps what it is told to, in a ring that counts what found no room") {
  RulesetOptions options = Lab::denying();
  options.log_entries = 4;
  options.log_snaplen = 20;
  Lab lab("add 10 deny log logamount 3 udp from any to any 1\nadd 20 allow log udp from any to any 2", options);
  for (int i = 0; i < 5; ++i) CHECK(lab.run(udp(kA, 1, kB, 1), i).logged == (i < 3));
  lab.run(udp(kA, 1, kB, 2), 9);
  lab.run(udp(kA, 1, kB, 2), 10);
  CHECK(lab.matcher->log().lost() == 1);
  std::vector<LogEntry> entries;
  lab.matcher->log().drain([&](const LogEntry& entry) { entries.push_back(entry); });
  REQUIRE(entries.size() == 4);
  CHECK(entries[2].time == 2 && entries[2].number == 10 && entries[2].verb == Rule::Verb::kDeny);
  CHECK(entries[3].number == 20 && entries[3].length == 42 && entries[3].kept == 20);
  CHECK(lab.apply("resetlog 10"));
  CHECK(lab.run(udp(kA, 1, kB, 1), 20).logged);
}

TEST(ports, "recv, xmit and via compare names of ports, with patterns and tables") {
  Lab lab(
      "table outside create type iface\ntable outside add vale1:b 5\n"
      "add 10 pipe tablearg ip from any to any xmit table(outside)\n"
      "add 20 deny ip from any to any in recv vale0:*\n"
      "add 30 allow ip from any to any via vale2:x\n");
  const uint16_t a = lab.rules->port("vale0:a"), b = lab.rules->port("vale1:b"), x = lab.rules->port("vale2:x");
  CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kOut, a, b}).target == 5);
  CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kIn, a, x}).number == 20);
  CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kOut, a, x}).number == 30);
  CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kIn, x, 0}).number == 30);
  CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kIn, b, 0}).number == 65535);
  // Ports that were not known when the pattern was compiled; one of them is named by a rule behind it.
  CHECK(lab.apply("add 40 count ip from any to any recv vale0:named"));
  for (const char* name : {"vale0:later", "vale0:named"}) {
    CHECK(lab.run(udp(kA, 1, kB, 2), 0, {Direction::kIn, lab.rules->port(name), 0}).number == 20);
  }
}

TEST(all_or_none, "a change with a mistake changes nothing, and says where the mistake is") {
  Lab lab("add 10 allow udp from any to any\ntable 1 add 10.0.0.1");
  CHECK(lab.refuses("add 5 deny ip from any to any\ntable 1 add 10.0.0.2\nadd 6 deny ip frm any to any", 65, "'frm'"));
  CHECK(lab.run(udp(kA, 1, kB, 2)).number == 10);
  CHECK(lab.apply("table 1 list"));
  CHECK(lab.output == "10.0.0.1/32 0\n");
  auto first = lab.rules->change(), second = lab.rules->change();
  Problem problem;
  CHECK(first->command("add 5 deny ip from any to any", problem));
  CHECK(second->command("add 6 deny ip from any to any", problem));
  CHECK(first->commit(problem));
  CHECK(!second->commit(problem) && problem.message.find("meanwhile") != std::string::npos);
}

TEST(replaced_while_running, "rules are replaced as a whole while other threads match") {
  Lab lab(
      "add 10 skipto 30 ip from any to any\nadd 20 deny ip from any to any\nadd 30 allow udp from any to any "
      "keep-state\n");
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0}, total{0};
  auto match = [&](uint32_t lane) {
    Matcher matcher(lab.rules, lane);
    std::vector<Bytes> bytes;
    std::vector<Frame> frames;
    for (uint32_t i = 0; i < 64; ++i) bytes.push_back(udp(kA, 1000 + i, kB, lane));
    for (Bytes& b : bytes) frames.push_back({b.data(), 42, 42});
    std::vector<Verdict> verdicts(64);
    int64_t now = 0;
    while (!stop) {
      matcher.classify(frames.data(), 64, {}, ++now, verdicts.data());
      for (const Verdict& verdict : verdicts) wrong += verdict.action != Action::kAllow ? 1 : 0;
      total += 64;
    }
  };
  std::thread one(match, 0), two(match, 1);
  for (uint32_t i = 0; i < nm::rounds(200); ++i) {
    // In one state the frames pass by rule 30, in the other by rule 5; in none are they denied.
    CHECK(lab.apply("delete 10\nadd 5 allow udp from any to any"));
    CHECK(lab.apply("add 10 skipto 30 ip from any to any\ndelete 5\nzero"));
    lab.rules->report();
  }
  stop = true;
  one.join();
  two.join();
  CHECK(wrong == 0 && total > 0);
}

TEST(many_rules, "ten thousand rules decide as they would in turn") {
  nm::Random random(nm::Random::seed());
  std::string commands;
  struct Entry {
    uint32_t src, length, port;
  };
  std::vector<Entry> entries;
  for (uint32_t i = 0; i < 3000; ++i) {
    const Entry entry{draw32(random), 8 + random.below(25), random.below(4) == 0 ? random.below(200) : 0};
    entries.push_back(entry);
    const uint32_t a = entry.src;
    commands += "add " + std::to_string(1 + i) + (i % 5 == 0 ? " count" : " deny") + " ip from " +
                std::to_string(a >> 24) + "." + std::to_string(a >> 16 & 255) + "." + std::to_string(a >> 8 & 255) +
                "." + std::to_string(a & 255) + "/" + std::to_string(entry.length) + " to any" +
                (entry.port != 0 ? " dst-port " + std::to_string(entry.port) : "") + "\n";
  }
  Lab lab(commands);
  CHECK(!lab.rules->program()->indexes.empty());
  for (uint32_t i = 0; i < nm::rounds(3000); ++i) {
    const uint32_t src = random.below(2) == 0 ? entries[random.below(3000)].src ^ random.below(4) : draw32(random);
    const uint32_t port = random.below(200);
    uint32_t expected = 65535;
    for (uint32_t k = 0; k < entries.size() && expected == 65535; ++k) {
      const Entry& entry = entries[k];
      const uint32_t mask = prefix_mask<uint32_t>(static_cast<int>(entry.length), 32);
      if (((src ^ entry.src) & mask) == 0 && (entry.port == 0 || entry.port == port) && k % 5 != 0) expected = k + 1;
    }
    CHECK(lab.run(udp(src, 1, kB, port)).number == expected);
  }
}
