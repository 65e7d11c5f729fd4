#include "evaluate.h"

#include "../packet/derived.h"

namespace nm::classifier {
namespace {

bool tagged(const Passport& passport, uint32_t low, uint32_t span) {
  for (uint32_t i = 0; i < passport.tag_count && i < Passport::kTags; ++i) {
    if (passport.tags[i] - low <= span) return true;
  }
  return false;
}

bool has_port(const std::vector<uint64_t>& bits, uint32_t number) {
  return number / 64 < bits.size() && (bits[number / 64] >> (number % 64) & 1) != 0;
}

bool on_port(const Op& op, const Program& program, const Packet& packet) {
  const std::vector<uint64_t>& bits = program.port_sets[op.argument];
  const uint32_t path = packet.words[kPath];
  const bool received = has_port(bits, path >> 16), sent = has_port(bits, path & 0xffff);
  switch (static_cast<Field>(op.what)) {
    case Field::kRecv:
      return received;
    case Field::kXmit:
      return sent;
    default:
      return received || sent;
  }
}

bool test(const Op& op, Evaluation& e, const Step& step) {
  const Packet& packet = e.packet;
  switch (op.code) {
    case Op::kRange:
      return packet.has(op.need) && (packet.words[op.what] & op.mask) - op.low <= op.span;
    case Op::kDerived: {
      uint32_t value;
      return packet.has(op.need) && derive(static_cast<Derived>(op.what), packet, value) &&
             (value & op.mask) - op.low <= op.span;
    }
    case Op::kAddress6: {
      if (!packet.has(op.need)) return false;
      const auto& [value, mask] = e.edition.program->wides[op.argument];
      return ((op.what == 0 ? packet.src6() : packet.dst6()) & mask) == value;
    }
    case Op::kMac: {
      if (!packet.has(op.need)) return false;
      const auto& [value, mask] = e.edition.program->wides[op.argument];
      return ((op.what == 0 ? packet.src_mac() : packet.dst_mac()) & mask.low) == value.low;
    }
    case Op::kSet:
      return packet.has(op.need) &&
             e.edition.program->sets[op.argument].find(packet.words[op.what] & op.mask) != kNothing;
    case Op::kSet6:
      return packet.has(op.need) &&
             e.edition.program->sets6[op.argument].find(op.what == 0 ? packet.src6() : packet.dst6()) != kNothing;
    case Op::kTable: {
      const Table& table = *e.edition.tables[op.argument];
      const Row* const row = table.find(static_cast<Field>(op.what), packet, step.number, op.mask);
      if (row == nullptr || (op.flag && (*row)[op.column] != op.low)) return false;
      e.row = row;
      return true;
    }
    case Op::kOwn:
      return e.edition.tables[op.argument]->find(static_cast<Field>(op.what), packet, step.number, op.mask) != nullptr;
    case Op::kPorts:
      return on_port(op, *e.edition.program, packet);
    case Op::kTagged:
      return op.flag ? tagged(e.passport, (*e.row)[static_cast<size_t>(Column::kTag)], 0)
                     : tagged(e.passport, op.low, op.span);
    case Op::kMarkArg:
      return ((packet.words[kMark] ^ (*e.row)[static_cast<size_t>(Column::kMark)]) & op.mask) == 0;
  }
  return false;
}

}  // namespace

bool holds(Evaluation& evaluation, const Step& step) {
  const Op* ops = evaluation.edition.program->ops.data() + step.first_op;
  uint16_t at = step.entry;
  while (at < Op::kFail) {
    const Op& op = ops[at];
    at = test(op, evaluation, step) ? op.yes : op.no;
  }
  return at == Op::kMatch;
}

}  // namespace nm::classifier
