// What tables hold, and how it is found.
#include <algorithm>
#include <utility>

#include "../../base/mix.h"
#include "table.h"

namespace nm::classifier {
namespace {

// Where a flow lies among others.
uint32_t spread(const TableKey& key) {
  uint64_t h = mix(key.a.high ^ static_cast<uint64_t>(key.family) << 56);
  h = mix(h + key.a.low);
  h = mix(h + key.b.high);
  h = mix(h + key.b.low);
  return static_cast<uint32_t>(mix(h + (static_cast<uint64_t>(key.protocol) << 32 | key.ports)));
}

// What of a packet makes up the key; false when it lacks one of the fields.
bool flow_key(const Packet& packet, uint8_t fields, TableKey& key) {
  key.length = 32;
  if (!packet.has(shape::kIp)) return false;
  const bool six = packet.has(shape::kIp6);
  if (fields & (kFlowSrcIp | kFlowDstIp)) key.family = six ? 6 : 4;
  if (fields & kFlowSrcIp) key.a = six ? packet.src6() : U128(packet.words[kSrc4]);
  if (fields & kFlowDstIp) key.b = six ? packet.dst6() : U128(packet.words[kDst4]);
  if (fields & kFlowProto) key.protocol = packet.protocol();
  if (fields & (kFlowSrcPort | kFlowDstPort)) {
    if (!packet.has(shape::kPorts)) return false;
    key.ports =
        packet.words[kPorts] & ((fields & kFlowSrcPort ? 0xffff0000u : 0) | (fields & kFlowDstPort ? 0xffffu : 0));
  }
  return true;
}

}  // namespace

// Calls visit(shards, start) with what holds keys like this one.
template <class Self, class Visit>
auto Table::with_shards(Self& self, const TableKey& key, Visit visit) {
  switch (self.type) {
    case TableType::kMac:
      return visit(self.macs_, key.a.low);
    case TableType::kFlow:
      return visit(self.words_, spread(key));
    case TableType::kAddr:
      if (key.family == 6) return visit(self.wides_, key.a);
      break;
    default:
      break;
  }
  return visit(self.words_, low_word(key.a));
}

bool Table::add(const TableKey& key, const Row& row, bool replace) {
  return with_shards(*this, key,
                     [&](auto& shards, const auto& start) { return shards.add(edit, {start, key, row}, replace); });
}

bool Table::remove(const TableKey& key) {
  return with_shards(*this, key,
                     [&](auto& shards, const auto& start) { return shards.remove(edit, {start, key, Row()}); });
}

void Table::clear() {
  words_ = {};
  macs_ = {};
  wides_ = {};
}

void Table::swap_entries(Table& other) {
  std::swap(words_, other.words_);
  std::swap(macs_, other.macs_);
  std::swap(wides_, other.wides_);
}

void Table::seal() {
  words_.seal(type == TableType::kFlow);
  macs_.seal(false);
  wides_.seal(false);
}

void Table::each_flow(const std::function<void(const TableKey&, const Row&)>& visit) const {
  std::vector<std::pair<TableKey, Row>> sorted;
  sorted.reserve(words_.size());
  words_.each([&](const auto& entry) { sorted.emplace_back(entry.key, entry.row); });
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [key, row] : sorted) visit(key, row);
}

const Row* Table::find(Field field, const Packet& packet, uint32_t rule_number, uint32_t mask) const {
  const uint32_t* words = packet.words;
  switch (field) {
    case Field::kSrcIp:
      return packet.has(shape::kIp4)   ? words_.find(words[kSrc4])
             : packet.has(shape::kIp6) ? wides_.find(packet.src6())
                                       : nullptr;
    case Field::kDstIp:
      return packet.has(shape::kIp4)   ? words_.find(words[kDst4])
             : packet.has(shape::kIp6) ? wides_.find(packet.dst6())
                                       : nullptr;
    case Field::kSrcPort:
      return packet.has(shape::kPorts) ? words_.find((words[kPorts] >> 16) & mask) : nullptr;
    case Field::kDstPort:
      return packet.has(shape::kPorts) ? words_.find((words[kPorts] & 0xffff) & mask) : nullptr;
    case Field::kSrcMac:
      return packet.has(shape::kEthernet) ? macs_.find(packet.src_mac()) : nullptr;
    case Field::kDstMac:
      return packet.has(shape::kEthernet) ? macs_.find(packet.dst_mac()) : nullptr;
    case Field::kRecv:
      return packet.has(shape::kRecv) ? words_.find(words[kPath] >> 16) : nullptr;
    case Field::kXmit:
      return packet.has(shape::kXmit) ? words_.find(words[kPath] & 0xffff) : nullptr;
    case Field::kVia: {
      const Row* const received = find(Field::kRecv, packet, rule_number, mask);
      return received != nullptr ? received : find(Field::kXmit, packet, rule_number, mask);
    }
    case Field::kDscp:
      return packet.has(shape::kIp) ? words_.find((words[kIp] >> 10 & 63) & mask) : nullptr;
    case Field::kMark:
      return words_.find(words[kMark] & mask);
    case Field::kRuleNumber:
      return words_.find(rule_number & mask);
    case Field::kVlan:
      return packet.has(shape::kTagged) ? words_.find((words[kVlan] >> 16 & 0xfff) & mask) : nullptr;
    case Field::kFlow: {
      TableKey key;
      return flow_key(packet, flow_fields, key) ? words_.find_exact(spread(key), key) : nullptr;
    }
  }
  return nullptr;
}

const Row* Table::find(const TableKey& key) const {
  return with_shards(*this, key, [&](const auto& shards, const auto& start) {
    return type == TableType::kFlow ? shards.find_exact(start, key) : shards.find(start);
  });
}

}  // namespace nm::classifier
