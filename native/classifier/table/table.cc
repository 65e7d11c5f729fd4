#include "table.h"

#include "../language/address.h"
#include "../language/lists.h"
#include "../language/names.h"
#include "../language/table_name.h"
#include "../language/words.h"

namespace nm::classifier {
namespace {

struct FlowPart {
  std::string_view name;
  uint8_t bit;
};
constexpr FlowPart kFlowParts[] = {{"src-ip", kFlowSrcIp},
                                   {"proto", kFlowProto},
                                   {"src-port", kFlowSrcPort},
                                   {"dst-ip", kFlowDstIp},
                                   {"dst-port", kFlowDstPort}};

constexpr std::string_view kTypes[] = {"addr", "number", "mac", "iface", "flow"};
constexpr const char* kColumnNames[kColumns] = {"skipto", "pipe", "dscp", "tag", "limit", "mark"};

bool read_prefix(std::string_view text, uint32_t most, uint8_t& length) {
  uint64_t number;
  if (!read_number(text, most, number)) return false;
  length = static_cast<uint8_t>(number);
  return true;
}

bool read_address(std::string_view text, TableKey& out) {
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  uint32_t four;
  if (read_ip4(address, four)) {
    out.family = 4;
    out.length = 32;
    if (slash != std::string_view::npos && !read_prefix(text.substr(slash + 1), 32, out.length)) return false;
    out.a = four & prefix_mask<uint32_t>(out.length, 32);
    return true;
  }
  if (!read_ip6(address, out.a)) return false;
  out.family = 6;
  out.length = 128;
  if (slash != std::string_view::npos && !read_prefix(text.substr(slash + 1), 128, out.length)) return false;
  out.a = out.a & prefix_mask<U128>(out.length, 128);
  return true;
}

bool read_flow(std::string_view text, uint8_t fields, TableKey& out, std::string& why) {
  out.length = 32;
  const std::vector<std::string_view> parts = split_list(text);
  size_t at = 0;
  for (const FlowPart& part : kFlowParts) {
    if (!(fields & part.bit)) continue;
    if (at == parts.size()) {
      why = std::string(part.name) + " is missing";
      return false;
    }
    const std::string_view item = parts[at++];
    TableKey address;
    Span<uint32_t> span{};
    bool good = true;
    if (part.bit & (kFlowSrcIp | kFlowDstIp)) {
      good = item.find('/') == std::string_view::npos && read_address(item, address);
      if (good && out.family != 0 && out.family != address.family) {
        why = "one address is IPv4, the other IPv6";
        return false;
      }
      out.family = address.family;
      (part.bit == kFlowSrcIp ? out.a : out.b) = address.a;
    } else {
      const bool protocol = part.bit == kFlowProto;
      good =
          read_span(item, protocol ? 255 : 65535, protocol ? &kProtocols : &kServices, span) && span.low == span.high;
      if (protocol) out.protocol = static_cast<uint8_t>(span.low);
      if (part.bit == kFlowSrcPort) out.ports |= span.low << 16;
      if (part.bit == kFlowDstPort) out.ports |= span.low;
    }
    if (!good) {
      why = quoted(item) + " is no " + std::string(part.name);
      return false;
    }
  }
  if (at != parts.size()) {
    why = "there is more than the table's fields";
    return false;
  }
  return true;
}

}  // namespace

bool Table::read_key(std::string_view text, NumberedNames& ports, TableKey& out, std::string& why) const {
  out = {};
  uint64_t number = 0;
  Span<uint32_t> span{};
  switch (type) {
    case TableType::kAddr:
      if (read_address(text, out)) return true;
      why = quoted(text) + " is no address: give an IPv4 or IPv6 address, with /length if wanted";
      return false;
    case TableType::kNumber:
      if (read_number(text, 0xffffffff, number)) {
        out.a = number;
        out.length = 32;
        return true;
      }
      if (read_span(text, 65535, &kServices, span) && span.low == span.high) {
        out.a = span.low;
        out.length = 32;
        return true;
      }
      why = quoted(text) + " is no number from 0 to 4294967295, and no port's name";
      return false;
    case TableType::kMac: {
      const size_t slash = text.find('/');
      out.length = 48;
      if (read_mac(text.substr(0, slash), number) &&
          (slash == std::string_view::npos || read_prefix(text.substr(slash + 1), 48, out.length))) {
        out.a = number & prefix_mask<uint64_t>(out.length, 48);
        return true;
      }
      why = quoted(text) + " is no MAC address: give six groups of hexadecimal digits, with /length if wanted";
      return false;
    }
    case TableType::kIface:
      if (!text.empty() && !is_pattern(text)) {
        out.a = static_cast<uint64_t>(ports.number(text));
        out.length = 32;
        return true;
      }
      why = quoted(text) + " is no port's name: tables hold whole names, without '*'";
      return false;
    case TableType::kFlow:
      return read_flow(text, flow_fields, out, why);
  }
  return false;
}

std::string Table::show_key(const TableKey& key, const NumberedNames& ports) const {
  switch (type) {
    case TableType::kAddr:
      return (key.family == 4 ? show_ip4(low_word(key.a)) : show_ip6(key.a)) + "/" + to_string(key.length);
    case TableType::kNumber:
      return to_string(key.a.low);
    case TableType::kMac:
      return show_mac(key.a.low) + "/" + to_string(key.length);
    case TableType::kIface:
      return ports.name(static_cast<uint16_t>(key.a.low));
    case TableType::kFlow:
      break;
  }
  std::string out;
  for (const FlowPart& part : kFlowParts) {
    if (!(flow_fields & part.bit)) continue;
    if (!out.empty()) out += ',';
    const U128& address = part.bit == kFlowSrcIp ? key.a : key.b;
    out += part.bit & (kFlowSrcIp | kFlowDstIp) ? (key.family == 4 ? show_ip4(low_word(address)) : show_ip6(address))
           : part.bit == kFlowProto             ? to_string(key.protocol)
           : part.bit == kFlowSrcPort           ? to_string(key.ports >> 16)
                                                : to_string(key.ports & 0xffff);
  }
  return out;
}

bool Table::read_row(std::string_view text, Row& out, std::string& why) const {
  out.fill(0);
  const std::vector<std::string_view> parts = split_list(text);
  const size_t wanted = columns.empty() ? 1 : columns.size();
  if (parts.size() != wanted) {
    why = quoted(text) + " is no value of this table: it has " + to_string(wanted) + ", with commas between";
    return false;
  }
  for (size_t i = 0; i < wanted; ++i) {
    uint32_t value;
    Span<uint32_t> span{};
    const bool dscp = !columns.empty() && columns[i] == Column::kDscp;
    if (dscp ? read_span(parts[i], 63, &kDscps, span) && span.low == span.high : read_table_value(parts[i], value)) {
      if (dscp) value = span.low;
      if (columns.empty()) {
        out.fill(value);
      } else {
        out[static_cast<size_t>(columns[i])] = value;
      }
    } else {
      why = quoted(parts[i]) + " is no value: give a number";
      return false;
    }
  }
  return true;
}

std::string Table::show_row(const Row& row, bool as_ip) const {
  const auto show = [&](uint32_t value) { return as_ip ? show_ip4(value) : to_string(value); };
  if (columns.empty()) return show(row[0]);
  std::string out;
  for (Column column : columns) out += (out.empty() ? "" : ",") + show(row[static_cast<size_t>(column)]);
  return out;
}

const char* type_name(TableType type) {
  return kTypes[static_cast<size_t>(type)].data();
}

std::string describe_type(const Table& table) {
  std::string out = type_name(table.type);
  if (table.type != TableType::kFlow) return out;
  char separator = ':';
  for (const FlowPart& part : kFlowParts) {
    if (!(table.flow_fields & part.bit)) continue;
    out += separator + std::string(part.name);
    separator = ',';
  }
  return out;
}

bool read_type(std::string_view text, TableType& type, uint8_t& flow_fields, std::string& why) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (size_t i = 0; i < std::size(kTypes); ++i) {
    if (kTypes[i] != name) continue;
    type = static_cast<TableType>(i);
    if (type != TableType::kFlow) {
      if (colon == std::string_view::npos) return true;
      why = "only flow tables have fields";
      return false;
    }
    flow_fields = 0;
    if (colon == std::string_view::npos) {
      for (const FlowPart& part : kFlowParts) flow_fields |= part.bit;
      return true;
    }
    for (std::string_view item : split_list(text.substr(colon + 1))) {
      uint8_t bit = 0;
      for (const FlowPart& part : kFlowParts) bit |= part.name == item ? part.bit : 0;
      if (bit == 0) {
        why = quoted(item) + " is no field of a flow: use src-ip, proto, src-port, dst-ip, dst-port";
        return false;
      }
      flow_fields |= bit;
    }
    return true;
  }
  why = quoted(name) + " is no type of table: use addr, number, mac, iface or flow";
  return false;
}

