// Tables of addresses, numbers, MAC addresses, ports or flows, with values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../expression.h"
#include "../numbered_names.h"
#include "interval_map.h"

namespace nm::classifier {

enum class TableType : uint8_t { kAddr, kNumber, kMac, kIface, kFlow };

// Fields of a flow, in the order in which keys name them.
enum FlowField : uint8_t { kFlowSrcIp = 1, kFlowProto = 2, kFlowSrcPort = 4, kFlowDstIp = 8, kFlowDstPort = 16 };

// One value for each Column.
using Row = std::array<uint32_t, kColumns>;

struct TableKey {
  U128 a;              // address, number, MAC, port; source of a flow
  U128 b;              // destination of a flow
  uint32_t ports = 0;  // source << 16 | destination
  uint8_t length = 0;  // of a prefix
  uint8_t family = 0;  // 4 or 6, where there are addresses
  uint8_t protocol = 0;

  friend bool operator<(const TableKey& x, const TableKey& y) {
    if (x.family != y.family) return x.family < y.family;
    if (x.a != y.a) return x.a < y.a;
    if (x.length != y.length) return x.length < y.length;
    if (x.b != y.b) return x.b < y.b;
    if (x.ports != y.ports) return x.ports < y.ports;
    return x.protocol < y.protocol;
  }
  friend bool operator==(const TableKey& x, const TableKey& y) { return !(x < y) && !(y < x); }
};

// The form in which packets are looked up. Immutable.
class TableIndex {
 public:
  TableIndex(TableType type, uint8_t flow_fields, const std::map<TableKey, Row>& entries);

  // Index of the row, kNothing if there is none. `mask` is laid over numbers before they are looked up.
  uint32_t find(Field field, const Packet& packet, uint32_t rule_number, uint32_t mask) const;
  uint32_t find(const TableKey& key) const;
  const Row& row(uint32_t index) const { return rows_[index]; }
  // Tells the cache where find() will look.
  void prefetch4(uint32_t address) const;
  size_t bytes() const;
  TableType type() const { return type_; }

 private:
  struct Flow {
    TableKey key;
    uint32_t row = kNothing;
  };

  uint32_t find_flow(const TableKey& key) const;

  TableType type_;
  uint8_t flow_fields_;
  Map32 map32_;              // IPv4 addresses, numbers, ports
  Map128 map128_;            // IPv6 addresses
  Map48 map48_;              // MAC addresses
  std::vector<Flow> flows_;  // open addressing; a power of two, at most half full
  std::vector<Row> rows_;
};

struct Table {
  std::string name;
  TableType type = TableType::kAddr;
  uint8_t flow_fields = 0;
  std::vector<Column> columns;  // empty: one number for everything
  uint64_t limit = 0;           // 0: none
  bool locked = false;
  std::map<TableKey, Row> entries;
  std::shared_ptr<const TableIndex> index;  // null when entries have changed since

  bool read_key(std::string_view text, NumberedNames& ports, TableKey& out, std::string& why) const;
  std::string show_key(const TableKey& key, const NumberedNames& ports) const;
  bool read_row(std::string_view text, Row& out, std::string& why) const;
  std::string show_row(const Row& row) const;
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
