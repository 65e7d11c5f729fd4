// The classifier's two mouths: commands that people write and frames that anybody sends. Random changes of good ones;
// whatever comes: a problem or a verdict, never a fault, and nothing half done. NM_ROUNDS multiplies the numbers.
#include "check.h"
#include "classifier_lab.h"
#include "random.h"

using namespace lab;

namespace {

const char* const kCommands[] = {
    "add 100 allow ip from any to any",
    "add set 3 prob 0.25 deny log logamount 5 tcp from 10.0.0.0/8,1.2.3.4:255.0.255.0 1-5,ssh to not me 22,80-90",
    "add count { tcp or udp } from { 10.0.0.0/24{1,3-9} or not table(1,5) } to any in recv vale0:* // a comment",
    "add 5 pipe tablearg ip from table(nets) to any out xmit netmap:p}1 via table(ports)",
    "add queue 3 ip6 from 2001:db8::/32 to fe80::1/ffff::ffff dst-port 53 flow-id 1,2-9 ext6hdr frag,rthdr0",
    "add skipto tablearg mac any 02:00:00:00:00:01/33 src-mac table(macs) mac-type arp,0x8100 vlan 1-9 vlan-pri 3 "
    "inner-vlan any",
    "add 10 skipto 10 ip from any to any lookup dst-port:0xff numbers",
    "add call 50 tcp from any to any established tcpflags syn,!ack,psh tcpoptions mss,!sack tcpmss 1-1460 tcpdatalen 0",
    "add return ip from any to any { icmptypes 0,3,8 or not icmp6types 128-136 } frag !mf,offset ipoptions rr,!ts",
    "add check-state :any",
    "add allow tcp from any to any setup keep-state :web",
    "add allow udp from any to any limit src-addr dst-port 10 :dns",
    "add allow log icmp from any to any set-limit dst-addr tablearg src-ip table(1)",
    "add setdscp af41 tag 5 setmark 7 ip from any to any iptos lowdelay,!mincost dscp ef,cs1,9 ipprecedence 3 ipttl "
    "1-5",
    "add 20 count untag tablearg ip from any to any lookup mark numbers tagged 1-9 mark 0x10:0xf0",
    "add count tcp iplen 40-1500 ipid 7 ipversion 4 tcpseq 1 tcpack 0-5 tcpwin 1-9,100 malformed defer-action "
    "record-state",
    "add setmark 0xffff ether-type ip6 { src-port 1,2,3,4,5,6,7 or dst-ip6 ::1,::2,::3,::4,::5,::6 }",
    "add 30 pipe 7 flow table(flows) src-mac table(macs) dst-mac 02:00:00:00:00:02&ff:ff:00:00:00:00",
    "add prob .5 drop ip from any to any not { in or layer2 }",
    "delete 100 200-300 set 3",
    "-q delete 1-65534",
    "flush",
    "zero 100",
    "resetlog",
    "set disable 1 2 enable 3",
    "set move rule 100 to 5",
    "set swap 1 2",
    "set 5 list",
    "-adStT show",
    "-D list",
    "enable one_pass",
    "disable firewall",
    "sysctl net.inet.ip.fw.dyn_max=77",
    "table 2 create type addr valtype skipto,pipe,dscp,limit or-flush",
    "-q table 2 add 10.0.0.0/8 1,2,ef,4",
    "-q table nets add 10.0.0.0/8 1 10.0.0.0/16 2",
    "-q table 1 add 10.0.0.0/8 1 10.1.0.0/16 2 2001:db8::/32 3",
    "-q table numbers add 22 1 80 2 https 3",
    "table macs create type mac missing",
    "-q table macs add 02:00:00:00:00:00/40 1",
    "table flows create type flow:src-ip,proto,dst-port limit 5 missing",
    "-q table flows add 10.0.0.1,tcp,80 5",
    "table ports create type iface missing",
    "-q table ports add vale0:a 3",
    "table 1 swap nets",
    "table all list",
    "table all info",
    "table 1 lookup 10.0.0.1",
    "table 1 lock",
    "table 1 unlock",
    "table all flush",
    "table nets destroy",
};

const char* const kWords[] = {"not",         "{",
                              "}",           "(",
                              ")",           "or",
                              "any",         "table(1)",
                              "tablearg",    "0",
                              "-1",          "65536",
                              "4294967296",  "1-",
                              ",",           ",,",
                              "10.0.0.0/33", "::",
                              "//",          "#",
                              "\"",          "log",
                              "keep-state",  "from",
                              "to",          "99999999999999999999",
                              "set",         "tag",
                              "in",          "0x",
                              ":",           "!",
                              "-q",          "src-port",
                              "1.2.3.4{1,"};

constexpr const char* kTables =
    "table 1 create\ntable nets create\ntable me create\ntable me add 10.0.0.1\ntable numbers create type number\n"
    "table macs create type mac\ntable ports create type iface\ntable flows create type flow:src-ip,proto,dst-port\n";

std::string mutate(std::string text, nm::Random& random) {
  for (uint32_t n = random.below(3); n > 0; --n) {
    const auto size = static_cast<uint32_t>(text.size());
    const uint32_t at = size == 0 ? 0 : random.below(size + 1);
    switch (random.below(7)) {
      case 0:
        if (at < size) text[at] = static_cast<char>(random.next());
        break;
      case 1:
        text.insert(at, 1, "0123456789/:,{}()-.! \t\"\\"[random.below(24)]);
        break;
      case 2:
        if (at < size) text.erase(at, 1 + random.below(6));
        break;
      case 3:
        text.insert(at, std::string(" ") + kWords[random.below(std::size(kWords))] + " ");
        break;
      case 4: {
        const std::string other = kCommands[random.below(std::size(kCommands))];
        text = text.substr(0, at) + other.substr(random.below(static_cast<uint32_t>(other.size())));
        break;
      }
      case 5:
        text += text.substr(at);
        break;
      default:
        break;
    }
    if (text.size() > 2000) text.resize(2000);
  }
  return text;
}

Bytes good_frame(nm::Random& random) {
  const uint32_t a = address(10, random.below(4), 0, random.below(8)), b = address(10, 0, 0, random.below(8));
  Bytes out;
  switch (random.below(6)) {
    case 0:
      out = udp(a, random.below(200), b, random.below(200));
      break;
    case 1: {
      Bytes header = tcp_header(random.below(100), 80, static_cast<uint8_t>(random.next()), random.next());
      const Bytes options = {2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0};
      header.insert(header.end(), options.begin(), options.end());
      header[12] = 0xb0;
      out = ip4(a, b, 6, header, random.below(8) == 0 ? random.next() & 0xffff : 0);
      break;
    }
    case 2:
      out = ip4(a, b, 1, {static_cast<uint8_t>(random.below(20)), 0, 0, 0, 0, 0, 0, 0});
      out[14] = 0x47;  // two words of options
      out.insert(out.begin() + 34, {7, 4, 4, 0, 1, 1, 1, 0});
      break;
    default: {
      // IPv6 with a row of extension headers.
      Bytes payload;
      const uint8_t kinds[] = {0, 43, 44, 51, 60, 50, 59, 6, 17, 58, 132};
      uint8_t next = kinds[random.below(11)];
      const uint8_t first = next;
      for (uint32_t n = random.below(6); n > 0; --n) {
        const uint8_t kind = kinds[random.below(11)];
        payload.push_back(kind);
        payload.push_back(static_cast<uint8_t>(random.below(3)));
        for (uint32_t k = 6 + 8 * random.below(2); k > 0; --k) payload.push_back(static_cast<uint8_t>(random.next()));
        next = kind;
      }
      const Bytes transport = tcp_header(1, 2, 2);
      payload.insert(payload.end(), transport.begin(), transport.end());
      Bytes header(40);
      header[0] = 0x60;
      header[4] = static_cast<uint8_t>(payload.size() >> 8);
      header[5] = static_cast<uint8_t>(payload.size());
      header[6] = first;
      header[8] = 0x20;
      header[9] = 0x01;
      header[10] = 0x0d;
      header[11] = 0xb8;
      header.insert(header.end(), payload.begin(), payload.end());
      out = ethernet(0x86dd, header);
      break;
    }
  }
  for (uint32_t tags = random.below(4) == 0 ? random.below(10) : 0; tags > 0; --tags) {
    out.insert(out.begin() + 12,
               {0x81, 0, static_cast<uint8_t>(random.next()), static_cast<uint8_t>(random.below(20))});
  }
  return out;
}

// The frame lies at the end of memory of its own, so that a byte too far is found out.
Verdict classify_tight(Matcher& matcher, const Bytes& bytes, uint32_t length, int64_t now, Path path,
                       Passport& passport) {
  std::unique_ptr<uint8_t[]> tight(new uint8_t[bytes.size()]);
  memcpy(tight.get(), bytes.data(), bytes.size());
  const Frame frame{tight.get(), static_cast<uint32_t>(bytes.size()), length};
  Verdict verdict;
  matcher.classify(&frame, 1, path, now, &verdict, &passport);
  for (int again = 0; again < 20 && !verdict.one_pass && verdict.target != 0; ++again) {
    verdict = matcher.resume(frame, path, now, passport);
  }
  return verdict;
}

}  // namespace

