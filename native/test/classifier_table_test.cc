// Tables: what they hold after any number of changes, and what others see meanwhile.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "check.h"
#include "classifier_lab.h"
#include "random.h"

using namespace lab;

namespace {

using Model = std::map<TableKey, Row>;

// Keys that lie close together, share prefixes and contain each other, and some from anywhere.
TableKey draw(nm::Random& random, TableType type) {
  TableKey key;
  const uint32_t crowd = random.below(4) == 0 ? random.next() : 0x0a000000 | random.below(1u << 14);
  const uint32_t cut = random.below(random.below(4) == 0 ? 33 : 9);
  key.length = static_cast<uint8_t>(32 - std::min(cut, 32u));
  switch (type) {
    case TableType::kAddr:
      key.family = random.below(3) == 0 ? 6 : 4;
      if (key.family == 4) {
        key.a = crowd & prefix_mask<uint32_t>(key.length, 32);
      } else {
        key.length = static_cast<uint8_t>(key.length + 96);
        key.a = U128(0x20010db800000000, crowd) & prefix_mask<U128>(key.length, 128);
      }
      return key;
    case TableType::kMac:
      key.length = static_cast<uint8_t>(key.length + 16);
      key.a = (uint64_t{0x0200} << 32 | crowd) & prefix_mask<uint64_t>(key.length, 48);
      return key;
    case TableType::kFlow:
      key.length = 32;
      key.family = 4;
      key.a = crowd;
      key.ports = random.below(3);
      return key;
    default:
      key.length = 32;
      key.a = crowd;
      return key;
  }
}

int width(const TableKey& key, TableType type) {
  return type == TableType::kMac ? 48 : key.family == 6 ? 128 : 32;
}

const Row* slow(const Model& model, TableKey key, TableType type) {
  const bool prefixes = type == TableType::kAddr || type == TableType::kMac;
  const int most = width(key, type);
  const U128 whole = key.a;
  for (int length = most; length >= (prefixes ? 0 : most); --length) {
    key.length = static_cast<uint8_t>(length);
    key.a = whole & (length == 0 ? U128(0) : ~U128(0) << (most - length));
    const auto found = model.find(key);
    if (found != model.end()) return &found->second;
  }
  return nullptr;
}

bool same(const Row* a, const Row* b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
}

bool alike(const Table& table, const Model& model, TableType type, nm::Random& random) {
  if (table.size() != model.size()) return false;
  auto at = model.begin();
  bool equal = true;
  table.each([&](const TableKey& key, const Row& row) {
    equal = equal && at != model.end() && key == at->first && row == at->second;
    if (at != model.end()) ++at;
  });
  for (int i = 0; i < 200 && equal; ++i) {
    TableKey key = draw(random, type);
    if (random.below(2) == 0 && !model.empty()) {
      const auto near = model.lower_bound(key);
      if (near != model.end()) key = near->first;
    }
    // What is looked up is a whole address.
    key.length = static_cast<uint8_t>(width(key, type));
    if (type != TableType::kFlow && key.a.low != 0 && random.below(4) == 0) key.a.low -= 1;
    equal = same(table.find(key), slow(model, key, type));
  }
  return equal;
}

void compare(TableType type) {
  nm::Random random(nm::Random::seed() + static_cast<uint64_t>(type));
  Table table;
  table.type = type;
  Model model;
  for (uint32_t edit = 1; edit <= nm::rounds(120); ++edit) {
    const Table before = table;
    const Model model_before = model;
    table.edit = edit;
    const uint32_t kind = random.below(30);
    if (kind == 0) {
      table.clear();
      model.clear();
    }
    // Many at once, or a few; growing at first, then going down to nothing.
    const uint32_t shrinks = edit % 40 < 20 ? 20 : 80;
    for (uint32_t n = kind < 10 ? 400 : random.below(5); n > 0; --n) {
      if (random.below(100) < shrinks && !model.empty()) {
        auto victim = model.lower_bound(draw(random, type));
        if (victim == model.end()) victim = model.begin();
        const TableKey key = victim->first;
        CHECK(table.remove(key));
        CHECK(!table.remove(key));
        model.erase(key);
      } else {
        const TableKey key = draw(random, type);
        Row row{};
        row[0] = random.below(3) == 0 ? random.next() : 7;
        const bool replace = random.below(2) == 0;
        const bool fresh = model.count(key) == 0;
        CHECK(table.add(key, row, replace) == fresh);
        if (fresh || replace) model[key] = row;
      }
    }
    table.seal();
    if (!alike(table, model, type, random)) return check::fail(__FILE__, __LINE__, "the table is like the map");
    if (!alike(before, model_before, type, random)) return check::fail(__FILE__, __LINE__, "a copy stays as it was");
  }
}

std::string text(uint32_t a) {
  return std::to_string(a >> 24) + "." + std::to_string(a >> 16 & 255) + "." + std::to_string(a >> 8 & 255) + "." +
         std::to_string(a & 255);
}

}  // namespace