bool fits(Field field, TableType type) {
  return type == usual_type(field);
}

TableType usual_type(Field field) {
  switch (field) {
    case Field::kSrcIp:
    case Field::kDstIp:
      return TableType::kAddr;
    case Field::kSrcMac:
    case Field::kDstMac:
      return TableType::kMac;
    case Field::kRecv:
    case Field::kXmit:
    case Field::kVia:
      return TableType::kIface;
    case Field::kFlow:
      return TableType::kFlow;
    default:
      return TableType::kNumber;
  }
}

const char* bad_table_name(std::string_view name) {
  if (name.empty() || name.size() > 63) return "a table's name has 1 to 63 characters";
  for (char c : name) {
    const bool good =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
    if (!good) return "a table's name is made of letters, digits, '_', '-' and '.'";
  }
  return name == "all" ? "'all' means all tables and is no name" : nullptr;
}

bool find_column(std::string_view name, Column& out) {
  for (int i = 0; i < kColumns; ++i) {
    if (name != kColumnNames[i]) continue;
    out = static_cast<Column>(i);
    return true;
  }
  return false;
}

const char* column_name(Column column) {
  return kColumnNames[static_cast<size_t>(column)];
}

std::string column_names() {
  std::string out;
  for (const char* name : kColumnNames) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

bool read_table_value(std::string_view text, uint32_t& out) {
  uint64_t number;
  if (read_ip4(text, out)) return true;
  if (!read_number(text, 0xffffffff, number)) return false;
  out = static_cast<uint32_t>(number);
  return true;
}

}  // namespace nm::classifier
