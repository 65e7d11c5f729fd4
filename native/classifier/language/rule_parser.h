// Parses what follows `add`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../expression.h"
#include "../rule.h"
#include "names.h"
#include "words.h"

namespace nm::classifier {

class RuleParser {
 public:
  explicit RuleParser(Cursor& cursor) : cursor_(cursor) {}

  // [number] [set N] [prob P] action [log ...] [tag N | untag N] [setmark V] body
  bool parse(Rule& rule);
  // A condition alone, as filters are given: it becomes the body of an `allow`.
  bool parse_condition(Rule& rule);

 private:
  enum Side : uint8_t { kSource, kDestination };
  enum Family : uint8_t { kAnyFamily, kOnly4, kOnly6 };

  // head: rule_parser.cc
  bool head(Rule& rule);
  bool probability(Rule& rule);
  bool action(Rule& rule);
  bool parameters(Rule& rule);
  bool check(const Rule& rule);
  void remember_text(Rule& rule, size_t from);
  bool argument(const char* what, uint32_t least, uint32_t most, Argument& out);
  bool flow_name(std::string& out, bool any_allowed);

  // body: body_parser.cc
  bool body(Rule& rule);
  bool protocol(std::vector<Expression>& out);
  bool one_protocol(Expression& out);
  bool end_point(Side side, std::vector<Expression>& out);
  bool options(Rule& rule, std::vector<Expression>& out);
  bool option_block(std::vector<Expression>& out);
  bool rule_option(Rule& rule, bool& taken);  // those that are no conditions: keep-state, limit, ...
  bool begins_option_block() const;
  bool begins_option() const;
  bool accept_not();
  bool accept_open();
  bool accept_close();

  // address_parser.cc
  bool address(Side side, Family family, Expression& out);
  bool address_item(Side side, Family family, std::string_view item, size_t offset, Expression& out);
  bool address4(Side side, std::string_view item, size_t offset, Expression& out);
  bool address6(Side side, std::string_view item, size_t offset, Expression& out);
  bool mac(Side side, Expression& out);
  bool table(std::string_view word, Field field, Expression& out);
  bool ports(Side side, std::string_view word, Expression& out);

  // option_parser.cc
  using Parse = bool (RuleParser::*)(Expression& out);
  struct Option {
    const char* name;
    Parse parse;
  };
  static const Option kOptions[];
  static const Option* find_option(std::string_view name);
  bool option(Expression& out);
  bool spans(const char* what, Word word, uint32_t need, int shift, int bits, const Names* names, Expression& out);
  bool derived(const char* what, Derived value, uint32_t need, uint32_t most, Expression& out);
  bool flags(const char* what, const Names& names, uint32_t need, Derived value, Expression& out);
  bool port_name(Field field, Expression& out);
  bool mac_table(Field field, Expression& out);

  bool opt_src_ip(Expression& out);
  bool opt_dst_ip(Expression& out);
  bool opt_src_ip6(Expression& out);
  bool opt_dst_ip6(Expression& out);
  bool opt_src_port(Expression& out);
  bool opt_dst_port(Expression& out);
  bool opt_proto(Expression& out);
  bool opt_ip(Expression& out);
  bool opt_ip4(Expression& out);
  bool opt_ip6(Expression& out);
  bool opt_in(Expression& out);
  bool opt_out(Expression& out);
  bool opt_layer2(Expression& out);
  bool opt_recv(Expression& out);
  bool opt_xmit(Expression& out);
  bool opt_via(Expression& out);
  bool opt_mac(Expression& out);
  bool opt_src_mac(Expression& out);
  bool opt_dst_mac(Expression& out);
  bool opt_mac_type(Expression& out);
  bool opt_ether_type(Expression& out);
  bool opt_vlan(Expression& out);
  bool opt_vlan_pri(Expression& out);
  bool opt_inner_vlan(Expression& out);
  bool opt_inner_vlan_pri(Expression& out);
  bool opt_malformed(Expression& out);
  bool opt_iplen(Expression& out);
  bool opt_ipttl(Expression& out);
  bool opt_ipid(Expression& out);
  bool opt_iptos(Expression& out);
  bool opt_dscp(Expression& out);
  bool opt_ipprecedence(Expression& out);
  bool opt_ipversion(Expression& out);
  bool opt_ipoptions(Expression& out);
  bool opt_frag(Expression& out);
  bool opt_ext6hdr(Expression& out);
  bool opt_flow_id(Expression& out);
  bool opt_icmptypes(Expression& out);
  bool opt_icmp6types(Expression& out);
  bool opt_tcpflags(Expression& out);
  bool opt_established(Expression& out);
  bool opt_setup(Expression& out);
  bool opt_tcpseq(Expression& out);
  bool opt_tcpack(Expression& out);
  bool opt_tcpwin(Expression& out);
  bool opt_tcpdatalen(Expression& out);
  bool opt_tcpmss(Expression& out);
  bool opt_tcpoptions(Expression& out);
  bool opt_tagged(Expression& out);
  bool opt_mark(Expression& out);
  bool opt_lookup(Expression& out);
  bool opt_flow(Expression& out);

  Cursor& cursor_;
};

// Why a word of ipfw's is refused; null when it is none of those.
const char* refused_action(std::string_view word);
const char* refused_option(std::string_view word);

}  // namespace nm::classifier