TEST(like_a_map, "a table finds what a simple map finds, whatever is added and deleted; copies stay as they were") {
  for (TableType type : {TableType::kAddr, TableType::kNumber, TableType::kMac, TableType::kIface, TableType::kFlow}) {
    compare(type);
  }
}

TEST(in_order, "keys that come in their order, forwards or backwards, and a table that is emptied one by one") {
  for (const bool backwards : {false, true}) {
    Table table;
    table.edit = 1;
    const uint32_t n = 3000;
    TableKey key;
    key.family = 4;
    key.length = 32;
    for (uint32_t i = 0; i < n; ++i) {
      key.a = 2 * (backwards ? n - i : i);
      Row row{};
      row[0] = low_word(key.a);
      CHECK(table.add(key, row, false));
    }
    table.seal();
    for (uint32_t i = 0; i < 2 * n; ++i) {
      key.a = i + (backwards ? 2 : 0);
      const Row* const row = table.find(key);
      CHECK((row != nullptr) == (i % 2 == 0) && (row == nullptr || (*row)[0] == low_word(key.a)));
    }
    for (uint32_t i = 0; i < n; ++i) {
      table.edit = 2 + i / 100;
      key.a = 2 * (i * 7 % n + (backwards ? 1 : 0));
      CHECK(table.remove(key));
      if (i % 100 == 99) table.seal();
    }
    table.seal();
    CHECK(table.size() == 0 && table.find(key) == nullptr && table.bytes() == 0);
  }
}

TEST(read_meanwhile, "while tables change, others find all of the old entries or all of the new ones") {
  // Addresses of one half are always there; of each pair in the other half, one or the other.
  const uint32_t n = 2000, base = address(10, 0, 0, 0);
  std::string commands = "table t create type addr\nadd 10 pipe tablearg src-ip table(t)\n";
  for (uint32_t i = 0; i < n; ++i) commands += "table t add " + text(base + 4 * i) + " " + std::to_string(1 + i) + "\n";
  commands += "table t add " + text(base + 1) + " 7777\n";
  Lab lab(commands);
  const uint64_t version = lab.rules->version();
  const auto* const program = lab.rules->program().get();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0}, total{0};
  auto match = [&](uint32_t lane) {
    nm::Random random(lane + 1);
    Matcher matcher(lab.rules, lane);
    while (!stop) {
      std::vector<Bytes> bytes;
      std::vector<uint32_t> expected;
      for (uint32_t i = 0; i < 30; ++i) {
        expected.push_back(random.below(n));
        bytes.push_back(udp(base + 4 * expected[i], 1, 2, 3));
      }
      for (uint32_t pair : {1u, 2u}) bytes.push_back(udp(base + pair, 1, 2, 3));
      std::vector<Frame> frames;
      for (Bytes& b : bytes) frames.push_back({b.data(), 42, 42});
      Verdict verdicts[32];
      matcher.classify(frames.data(), 32, {}, 1, verdicts);
      for (uint32_t i = 0; i < 30; ++i) wrong += verdicts[i].target != 1 + expected[i] ? 1 : 0;
      wrong += (verdicts[30].action == Action::kPipe) == (verdicts[31].action == Action::kPipe) ? 1 : 0;
      total += 32;
    }
  };
  std::thread one(match, 0), two(match, 1);
  nm::Random random(nm::Random::seed());
  std::vector<uint32_t> extra;
  for (uint32_t i = 0; i < nm::rounds(300) || total < 1000; ++i) {
    const uint32_t from = i % 2 == 0 ? 1 : 2;
    CHECK(lab.apply("table t delete " + text(base + from) + "\ntable t add " + text(base + 3 - from) + " 7777"));
    if (random.below(2) == 0 || extra.empty()) {
      const uint32_t a = base + 4 * random.below(n) + 3;
      if (lab.apply("-q table t add " + text(a) + " 9")) extra.push_back(a);
    } else {
      CHECK(lab.apply("-q table t delete " + text(extra.back())));
      extra.pop_back();
    }
    if (i % 50 == 49) {
      // The whole table at once, by another's contents.
      CHECK(lab.apply("table u create type addr or-flush\ntable u swap t\ntable t swap u"));
    }
  }
  stop = true;
  one.join();
  two.join();
  CHECK(wrong == 0);
  CHECK(lab.rules->version() > version);
  CHECK(lab.rules->program().get() == program);
}
