#include "field_index.h"

#include <algorithm>
#include <numeric>

namespace nm::classifier {
namespace {

// Lists may take so many entries for each rule in them.
constexpr size_t kBudget = 8;

int width_of(IndexField field) {
  switch (field) {
    case IndexField::kSrc6:
    case IndexField::kDst6:
      return 128;
    case IndexField::kSrcMac:
    case IndexField::kDstMac:
      return 48;
    case IndexField::kSrc4:
    case IndexField::kDst4:
      return 32;
    case IndexField::kVlan:
      return 12;
    default:
      return 16;
  }
}

uint32_t need_of(IndexField field) {
  switch (field) {
    case IndexField::kSrc4:
    case IndexField::kDst4:
      return shape::kIp4;
    case IndexField::kSrc6:
    case IndexField::kDst6:
      return shape::kIp6;
    case IndexField::kSrcPort:
    case IndexField::kDstPort:
      return shape::kPorts;
    case IndexField::kVlan:
      return shape::kTagged;
    default:
      return shape::kEthernet;
  }
}

void normalise(std::vector<Span<U128>>& spans) {
  std::sort(spans.begin(), spans.end(), [](const Span<U128>& a, const Span<U128>& b) { return a.low < b.low; });
  size_t kept = 0;
  for (const Span<U128>& span : spans) {
    if (kept > 0 && span.low <= spans[kept - 1].high) {
      if (spans[kept - 1].high < span.high) spans[kept - 1].high = span.high;
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

// Keys of a field below and above which ranges of it begin.
std::vector<U128> boundaries(const std::vector<FieldIndex::Entry>& entries, const U128& last) {
  std::vector<U128> out;
  for (const FieldIndex::Entry& entry : entries) {
    for (const Span<U128>& span : entry.spans) {
      out.push_back(span.low);
      if (span.high < last) out.push_back(span.high + U128(1));
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

size_t index_of(const std::vector<U128>& starts, const U128& key) {
  return static_cast<size_t>(std::lower_bound(starts.begin(), starts.end(), key) - starts.begin());
}

// Intervals between boundaries that a span covers: [first, second).
std::pair<size_t, size_t> cover(const std::vector<U128>& starts, const Span<U128>& span, const U128& last) {
  return {index_of(starts, span.low), span.high < last ? index_of(starts, span.high + U128(1)) : starts.size()};
}

uint32_t narrow32(const U128& key) {
  return low_word(key);
}
uint64_t narrow48(const U128& key) {
  return key.low;
}
U128 narrow128(const U128& key) {
  return key;
}

bool is_prefix(const U128& mask, int width) {
  const U128 zeros = ~mask & prefix_mask<U128>(128, 128) & (prefix_mask<U128>(width, 128) >> (128 - width));
  return (zeros & (zeros + U128(1))) == U128(0);
}

// A contiguous part of a word.
bool word_spans(const Test& test, Word word, int shift, int bits, std::vector<Span<U128>>& out) {
  const uint32_t field = (bits == 32 ? 0xffffffffu : (1u << bits) - 1) << shift;
  if (test.what != word || (test.mask & ~field) != 0) return false;
  const uint32_t mask = (test.mask & field) >> shift;
  const uint32_t all = field >> shift;
  if (mask == 0 || ((~mask & all) & ((~mask & all) + 1)) != 0) return false;
  const uint32_t low = test.low >> shift;
  const uint32_t high = ((test.low + test.span) >> shift) | (~mask & all);
  if ((low & ~mask & all) != 0 || low > high) return false;
  out.push_back({U128(low), U128(high)});
  return true;
}

bool wide_spans(const Test& test, int width, std::vector<Span<U128>>& out) {
  if (!is_prefix(test.wide_mask, width)) return false;
  const U128 all = prefix_mask<U128>(width, 128) >> (128 - width);
  out.push_back({test.wide, test.wide | (~test.wide_mask & all)});
  return true;
}

bool test_spans(const Test& test, IndexField field, std::vector<Span<U128>>& out) {
  switch (field) {
    case IndexField::kSrc4:
      return test.code == Test::kRange && (test.need & shape::kIp4) && word_spans(test, kSrc4, 0, 32, out);
    case IndexField::kDst4:
      return test.code == Test::kRange && (test.need & shape::kIp4) && word_spans(test, kDst4, 0, 32, out);
    case IndexField::kSrcPort:
      return test.code == Test::kRange && (test.need & shape::kPorts) && word_spans(test, kPorts, 16, 16, out);
    case IndexField::kDstPort:
      return test.code == Test::kRange && (test.need & shape::kPorts) && word_spans(test, kPorts, 0, 16, out);
    case IndexField::kVlan:
      return test.code == Test::kRange && (test.need & shape::kTagged) && word_spans(test, kVlan, 16, 12, out);
    case IndexField::kSrcMac:
      return test.code == Test::kMac && test.what == 0 && wide_spans(test, 48, out);
    case IndexField::kDstMac:
      return test.code == Test::kMac && test.what == 1 && wide_spans(test, 48, out);
    case IndexField::kSrc6:
      return test.code == Test::kAddress6 && test.what == 0 && wide_spans(test, 128, out);
    case IndexField::kDst6:
      return test.code == Test::kAddress6 && test.what == 1 && wide_spans(test, 128, out);
  }
  return false;
}

}  // namespace

bool field_spans(const Expression& expression, IndexField field, std::vector<Span<U128>>& out) {
  switch (expression.kind) {
    case Expression::kTest:
      return test_spans(expression.test, field, out);
    case Expression::kAnd:
      for (const Expression& part : expression.parts) {
        out.clear();
        if (field_spans(part, field, out)) return true;
      }
      return false;
    case Expression::kOr: {
      std::vector<Span<U128>> all;
      for (const Expression& part : expression.parts) {
        std::vector<Span<U128>> some;
        if (!field_spans(part, field, some)) return false;
        all.insert(all.end(), some.begin(), some.end());
      }
      normalise(all);
      out = std::move(all);
      return true;
    }
    default:
      return false;
  }
}

template <class Map, class Key>
void FieldIndex::fill(Map& map, const std::vector<U128>& starts, const std::vector<uint32_t>& values,
                      Key (*narrow)(const U128&)) {
  std::vector<typename Map::Interval> intervals;
  intervals.reserve(starts.size());
  for (size_t i = 0; i < starts.size(); ++i) intervals.push_back({narrow(starts[i]), values[i]});
  map.build(intervals);
}

FieldIndex::FieldIndex(IndexField field, std::vector<Entry> entries, std::vector<uint32_t>& rejected)
    : field_(field), need_(need_of(field)) {
  const int width = width_of(field);
  const U128 last = prefix_mask<U128>(width, 128) >> (128 - width);
  std::vector<U128> starts = boundaries(entries, last);

  // The narrowest ones first, until the lists are as long as they may be.
  std::vector<size_t> covered(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    for (const Span<U128>& span : entries[i].spans) {
      const auto [from, to] = cover(starts, span, last);
      covered[i] += to - from;
    }
  }
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return covered[a] < covered[b]; });
  size_t left = kBudget * entries.size();
  std::vector<bool> kept(entries.size());
  for (size_t i : order) {
    if (covered[i] > left) break;
    left -= covered[i];
    kept[i] = true;
  }
  std::vector<Entry> accepted;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (kept[i]) {
      accepted.push_back(std::move(entries[i]));
    } else {
      rejected.push_back(entries[i].position);
    }
  }

  starts = boundaries(accepted, last);
  std::vector<uint32_t> length(starts.size() + 1), at(starts.size());
  auto each = [&](auto&& visit) {
    for (const Entry& entry : accepted) {
      for (const Span<U128>& span : entry.spans) {
        const auto [from, to] = cover(starts, span, last);
        for (size_t i = from; i < to; ++i) visit(i, entry.position);
      }
    }
  };
  each([&](size_t i, uint32_t) { ++length[i]; });
  lists_.push_back(kEnd);
  std::vector<uint32_t> values(starts.size(), 0);
  for (size_t i = 0; i < starts.size(); ++i) {
    if (length[i] == 0) continue;
    values[i] = static_cast<uint32_t>(lists_.size());
    at[i] = values[i];
    lists_.resize(lists_.size() + length[i]);
    lists_.push_back(kEnd);
  }
  each([&](size_t i, uint32_t position) { lists_[at[i]++] = position; });
  if (width == 48) {
    fill(map48_, starts, values, narrow48);
  } else if (width == 128) {
    fill(map128_, starts, values, narrow128);
  } else {
    fill(map32_, starts, values, narrow32);
  }
}

const uint32_t* FieldIndex::candidates(const Packet& packet) const {
  if (!packet.has(need_)) return lists_.data();
  uint32_t at = 0;
  switch (field_) {
    case IndexField::kSrc4:
      at = map32_.find(packet.words[kSrc4]);
      break;
    case IndexField::kDst4:
      at = map32_.find(packet.words[kDst4]);
      break;
    case IndexField::kSrcPort:
      at = map32_.find(packet.words[kPorts] >> 16);
      break;
    case IndexField::kDstPort:
      at = map32_.find(packet.words[kPorts] & 0xffff);
      break;
    case IndexField::kVlan:
      at = map32_.find(packet.words[kVlan] >> 16 & 0xfff);
      break;
    case IndexField::kSrcMac:
      at = map48_.find(packet.src_mac());
      break;
    case IndexField::kDstMac:
      at = map48_.find(packet.dst_mac());
      break;
    case IndexField::kSrc6:
      at = map128_.find(packet.src6());
      break;
    case IndexField::kDst6:
      at = map128_.find(packet.dst6());
      break;
  }
  return lists_.data() + (at == kNothing ? 0 : at);
}

}  // namespace nm::classifier
