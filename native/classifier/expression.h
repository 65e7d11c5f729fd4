// The condition of a rule as a tree of tests: what parsers make and the compiler takes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "packet/packet.h"
#include "table/u128.h"

namespace nm::classifier {

// Values that are worked out when a rule asks for them.
enum class Derived : uint8_t {
  kTcpSequence,
  kTcpAcknowledgment,
  kTcpDataLength,
  kTcpOptions,  // bits
  kTcpMss,
  kIpOptions,  // bits
  kFlowLabel,
};

// Which field of a packet is looked up in a table.
enum class Field : uint8_t {
  kSrcIp,
  kDstIp,
  kSrcPort,
  kDstPort,
  kSrcMac,
  kDstMac,
  kFlow,
  kRecv,
  kXmit,
  kVia,
  kDscp,
  kMark,
  kRuleNumber,
  kVlan,
};

// What table values may be used for. A table made without `valtype` has one number for all of these.
enum class Column : uint8_t { kSkipto, kPipe, kDscp, kTag, kLimit, kMark };
constexpr int kColumns = 6;

struct Test {
  enum Code : uint8_t {
    kRange,     // ((words[what] & mask) - low) <= span
    kDerived,   // the same with a Derived value
    kAddress6,  // (address & wide_mask) == wide; what: 0 source, 1 destination
    kMac,       // the same
    kTable,     // Field `what` found in table `name`; and, with has_value, its Column `column` being low
    kPortName,  // Field `what` matches the pattern `name`
    kTagged,    // low <= a tag <= low + span; with tablearg, the value looked up last
    kMarkArg,   // (mark & mask) == (value looked up last & mask)
  };
  Code code = kRange;
  uint8_t what = 0;
  bool has_value = false;
  bool own = false;  // kTable, of `me`: the rule's look-ups do not count it
  bool tablearg = false;
  Column column = Column::kSkipto;
  uint32_t need = 0;  // shape bits; without them the test is false
  uint32_t mask = 0xffffffff;
  uint32_t low = 0;
  uint32_t span = 0;
  U128 wide, wide_mask;
  std::string name;
};

struct Expression {
  enum Kind : uint8_t { kTrue, kTest, kNot, kAnd, kOr };
  Kind kind = kTrue;
  Test test;
  std::vector<Expression> parts;

  static Expression of(Test test) {
    Expression e;
    e.kind = kTest;
    e.test = std::move(test);
    return e;
  }
  static Expression shape(uint32_t bits) {
    Test test;
    test.need = bits;
    test.mask = 0;
    return of(std::move(test));
  }
  static Expression range(Word word, uint32_t need, uint32_t mask, uint32_t low, uint32_t span = 0) {
    Test test;
    test.what = word;
    test.need = need;
    test.mask = mask;
    test.low = low;
    test.span = span;
    return of(std::move(test));
  }
  static Expression negation(Expression inner) {
    Expression e;
    e.kind = kNot;
    e.parts.push_back(std::move(inner));
    return e;
  }
  static Expression nothing() { return negation({}); }
  // The first that decides ends it. One part is that part; none is true for all(), false for any().
  static Expression all(std::vector<Expression> parts) { return join(kAnd, std::move(parts)); }
  static Expression any(std::vector<Expression> parts) {
    return parts.empty() ? nothing() : join(kOr, std::move(parts));
  }

 private:
  static Expression join(Kind kind, std::vector<Expression> parts) {
    if (parts.empty()) return {};
    if (parts.size() == 1) return std::move(parts[0]);
    Expression e;
    e.kind = kind;
    e.parts = std::move(parts);
    return e;
  }
};

}  // namespace nm::classifier
