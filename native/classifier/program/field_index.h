// Many rules that ask for one field: which of them can match a packet is looked up by the field's value, so that the
// others cost nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "../expression.h"
#include "../packet/packet.h"
#include "../table/interval_map.h"

namespace nm::classifier {

enum class IndexField : uint8_t { kSrc4, kDst4, kSrcPort, kDstPort, kVlan, kSrcMac, kDstMac, kSrc6, kDst6 };
constexpr int kIndexFields = 9;

class FieldIndex {
 public:
  static constexpr uint32_t kEnd = 0xffffffff;

  // A rule, and the intervals of the field in which alone it can match: sorted and apart.
  struct Entry {
    uint32_t position;
    std::vector<Span<U128>> spans;
  };

  // `entries` by position. Moves those that cover too much of the field to be worth it to `rejected`.
  FieldIndex(IndexField field, std::vector<Entry> entries, std::vector<uint32_t>& rejected);

  // Positions of the rules that can match, ascending, up to kEnd.
  const uint32_t* candidates(const Packet& packet) const;
  IndexField field() const { return field_; }
  // What candidates() looks IPv4 addresses up in.
  const Map32& words() const { return map32_; }
  bool useful() const { return lists_.size() > 1; }
  size_t bytes() const { return map32_.bytes() + map48_.bytes() + map128_.bytes() + lists_.size() * 4; }

 private:
  template <class Map, class Key>
  static void fill(Map& map, const std::vector<U128>& starts, const std::vector<uint32_t>& values,
                   Key (*narrow)(const U128&));

  IndexField field_;
  uint32_t need_;
  Map32 map32_;
  Map48 map48_;
  Map128 map128_;
  std::vector<uint32_t> lists_;  // lists_[0] is kEnd: the empty list
};

// The intervals of a field outside of which an expression is false for sure; false if it doesn't say.
bool field_spans(const Expression& expression, IndexField field, std::vector<Span<U128>>& out);

}  // namespace nm::classifier
