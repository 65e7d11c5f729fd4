#include <algorithm>
#include <map>

#include "prefetch.h"
#include "table.h"

namespace nm::classifier {
namespace {

template <class Key>
struct Prefix {
  Key low;
  Key high;
  uint32_t value;
};

template <class Key, int kWidth>
void add_prefix(const Key& base, int length, uint32_t value, std::vector<Prefix<Key>>& out) {
  out.push_back({base, base | (prefix_mask<Key>(kWidth, kWidth) & ~prefix_mask<Key>(length, kWidth)), value});
}

uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

uint64_t hash(const TableKey& key) {
  uint64_t h = mix(key.a.high ^ static_cast<uint64_t>(key.family) << 56);
  h = mix(h + key.a.low);
  h = mix(h + key.b.high);
  h = mix(h + key.b.low);
  return mix(h + (static_cast<uint64_t>(key.protocol) << 32 | key.ports));
}

// Numbers rows, equal ones alike, so that neighbours with one value become one interval.
class RowNumbers {
 public:
  RowNumbers(std::vector<Row>& rows, size_t most) : rows_(rows) {
    size_t size = 16;
    while (size < 2 * most) size *= 2;
    slots_.resize(size, kNothing);
  }
  uint32_t number(const Row& row) {
    uint64_t h = 0;
    for (uint32_t value : row) h = (h ^ value) * 0x9e3779b97f4a7c15u;
    for (size_t slot = mix(h) & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == kNothing) {
        slots_[slot] = static_cast<uint32_t>(rows_.size());
        rows_.push_back(row);
        return slots_[slot];
      }
      if (rows_[slots_[slot]] == row) return slots_[slot];
    }
  }

 private:
  std::vector<Row>& rows_;
  std::vector<uint32_t> slots_;  // open addressing, at most half full
};

// What of a packet makes up the key; false when it lacks one of the fields.
bool flow_key(const Packet& packet, uint8_t fields, TableKey& key) {
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

TableIndex::TableIndex(TableType type, uint8_t flow_fields, const std::map<TableKey, Row>& entries)
    : type_(type), flow_fields_(flow_fields) {
  std::vector<Prefix<uint32_t>> small;
  std::vector<Prefix<uint64_t>> medium;
  std::vector<Prefix<U128>> wide;
  RowNumbers numbers(rows_, entries.size());
  if (type == TableType::kFlow) {
    size_t size = 16;
    while (size < 2 * entries.size()) size *= 2;
    flows_.resize(size);
  }
  for (const auto& [key, row] : entries) {
    const uint32_t value = numbers.number(row);
    switch (type) {
      case TableType::kAddr:
        if (key.family == 4) {
          add_prefix<uint32_t, 32>(low_word(key.a), key.length, value, small);
        } else {
          add_prefix<U128, 128>(key.a, key.length, value, wide);
        }
        break;
      case TableType::kNumber:
      case TableType::kIface:
        add_prefix<uint32_t, 32>(low_word(key.a), 32, value, small);
        break;
      case TableType::kMac:
        add_prefix<uint64_t, 48>(key.a.low, key.length, value, medium);
        break;
      case TableType::kFlow: {
        size_t slot = hash(key) & (flows_.size() - 1);
        while (flows_[slot].row != kNothing) slot = (slot + 1) & (flows_.size() - 1);
        flows_[slot] = {key, value};
        break;
      }
    }
  }
  map32_.build(flatten<uint32_t, 32>(small));
  map48_.build(flatten<uint64_t, 48>(medium));
  map128_.build(flatten<U128, 128>(wide));
}

uint32_t TableIndex::find(Field field, const Packet& packet, uint32_t rule_number, uint32_t mask) const {
  const uint32_t* words = packet.words;
  switch (field) {
    case Field::kSrcIp:
      return packet.has(shape::kIp4)   ? map32_.find(words[kSrc4])
             : packet.has(shape::kIp6) ? map128_.find(packet.src6())
                                       : kNothing;
    case Field::kDstIp:
      return packet.has(shape::kIp4)   ? map32_.find(words[kDst4])
             : packet.has(shape::kIp6) ? map128_.find(packet.dst6())
                                       : kNothing;
    case Field::kSrcPort:
      return packet.has(shape::kPorts) ? map32_.find((words[kPorts] >> 16) & mask) : kNothing;
    case Field::kDstPort:
      return packet.has(shape::kPorts) ? map32_.find((words[kPorts] & 0xffff) & mask) : kNothing;
    case Field::kSrcMac:
      return packet.has(shape::kEthernet) ? map48_.find(packet.src_mac()) : kNothing;
    case Field::kDstMac:
      return packet.has(shape::kEthernet) ? map48_.find(packet.dst_mac()) : kNothing;
    case Field::kRecv:
      return packet.has(shape::kRecv) ? map32_.find(words[kPath] >> 16) : kNothing;
    case Field::kXmit:
      return packet.has(shape::kXmit) ? map32_.find(words[kPath] & 0xffff) : kNothing;
    case Field::kVia: {
      const uint32_t received = find(Field::kRecv, packet, rule_number, mask);
      return received != kNothing ? received : find(Field::kXmit, packet, rule_number, mask);
    }
    case Field::kDscp:
      return packet.has(shape::kIp) ? map32_.find((words[kIp] >> 10 & 63) & mask) : kNothing;
    case Field::kMark:
      return map32_.find(words[kMark] & mask);
    case Field::kRuleNumber:
      return map32_.find(rule_number & mask);
    case Field::kVlan:
      return packet.has(shape::kTagged) ? map32_.find((words[kVlan] >> 16 & 0xfff) & mask) : kNothing;
    case Field::kFlow: {
      TableKey key;
      return flow_key(packet, flow_fields_, key) ? find_flow(key) : kNothing;
    }
  }
  return kNothing;
}

uint32_t TableIndex::find_flow(const TableKey& key) const {
  for (size_t slot = hash(key) & (flows_.size() - 1);; slot = (slot + 1) & (flows_.size() - 1)) {
    if (flows_[slot].row == kNothing || flows_[slot].key == key) return flows_[slot].row;
  }
}

uint32_t TableIndex::find(const TableKey& key) const {
  switch (type_) {
    case TableType::kAddr:
      return key.family == 4 ? map32_.find(low_word(key.a)) : map128_.find(key.a);
    case TableType::kMac:
      return map48_.find(key.a.low);
    case TableType::kFlow:
      return find_flow(key);
    default:
      return map32_.find(low_word(key.a));
  }
}

void TableIndex::prefetch4(uint32_t address) const {
  prefetch(map32_.place(address));
}

size_t TableIndex::bytes() const {
  return map32_.bytes() + map48_.bytes() + map128_.bytes() + flows_.size() * sizeof(Flow) + rows_.size() * sizeof(Row);
}

}  // namespace nm::classifier
