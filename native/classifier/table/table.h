// Tables of addresses, numbers, MAC addresses, ports or flows, with values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../numbered_names.h"
#include "shards.h"

namespace nm::classifier {

enum class TableType : uint8_t { kAddr, kNumber, kMac, kIface, kFlow };

// Fields of a flow, in the order in which keys name them.
enum FlowField : uint8_t { kFlowSrcIp = 1, kFlowProto = 2, kFlowSrcPort = 4, kFlowDstIp = 8, kFlowDstPort = 16 };

struct Table {
  std::string name;
  TableType type = TableType::kAddr;
  uint8_t flow_fields = 0;
  std::vector<Column> columns;  // empty: one number for everything
  uint64_t limit = 0;           // 0: none
  bool locked = false;
  Edit edit = 0;  // the change that made it

  bool read_key(std::string_view text, NumberedNames& ports, TableKey& out, std::string& why) const;
  std::string show_key(const TableKey& key, const NumberedNames& ports) const;
  bool read_row(std::string_view text, Row& out, std::string& why) const;
  // Values are shown as numbers, or as IPv4 addresses.
  std::string show_row(const Row& row, bool as_ip = false) const;

  size_t size() const { return words_.size() + macs_.size() + wides_.size(); }
  // False when the key is there already; with `replace` its row is the new one then.
  bool add(const TableKey& key, const Row& row, bool replace);
  // False when the key is not there.
  bool remove(const TableKey& key);
  void clear();
  void swap_entries(Table& other);
  // Before find() and after changes.
  void seal();
  // (key, row), in the order of keys.
  template <class Visit>
  void each(Visit visit) const {
    const auto entry = [&](const auto& e) { visit(e.key, e.row); };
    if (type == TableType::kFlow) return each_flow(visit);
    words_.each(entry);
    wides_.each(entry);
    macs_.each(entry);
  }

  // The entry's values, null if there is none. `mask` is laid over numbers before they are looked up.
  const Row* find(Field field, const Packet& packet, uint32_t rule_number, uint32_t mask) const;
  const Row* find(const TableKey& key) const;
  // What find() looks IPv4 addresses up in.
  const Shards<uint32_t, 32>& words() const { return words_; }
  size_t bytes() const { return words_.bytes() + macs_.bytes() + wides_.bytes(); }

 private:
  template <class Self, class Visit>
  static auto with_shards(Self& self, const TableKey& key, Visit visit);
  void each_flow(const std::function<void(const TableKey&, const Row&)>& visit) const;

  Shards<uint32_t, 32> words_;  // IPv4 addresses, numbers, ports, flows
  Shards<uint64_t, 48> macs_;
  Shards<U128, 128> wides_;  // IPv6 addresses
};

const char* type_name(TableType type);
// "addr", "flow:src-ip,dst-port", ...
std::string describe_type(const Table& table);
bool read_type(std::string_view text, TableType& type, uint8_t& flow_fields, std::string& why);
// Whether a field can be looked up in tables of a type.
bool fits(Field field, TableType type);
// The type of table that a field is looked up in, where a rule names a table that nobody has made.
TableType usual_type(Field field);

}  // namespace nm::classifier
