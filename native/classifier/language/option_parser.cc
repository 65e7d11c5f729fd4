// Options: the conditions of a rule's body.
#include "lists.h"
#include "rule_parser.h"
#include "table_name.h"

namespace nm::classifier {

const RuleParser::Option RuleParser::kOptions[] = {
    {"src-ip", &RuleParser::opt_src_ip},
    {"dst-ip", &RuleParser::opt_dst_ip},
    {"src-ip6", &RuleParser::opt_src_ip6},
    {"src-ipv6", &RuleParser::opt_src_ip6},
    {"dst-ip6", &RuleParser::opt_dst_ip6},
    {"dst-ipv6", &RuleParser::opt_dst_ip6},
    {"src-port", &RuleParser::opt_src_port},
    {"dst-port", &RuleParser::opt_dst_port},
    {"proto", &RuleParser::opt_proto},
    {"ip", &RuleParser::opt_ip},
    {"ip4", &RuleParser::opt_ip4},
    {"ipv4", &RuleParser::opt_ip4},
    {"ip6", &RuleParser::opt_ip6},
    {"ipv6", &RuleParser::opt_ip6},
    {"in", &RuleParser::opt_in},
    {"out", &RuleParser::opt_out},
    {"layer2", &RuleParser::opt_layer2},
    {"bridged", &RuleParser::opt_layer2},
    {"recv", &RuleParser::opt_recv},
    {"xmit", &RuleParser::opt_xmit},
    {"via", &RuleParser::opt_via},
    {"mac", &RuleParser::opt_mac},
    {"MAC", &RuleParser::opt_mac},
    {"src-mac", &RuleParser::opt_src_mac},
    {"dst-mac", &RuleParser::opt_dst_mac},
    {"mac-type", &RuleParser::opt_mac_type},
    {"ether-type", &RuleParser::opt_ether_type},
    {"vlan", &RuleParser::opt_vlan},
    {"vlan-pri", &RuleParser::opt_vlan_pri},
    {"inner-vlan", &RuleParser::opt_inner_vlan},
    {"inner-vlan-pri", &RuleParser::opt_inner_vlan_pri},
    {"malformed", &RuleParser::opt_malformed},
    {"iplen", &RuleParser::opt_iplen},
    {"ipttl", &RuleParser::opt_ipttl},
    {"ipid", &RuleParser::opt_ipid},
    {"iptos", &RuleParser::opt_iptos},
    {"dscp", &RuleParser::opt_dscp},
    {"ipprecedence", &RuleParser::opt_ipprecedence},
    {"ipversion", &RuleParser::opt_ipversion},
    {"ipver", &RuleParser::opt_ipversion},
    {"ipoptions", &RuleParser::opt_ipoptions},
    {"ipopts", &RuleParser::opt_ipoptions},
    {"frag", &RuleParser::opt_frag},
    {"ext6hdr", &RuleParser::opt_ext6hdr},
    {"flow-id", &RuleParser::opt_flow_id},
    {"icmptypes", &RuleParser::opt_icmptypes},
    {"icmptype", &RuleParser::opt_icmptypes},
    {"icmp6types", &RuleParser::opt_icmp6types},
    {"icmp6type", &RuleParser::opt_icmp6types},
    {"tcpflags", &RuleParser::opt_tcpflags},
    {"tcpflgs", &RuleParser::opt_tcpflags},
    {"established", &RuleParser::opt_established},
    {"estab", &RuleParser::opt_established},
    {"setup", &RuleParser::opt_setup},
    {"tcpseq", &RuleParser::opt_tcpseq},
    {"tcpack", &RuleParser::opt_tcpack},
    {"tcpwin", &RuleParser::opt_tcpwin},
    {"tcpdatalen", &RuleParser::opt_tcpdatalen},
    {"tcpmss", &RuleParser::opt_tcpmss},
    {"tcpoptions", &RuleParser::opt_tcpoptions},
    {"tcpopts", &RuleParser::opt_tcpoptions},
    {"tagged", &RuleParser::opt_tagged},
    {"mark", &RuleParser::opt_mark},
    {"lookup", &RuleParser::opt_lookup},
    {"flow", &RuleParser::opt_flow},
    {nullptr, nullptr},
};

const RuleParser::Option* RuleParser::find_option(std::string_view name) {
  for (const Option* option = kOptions; option->name; ++option) {
    if (name == option->name) return option;
  }
  return nullptr;
}

bool RuleParser::option(Expression& out) {
  if (cursor_.done()) return cursor_.fail("an option is missing");
  const std::string& word = cursor_.peek();
  const Option* option = find_option(word);
  if (option) {
    cursor_.take();
    return (this->*option->parse)(out);
  }
  if (const char* why = refused_option(word)) return cursor_.fail(quoted(word) + " is not supported: " + why);
  if (word == "keep-state" || word == "record-state" || word == "limit" || word == "set-limit" ||
      word == "defer-action" || word == "defer-immediate-action") {
    return cursor_.fail(quoted(word) + " stands by itself: neither with 'not' nor in a block");
  }
  if (word == "or") return cursor_.fail("'or' is for blocks: { a or b }");
  return cursor_.fail(quoted(word) + " is no option: docs/ipfw.md has all of them");
}

// A field of a word, `bits` wide and `shift` from the right.
bool RuleParser::spans(const char* what, Word word, uint32_t need, int shift, int bits, const Names* names,
                       Expression& out) {
  std::string text;
  if (!cursor_.need(what, text)) return false;
  Spans list;
  const uint32_t most = (1u << bits) - 1;
  if (!read_spans(cursor_, text, what, most, names, list)) return false;
  std::vector<Expression> parts;
  for (const Span<uint32_t>& span : list) {
    parts.push_back(Expression::range(word, need, most << shift, span.low << shift, (span.high - span.low) << shift));
  }
  out = Expression::any(std::move(parts));
  return true;
}

bool RuleParser::derived(const char* what, Derived value, uint32_t need, uint32_t most, Expression& out) {
  std::string text;
  if (!cursor_.need(what, text)) return false;
  Spans list;
  if (!read_spans(cursor_, text, what, most, nullptr, list)) return false;
  std::vector<Expression> parts;
  for (const Span<uint32_t>& span : list) {
    Test test;
    test.code = Test::kDerived;
    test.what = static_cast<uint8_t>(value);
    test.need = need;
    test.low = span.low;
    test.span = span.high - span.low;
    parts.push_back(Expression::of(std::move(test)));
  }
  out = Expression::any(std::move(parts));
  return true;
}

bool RuleParser::flags(const char* what, const Names& names, uint32_t need, Derived value, Expression& out) {
  std::string text;
  Flags flags;
  if (!cursor_.need(what, text) || !read_flags(cursor_, text, what, names, flags)) return false;
  Test test;
  test.code = Test::kDerived;
  test.what = static_cast<uint8_t>(value);
  test.need = need;
  test.mask = flags.set | flags.clear;
  test.low = flags.set;
  out = (flags.set & flags.clear) != 0 ? Expression::nothing() : Expression::of(std::move(test));
  return true;
}

// --- addresses and ports

bool RuleParser::opt_src_ip(Expression& out) {
  return address(kSource, kOnly4, out);
}
bool RuleParser::opt_dst_ip(Expression& out) {
  return address(kDestination, kOnly4, out);
}
bool RuleParser::opt_src_ip6(Expression& out) {
  return address(kSource, kOnly6, out);
}
bool RuleParser::opt_dst_ip6(Expression& out) {
  return address(kDestination, kOnly6, out);
}
bool RuleParser::opt_src_port(Expression& out) {
  std::string word;
  return cursor_.need("the ports", word) && ports(kSource, word, out);
}
bool RuleParser::opt_dst_port(Expression& out) {
  std::string word;
  return cursor_.need("the ports", word) && ports(kDestination, word, out);
}

// --- which frame, from where

bool RuleParser::opt_in(Expression& out) {
  out = Expression::negation(Expression::shape(shape::kOut));
  return true;
}
bool RuleParser::opt_out(Expression& out) {
  out = Expression::shape(shape::kOut);
  return true;
}
bool RuleParser::opt_layer2(Expression& out) {
  out = {};
  return true;
}
bool RuleParser::opt_recv(Expression& out) {
  return port_name(Field::kRecv, out);
}
bool RuleParser::opt_xmit(Expression& out) {
  return port_name(Field::kXmit, out);
}
bool RuleParser::opt_via(Expression& out) {
  return port_name(Field::kVia, out);
}

bool RuleParser::port_name(Field field, Expression& out) {
  std::string word;
  if (!cursor_.need("the port", word)) return false;
  if (word.compare(0, 6, "table(") == 0) return table(word, field, out);
  if (word == "any") {
    const uint32_t bits = field == Field::kRecv ? shape::kRecv : shape::kXmit;
    out = field == Field::kVia ? Expression::any({Expression::shape(shape::kRecv), Expression::shape(shape::kXmit)})
                               : Expression::shape(bits);
    return true;
  }
  if (word.find_first_not_of("0123456789.") == std::string::npos) {
    return cursor_.fail_last(quoted(word) + " is an address: ports are given by name here, as vale0:a or vale0:*");
  }
  Test test;
  test.code = Test::kPortName;
  test.what = static_cast<uint8_t>(field);
  test.name = word;
  out = Expression::of(std::move(test));
  return true;
}

// --- Ethernet

bool RuleParser::opt_mac(Expression& out) {
  Expression destination, source;
  if (!mac(kDestination, destination) || !mac(kSource, source)) return false;
  out = Expression::all({std::move(destination), std::move(source)});
  return true;
}
bool RuleParser::mac_table(Field field, Expression& out) {
  if (cursor_.peek().compare(0, 6, "table(") != 0) return mac(field == Field::kSrcMac ? kSource : kDestination, out);
  return table(cursor_.take(), field, out);
}
bool RuleParser::opt_src_mac(Expression& out) {
  return mac_table(Field::kSrcMac, out);
}
bool RuleParser::opt_dst_mac(Expression& out) {
  return mac_table(Field::kDstMac, out);
}
bool RuleParser::opt_mac_type(Expression& out) {
  return spans("Ethernet type", kEther, shape::kEthernet, 16, 16, &kEtherTypes, out);
}
bool RuleParser::opt_ether_type(Expression& out) {
  return spans("Ethernet type", kEther, shape::kEthernet, 0, 16, &kEtherTypes, out);
}
bool RuleParser::opt_vlan(Expression& out) {
  if (!cursor_.accept("any")) return spans("VLAN id", kVlan, shape::kTagged, 16, 12, nullptr, out);
  out = Expression::shape(shape::kTagged);
  return true;
}
bool RuleParser::opt_vlan_pri(Expression& out) {
  return spans("VLAN priority", kVlan, shape::kTagged, 29, 3, nullptr, out);
}
bool RuleParser::opt_inner_vlan(Expression& out) {
  if (!cursor_.accept("any")) return spans("VLAN id", kVlan, shape::kTagged2, 0, 12, nullptr, out);
  out = Expression::shape(shape::kTagged2);
  return true;
}
bool RuleParser::opt_inner_vlan_pri(Expression& out) {
  return spans("VLAN priority", kVlan, shape::kTagged2, 13, 3, nullptr, out);
}
bool RuleParser::opt_malformed(Expression& out) {
  out = Expression::shape(shape::kMalformed);
  return true;
}

// --- IP

bool RuleParser::opt_ip(Expression& out) {
  out = {};
  return true;
}
bool RuleParser::opt_ip4(Expression& out) {
  out = Expression::shape(shape::kIp4);
  return true;
}
bool RuleParser::opt_ip6(Expression& out) {
  out = Expression::shape(shape::kIp6);
  return true;
}
bool RuleParser::opt_proto(Expression& out) {
  return spans("protocol", kIp, shape::kIp, 0, 8, &kProtocols, out);
}
bool RuleParser::opt_iplen(Expression& out) {
  return spans("length", kLength, shape::kIp, 16, 16, nullptr, out);
}
bool RuleParser::opt_ipttl(Expression& out) {
  return spans("time to live", kIp, shape::kIp, 16, 8, nullptr, out);
}
bool RuleParser::opt_ipid(Expression& out) {
  return spans("id", kId, shape::kIp4, 16, 16, nullptr, out);
}
bool RuleParser::opt_iptos(Expression& out) {
  std::string text;
  Flags flags;
  if (!cursor_.need("the type of service", text)) return false;
  if (!read_flags(cursor_, text, "type of service", kTosBits, flags)) return false;
  out = (flags.set & flags.clear) != 0
            ? Expression::nothing()
            : Expression::range(kIp, shape::kIp4, (flags.set | flags.clear) << 8, flags.set << 8);
  return true;
}
bool RuleParser::opt_dscp(Expression& out) {
  return spans("code point", kIp, shape::kIp, 10, 6, &kDscps, out);
}
bool RuleParser::opt_ipprecedence(Expression& out) {
  return spans("precedence", kIp, shape::kIp4, 13, 3, nullptr, out);
}
bool RuleParser::opt_ipversion(Expression& out) {
  return spans("version", kIp, shape::kIp, 24, 4, nullptr, out);
}
bool RuleParser::opt_ipoptions(Expression& out) {
  return flags("IP option", kIpOptions, shape::kIp4, Derived::kIpOptions, out);
}

bool RuleParser::opt_frag(Expression& out) {
  const std::string_view first = split_list(cursor_.peek())[0];
  uint32_t bit;
  if (!kFragmentBits.find(first.substr(!first.empty() && first[0] == '!' ? 1 : 0), bit)) {
    out = Expression::shape(shape::kLater);
    return true;
  }
  Flags flags;
  if (!read_flags(cursor_, cursor_.take(), "fragment flag", kFragmentBits, flags)) return false;
  // rf, df and mf are the top bits of the word's lower half; an offset is any of the 13 bits below them.
  auto bits = [](uint32_t f) { return ((f & 1) << 15) | ((f & 2) << 13) | ((f & 4) << 11); };
  std::vector<Expression> parts;
  const uint32_t set = bits(flags.set), clear = bits(flags.clear);
  parts.push_back((flags.set & flags.clear) != 0 ? Expression::nothing()
                                                 : Expression::range(kLength, shape::kIp4, set | clear, set));
  if (flags.set & 8) parts.push_back(Expression::shape(shape::kIp4 | shape::kLater));
  if (flags.clear & 8) parts.push_back(Expression::range(kLength, shape::kIp4, 0x1fff, 0));
  out = Expression::all(std::move(parts));
  return true;
}

bool RuleParser::opt_ext6hdr(Expression& out) {
  std::string text;
  if (!cursor_.need("the extension header", text)) return false;
  std::vector<Expression> parts;
  for (std::string_view item : split_list(text)) {
    uint32_t bit;
    if (!kExtensionHeaders.find(item, bit)) {
      return cursor_.fail_last(quoted(item) +
                               " is no extension header: give frag, hopopt, route, rthdr0, rthdr2, dstopt, ah or esp");
    }
    parts.push_back(Expression::shape(bit));
  }
  out = Expression::any(std::move(parts));
  return true;
}
bool RuleParser::opt_flow_id(Expression& out) {
  return derived("flow label", Derived::kFlowLabel, shape::kIp6, 0xfffff, out);
}

// --- transport

bool RuleParser::opt_icmptypes(Expression& out) {
  return spans("ICMP type", kId, shape::kIcmp4, 8, 8, nullptr, out);
}
bool RuleParser::opt_icmp6types(Expression& out) {
  return spans("ICMPv6 type", kId, shape::kIcmp6, 8, 8, nullptr, out);
}
bool RuleParser::opt_tcpflags(Expression& out) {
  std::string text;
  Flags flags;
  if (!cursor_.need("the flags", text) || !read_flags(cursor_, text, "TCP flag", kTcpFlags, flags)) return false;
  out = (flags.set & flags.clear) != 0 ? Expression::nothing()
                                       : Expression::range(kTcp, shape::kTcp, flags.set | flags.clear, flags.set);
  return true;
}
bool RuleParser::opt_established(Expression& out) {
  // RST or ACK, as the manual says.
  out = Expression::any({Expression::range(kTcp, shape::kTcp, 0x10, 0x10), Expression::range(kTcp, shape::kTcp, 4, 4)});
  return true;
}
bool RuleParser::opt_setup(Expression& out) {
  out = Expression::range(kTcp, shape::kTcp, 0x12, 0x02);
  return true;
}
bool RuleParser::opt_tcpseq(Expression& out) {
  return derived("sequence number", Derived::kTcpSequence, shape::kTcp, 0xffffffff, out);
}
bool RuleParser::opt_tcpack(Expression& out) {
  return derived("acknowledgment number", Derived::kTcpAcknowledgment, shape::kTcp, 0xffffffff, out);
}
bool RuleParser::opt_tcpwin(Expression& out) {
  return spans("window", kTcp, shape::kTcp, 16, 16, nullptr, out);
}
bool RuleParser::opt_tcpdatalen(Expression& out) {
  return derived("length", Derived::kTcpDataLength, shape::kTcp, 65535, out);
}
bool RuleParser::opt_tcpmss(Expression& out) {
  return derived("segment size", Derived::kTcpMss, shape::kTcp, 65535, out);
}
bool RuleParser::opt_tcpoptions(Expression& out) {
  return flags("TCP option", kTcpOptions, shape::kTcp, Derived::kTcpOptions, out);
}

// --- what rules have noted

bool RuleParser::opt_tagged(Expression& out) {
  if (cursor_.accept("tablearg")) {
    Test test;
    test.code = Test::kTagged;
    test.tablearg = true;
    out = Expression::of(std::move(test));
    return true;
  }
  std::string text;
  Spans list;
  if (!cursor_.need("the tags", text) || !read_spans(cursor_, text, "tag", 65534, nullptr, list)) return false;
  std::vector<Expression> parts;
  for (const Span<uint32_t>& span : list) {
    if (span.low == 0) return cursor_.fail_last("'0' is no tag: give numbers from 1 to 65534 or ranges, as in 1,5-9");
    Test test;
    test.code = Test::kTagged;
    test.low = span.low;
    test.span = span.high - span.low;
    parts.push_back(Expression::of(std::move(test)));
  }
  out = Expression::any(std::move(parts));
  return true;
}

bool RuleParser::opt_mark(Expression& out) {
  std::string text;
  if (!cursor_.need("the mark", text)) return false;
  const size_t colon = text.find(':');
  const std::string_view whole = text;
  uint64_t value = 0, mask = 0xffffffff;
  const bool tablearg = whole.substr(0, colon) == "tablearg";
  if (!tablearg && !read_number(whole.substr(0, colon), 0xffffffff, value)) {
    return cursor_.fail_last(quoted(text) + " is no mark: give a number, or NUMBER:MASK");
  }
  if (colon != std::string::npos && !read_number(whole.substr(colon + 1), 0xffffffff, mask)) {
    return cursor_.fail_last(quoted(whole.substr(colon + 1)) + " is no mask: give a number, as 0xff00", colon + 1);
  }
  const auto bits = static_cast<uint32_t>(mask);
  if (!tablearg) {
    out = Expression::range(kMark, 0, bits, static_cast<uint32_t>(value) & bits);
    return true;
  }
  Test test;
  test.code = Test::kMarkArg;
  test.tablearg = true;
  test.mask = bits;
  out = Expression::of(std::move(test));
  return true;
}

bool RuleParser::opt_lookup(Expression& out) {
  struct Name {
    std::string_view name;
    Field field;
  };
  static constexpr Name kFields[] = {
      {"src-ip", Field::kSrcIp},     {"dst-ip", Field::kDstIp},   {"src-port", Field::kSrcPort},
      {"dst-port", Field::kDstPort}, {"src-mac", Field::kSrcMac}, {"dst-mac", Field::kDstMac},
      {"dscp", Field::kDscp},        {"mark", Field::kMark},      {"rulenum", Field::kRuleNumber},
      {"vlan", Field::kVlan},
  };
  std::string text, name;
  if (!cursor_.need("the field", text)) return false;
  const size_t colon = text.find(':');
  const std::string_view field = std::string_view(text).substr(0, colon);
  for (const Name& known : kFields) {
    if (known.name != field) continue;
    Test test;
    test.code = Test::kTable;
    test.what = static_cast<uint8_t>(known.field);
    uint64_t mask = 0xffffffff;
    if (colon != std::string::npos) {
      const bool numeric = known.field != Field::kSrcIp && known.field != Field::kDstIp &&
                           known.field != Field::kSrcMac && known.field != Field::kDstMac;
      if (!numeric) return cursor_.fail_last("a mask is for numbers; tables of addresses hold prefixes", colon);
      if (!read_number(std::string_view(text).substr(colon + 1), 0xffffffff, mask)) {
        return cursor_.fail_last("the mask must be a number, as 0xff00", colon + 1);
      }
    }
    test.mask = static_cast<uint32_t>(mask);
    if (!cursor_.need("the table", test.name)) return false;
    if (const char* why = bad_table_name(test.name)) return cursor_.fail_last(why);
    out = Expression::of(std::move(test));
    return true;
  }
  if (const char* why = refused_option(field)) return cursor_.fail_last(quoted(field) + " is not supported: " + why);
  return cursor_.fail_last(
      quoted(field) +
      " is no field: use src-ip, dst-ip, src-port, dst-port, src-mac, dst-mac, dscp, mark, vlan or "
      "rulenum");
}

bool RuleParser::opt_flow(Expression& out) {
  if (cursor_.peek().compare(0, 6, "table(") != 0) return cursor_.fail("'flow' needs a table: flow table(NAME)");
  return table(cursor_.take(), Field::kFlow, out);
}

}  // namespace nm::classifier