TEST(language, "random commands are refused or carried out, and what is listed is understood again") {
  nm::Random random(nm::Random::seed());
  const uint32_t total = nm::rounds(6000);
  uint32_t good = 0;
  RulesetOptions options;
  options.max_states = 64;
  auto fresh = [&] {
    auto lab = std::make_unique<Lab>(kTables, options);
    lab->expects_problem = true;
    return lab;
  };
  std::unique_ptr<Lab> lab = fresh();
  for (uint32_t i = 0; i < total; ++i) {
    std::string text;
    for (uint32_t lines = 1 + random.below(3); lines > 0; --lines) {
      text += mutate(kCommands[random.below(std::size(kCommands))], random) + "\n";
    }
    const uint64_t before = lab->rules->version();
    if (lab->apply(text)) {
      ++good;
    } else {
      CHECK(lab->rules->version() == before);
      CHECK(!lab->problem.message.empty() && lab->problem.position <= text.size());
    }
    Bytes frame = good_frame(random);
    Passport passport;
    classify_tight(*lab->matcher, frame, static_cast<uint32_t>(frame.size()), i, {}, passport);
    if (random.below(300) != 0) continue;
    // What is shown can be given again.
    REQUIRE(lab->apply("-S list"));
    std::string rules;
    for (size_t at = 0; at < lab->output.size();) {
      const size_t end = lab->output.find('\n', at);
      const std::string line = lab->output.substr(at, end - at);
      if (line.compare(0, 5, "65535") != 0 && line[0] != '#') rules += "add " + line + "\n";
      at = end + 1;
    }
    Lab other("", options);
    for (const auto& [name, table] : lab->rules->model()->tables) {
      std::string columns;
      for (Column column : table->columns) columns += (columns.empty() ? "" : ",") + std::string(column_name(column));
      CHECK(other.apply("table " + name + " create type " + describe_type(*table) +
                        (columns.empty() ? "" : " valtype " + columns)));
    }
    CHECK(other.apply(rules));
    lab = fresh();
  }
  std::printf("# %u of %u texts were good\n", good, total);
  CHECK(good > total / 20);
}

