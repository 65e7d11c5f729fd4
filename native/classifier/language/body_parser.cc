// The body of a rule: [proto from src to dst] {option}
#include "lists.h"
#include "rule_parser.h"

namespace nm::classifier {
namespace {

bool protocol_number(std::string_view word, uint32_t& out) {
  uint64_t number;
  if (!read_number(word, 255, number)) return kProtocols.find(word, out);
  out = static_cast<uint32_t>(number);
  return true;
}

bool is_protocol(std::string_view word) {
  uint32_t number;
  return word == "ip" || word == "all" || word == "ip4" || word == "ipv4" || word == "ip6" || word == "ipv6" ||
         protocol_number(word, number);
}

Expression signed_as(bool positive, Expression expression) {
  return positive ? std::move(expression) : Expression::negation(std::move(expression));
}

bool is_rule_option(std::string_view word) {
  return word == "keep-state" || word == "record-state" || word == "limit" || word == "set-limit" ||
         word == "defer-action" || word == "defer-immediate-action";
}

constexpr const char* kLists[] = {"src-addr", "src-port", "dst-addr", "dst-port"};

}  // namespace

bool RuleParser::accept_not() {
  return cursor_.accept("not") || cursor_.accept("!");
}
bool RuleParser::accept_open() {
  return cursor_.accept("{") || cursor_.accept("(");
}
bool RuleParser::accept_close() {
  return cursor_.accept("}") || cursor_.accept(")");
}

bool RuleParser::body(Rule& rule) {
  if (rule.verb == Rule::Verb::kCheckState) {
    return cursor_.done() || cursor_.fail("check-state has no body; the rule ends here");
  }
  std::vector<Expression> parts;
  size_t ahead = 0;
  while (cursor_.sees("not", ahead) || cursor_.sees("!", ahead) || cursor_.sees("{", ahead) ||
         cursor_.sees("(", ahead)) {
    ++ahead;
  }
  if (is_protocol(cursor_.peek(ahead)) && !begins_option_block()) {
    if (!protocol(parts)) return false;
    // `tcp dst-port 80` is as clear as `tcp from any to any dst-port 80`.
    if (cursor_.accept("from")) {
      if (!end_point(kSource, parts)) return false;
      if (!cursor_.accept("to")) {
        return cursor_.fail(cursor_.done() ? "'to' is missing" : "'to' was expected, not " + quoted(cursor_.peek()));
      }
      if (!end_point(kDestination, parts)) return false;
    } else if (!cursor_.done() && !begins_option()) {
      return cursor_.fail("'from' or an option was expected, not " + quoted(cursor_.peek()));
    }
  }
  if (!options(rule, parts)) return false;
  rule.body = Expression::all(std::move(parts));
  return true;
}

// Whether a block comes that has more in it than protocols: { ip4 or src-ip6 fd00::1 }.
bool RuleParser::begins_option_block() const {
  size_t at = cursor_.sees("not") || cursor_.sees("!") ? 1 : 0;
  if (!cursor_.sees("{", at) && !cursor_.sees("(", at)) return false;
  do {
    ++at;
    if (cursor_.sees("not", at) || cursor_.sees("!", at)) ++at;
    if (!is_protocol(cursor_.peek(at))) return find_option(cursor_.peek(at)) != nullptr;
  } while (cursor_.sees("or", ++at));
  return false;
}

bool RuleParser::begins_option() const {
  const std::string& word = cursor_.peek();
  return word == "not" || word == "!" || word == "{" || word == "(" || is_rule_option(word) ||
         find_option(word) != nullptr || refused_option(word) != nullptr;
}

bool RuleParser::protocol(std::vector<Expression>& out) {
  const bool inverted = accept_not();
  Expression block;
  if (accept_open()) {
    std::vector<Expression> parts;
    do {
      const bool absent = accept_not();
      Expression one;
      if (!one_protocol(one)) return false;
      parts.push_back(signed_as(!absent, std::move(one)));
    } while (cursor_.accept("or"));
    if (!accept_close()) return cursor_.fail("'or' or '}' was expected");
    block = Expression::any(std::move(parts));
  } else if (!one_protocol(block)) {
    return false;
  }
  out.push_back(signed_as(!inverted, std::move(block)));
  return true;
}

bool RuleParser::one_protocol(Expression& out) {
  std::string word;
  if (!cursor_.need("the protocol", word)) return false;
  uint32_t number;
  if (word == "ip" || word == "all") {
    out = {};
  } else if (word == "ip4" || word == "ipv4") {
    out = Expression::shape(shape::kIp4);
  } else if (word == "ip6" || word == "ipv6") {
    out = Expression::shape(shape::kIp6);
  } else if (protocol_number(word, number)) {
    out = Expression::range(kIp, shape::kIp, 0xff, number);
  } else {
    return cursor_.fail_last(quoted(word) + " is no protocol: give a number from 0 to 255 or a name, as tcp or udp");
  }
  return true;
}

bool RuleParser::end_point(Side side, std::vector<Expression>& out) {
  const char* what = side == kSource ? "the source address" : "the destination address";
  if (cursor_.done()) return cursor_.fail(std::string(what) + " is missing: any, an address, table(...), ...");
  const bool inverted = accept_not();
  Expression block;
  if (accept_open()) {
    std::vector<Expression> parts;
    do {
      const bool absent = accept_not();
      Expression one;
      if (!address(side, kAnyFamily, one)) return false;
      parts.push_back(signed_as(!absent, std::move(one)));
    } while (cursor_.accept("or"));
    if (!accept_close()) return cursor_.fail("'or' or '}' was expected");
    block = Expression::any(std::move(parts));
  } else if (!address(side, kAnyFamily, block)) {
    return false;
  }
  out.push_back(signed_as(!inverted, std::move(block)));

  // Ports may follow: what looks like a list of them.
  const size_t ahead = cursor_.sees("not") || cursor_.sees("!") ? 1 : 0;
  const std::string& word = cursor_.peek(ahead);
  if (word.empty()) return true;
  Span<uint32_t> first{};
  const bool looks =
      word == "any" || (word[0] >= '0' && word[0] <= '9') || read_span(split_list(word)[0], 65535, &kServices, first);
  if (!looks) return true;
  accept_not();
  Expression list;
  cursor_.take();
  if (!ports(side, word, list)) return false;
  out.push_back(signed_as(ahead == 0, std::move(list)));
  return true;
}

bool RuleParser::options(Rule& rule, std::vector<Expression>& out) {
  while (!cursor_.done()) {
    bool taken = false;
    if (!rule_option(rule, taken)) return false;
    if (taken) continue;
    const bool inverted = accept_not();
    Expression one;
    if (accept_open()) {
      std::vector<Expression> parts;
      if (!option_block(parts)) return false;
      one = Expression::any(std::move(parts));
    } else if (!option(one)) {
      return false;
    }
    out.push_back(signed_as(!inverted, std::move(one)));
  }
  return true;
}

bool RuleParser::option_block(std::vector<Expression>& out) {
  do {
    const bool inverted = accept_not();
    if (cursor_.sees("{") || cursor_.sees("(")) return cursor_.fail("or-blocks cannot be nested");
    Expression one;
    if (!option(one)) return false;
    out.push_back(signed_as(!inverted, std::move(one)));
  } while (cursor_.accept("or"));
  return accept_close() || cursor_.fail("'or' or '}' was expected");
}

bool RuleParser::rule_option(Rule& rule, bool& taken) {
  taken = true;
  if (cursor_.accept("defer-immediate-action") || cursor_.accept("defer-action")) return rule.defers = true;
  const std::string& word = cursor_.peek();
  const bool limit = word == "limit" || word == "set-limit";
  if (!limit && word != "keep-state" && word != "record-state") {
    taken = false;
    return true;
  }
  if (rule.installs_state()) return cursor_.fail("a rule has one of keep-state, record-state, limit and set-limit");
  cursor_.take();
  rule.state = word == "keep-state"     ? Rule::State::kKeep
               : word == "record-state" ? Rule::State::kRecord
               : word == "limit"        ? Rule::State::kLimit
                                        : Rule::State::kSetLimit;
  if (limit) {
    for (bool found = true; found;) {
      found = false;
      for (int i = 0; i < 4; ++i) {
        if (!cursor_.accept(kLists[i])) continue;
        rule.limit_fields |= static_cast<uint8_t>(1 << i);
        found = true;
      }
    }
    if (rule.limit_fields == 0) {
      return cursor_.fail("the limit's fields are missing: src-addr, src-port, dst-addr, dst-port");
    }
    if (!argument("the limit", 1, 65535, rule.limit)) return false;
  }
  return flow_name(rule.flow_name, false);
}

}  // namespace nm::classifier