TEST(frames, "random frames get a verdict, and no byte outside of them is looked at") {
  nm::Random random(nm::Random::seed());
  RulesetOptions options;
  options.max_states = 200;
  Lab lab("", options);
  lab.expects_problem = true;
  for (const char* setup :
       {"table 1 create type addr", "table nets create type addr", "table numbers create type number",
        "table macs create type mac", "table ports create type iface", "table me create",
        "table flows create type flow:src-ip,proto,dst-port", "disable one_pass"}) {
    REQUIRE(lab.apply(setup));
  }
  for (const char* command : kCommands) {
    const std::string text = command;
    if (text.compare(0, 3, "add") == 0 || text.compare(0, 8, "-q table") == 0) lab.apply(text);
  }
  // Something that matches everything on the way, so that every rule is met.
  for (int i = 1; i < 40; ++i) lab.apply("add " + std::to_string(i * 1000) + " count log ip from any to any");
  CHECK(lab.rules->program()->steps.size() > 50);
  for (uint32_t i = 0; i < nm::rounds(60000); ++i) {
    Bytes bytes = good_frame(random);
    auto length = static_cast<uint32_t>(bytes.size());
    for (uint32_t n = random.below(5); n > 0 && !bytes.empty(); --n) {
      bytes[random.below(static_cast<uint32_t>(bytes.size()))] = static_cast<uint8_t>(random.next());
    }
    if (random.below(2) == 0) bytes.resize(random.below(length + 1));
    if (random.below(4) != 0) length = static_cast<uint32_t>(bytes.size());
    const Path path{random.below(2) == 0 ? Direction::kIn : Direction::kOut, static_cast<uint16_t>(random.below(5)),
                    static_cast<uint16_t>(random.below(5))};
    Passport passport;
    const Verdict verdict = classify_tight(*lab.matcher, bytes, length, i * int64_t{1000000}, path, passport);
    CHECK(passport.tag_count <= Passport::kTags && passport.call_count <= Passport::kCalls);
    CHECK(verdict.rule != 0 || verdict.number == 65535 || !lab.rules->program()->settings.enabled);
    if (i % 100 == 0) lab.matcher->log().drain([](const LogEntry&) {});
  }
  CHECK(lab.rules->states().count() <= 200);
}
