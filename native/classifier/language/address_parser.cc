// Addresses, MAC addresses, tables and ports in rules.
#include "address.h"
#include "lists.h"
#include "rule_parser.h"
#include "table_name.h"

namespace nm::classifier {
namespace {

// "10.0.0.1/24", "10.0.0.1:255.0.255.0", "2001:db8::/32": where the mask begins, npos for none.
size_t mask_at(std::string_view item, bool six) {
  const size_t slash = item.find('/');
  return slash != std::string_view::npos || six ? slash : item.find(':');
}

// At commas outside braces.
std::vector<std::string_view> split_addresses(std::string_view text) {
  std::vector<std::string_view> out;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}') --depth;
    if (text[i] != ',' || depth > 0) continue;
    out.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  out.push_back(text.substr(begin));
  return out;
}

Expression address_table(std::string name, Field field) {
  Test test;
  test.code = Test::kTable;
  test.what = static_cast<uint8_t>(field);
  test.name = std::move(name);
  return Expression::of(std::move(test));
}

}  // namespace

bool RuleParser::address(Side side, Family family, Expression& out) {
  std::string word;
  if (!cursor_.need("an address", word)) return false;
  const Field field = side == kSource ? Field::kSrcIp : Field::kDstIp;
  if (word == "any") {
    out = family == kOnly4   ? Expression::shape(shape::kIp4)
          : family == kOnly6 ? Expression::shape(shape::kIp6)
                             : Expression();
    return true;
  }
  if (word == "me" || word == "me6") {
    out = address_table("me", field);
    out.test.own = true;
    if (word == "me6" || family == kOnly6) out = Expression::all({Expression::shape(shape::kIp6), std::move(out)});
    if (word == "me" && family == kOnly4) out = Expression::all({Expression::shape(shape::kIp4), std::move(out)});
    return true;
  }
  if (word.compare(0, 6, "table(") == 0) return table(word, field, out);
  std::vector<Expression> parts;
  size_t offset = 0;
  for (std::string_view item : split_addresses(word)) {
    Expression one;
    if (!address_item(side, family, item, offset, one)) return false;
    parts.push_back(std::move(one));
    offset += item.size() + 1;
  }
  out = Expression::any(std::move(parts));
  return true;
}

bool RuleParser::address_item(Side side, Family family, std::string_view item, size_t offset, Expression& out) {
  const bool six = item.find(':') != std::string_view::npos && item.find(':') != item.rfind(':');
  if (six && family == kOnly4)
    return cursor_.fail_last("src-ip and dst-ip are for IPv4: use src-ip6 or dst-ip6", offset);
  if (!six && family == kOnly6) {
    return cursor_.fail_last(quoted(item) + " is no IPv6 address", offset);
  }
  return six ? address6(side, item, offset, out) : address4(side, item, offset, out);
}

bool RuleParser::address4(Side side, std::string_view item, size_t offset, Expression& out) {
  const size_t brace = item.find('{');
  const std::string_view whole = item.substr(0, brace);
  const size_t at = mask_at(whole, false);
  uint32_t base;
  if (!read_ip4(whole.substr(0, at), base)) {
    return cursor_.fail_last(quoted(item) + " is no address: give any, me, table(NAME), an IPv4 or an IPv6 address, " +
                                 "each with /length or a mask if wanted (host names are not looked up)",
                             offset);
  }
  uint32_t mask = brace == std::string_view::npos ? 0xffffffff : 0xffffff00;
  if (at != std::string_view::npos) {
    uint64_t length;
    if (whole[at] == '/' && read_number(whole.substr(at + 1), 32, length)) {
      mask = prefix_mask<uint32_t>(static_cast<int>(length), 32);
    } else if (!read_ip4(whole.substr(at + 1), mask)) {
      return cursor_.fail_last(quoted(whole.substr(at)) + " is no mask: give /0 to /32, or :255.255.0.0", offset + at);
    }
  }
  const Word word = side == kSource ? kSrc4 : kDst4;
  if (brace == std::string_view::npos) {
    out = Expression::range(word, shape::kIp4, mask, base & mask);
    return true;
  }
  // 10.0.0.0/24{1,5-9}: the network's addresses with one of these last bytes.
  std::string_view list = item.substr(brace + 1);
  if (list.empty() || list.back() != '}') return cursor_.fail_last("'}' is missing in " + quoted(item), offset);
  list.remove_suffix(1);
  if (mask < 0xffffff00 || (~mask & (~mask + 1)) != 0) {
    return cursor_.fail_last("a set of addresses needs a prefix of 24 to 32 bits, not " + quoted(whole), offset);
  }
  std::vector<Expression> parts;
  for (std::string_view number : split_list(list)) {
    Span<uint32_t> span{};
    if (!read_span(number, 255, nullptr, span)) {
      return cursor_.fail_last(quoted(number) + " is no last byte: give numbers from 0 to 255 or ranges", offset);
    }
    const uint32_t low = std::max((base & 0xffffff00) | span.low, base & mask);
    const uint32_t high = std::min((base & 0xffffff00) | span.high, base | ~mask);
    if (low > high) {
      return cursor_.fail_last(quoted(number) + " is not in " + quoted(whole), offset);
    }
    parts.push_back(Expression::range(word, shape::kIp4, 0xffffffff, low, high - low));
  }
  out = Expression::any(std::move(parts));
  return true;
}

bool RuleParser::address6(Side side, std::string_view item, size_t offset, Expression& out) {
  const size_t at = mask_at(item, true);
  U128 base;
  if (!read_ip6(item.substr(0, at), base)) {
    return cursor_.fail_last(quoted(item) + " is no IPv6 address", offset);
  }
  U128 mask = ~U128(0);
  if (at != std::string_view::npos) {
    uint64_t length;
    if (read_number(item.substr(at + 1), 128, length)) {
      mask = prefix_mask<U128>(static_cast<int>(length), 128);
    } else if (!read_ip6(item.substr(at + 1), mask)) {
      return cursor_.fail_last(quoted(item.substr(at)) + " is no mask: give /0 to /128, or /ffff:ffff::", offset + at);
    }
  }
  Test test;
  test.code = Test::kAddress6;
  test.what = side;
  test.need = shape::kIp6;
  test.wide_mask = mask;
  test.wide = base & mask;
  out = Expression::of(std::move(test));
  return true;
}

bool RuleParser::mac(Side side, Expression& out) {
  std::string word;
  if (!cursor_.need(side == kSource ? "the source MAC address" : "the destination MAC address", word)) return false;
  if (word == "any") {
    out = {};
    return true;
  }
  const size_t at = word.find_first_of("/&");
  const std::string_view text = word;
  uint64_t base, mask = prefix_mask<uint64_t>(48, 48);
  if (!read_mac(text.substr(0, at), base)) {
    return cursor_.fail_last(quoted(word) +
                             " is no MAC address: give any or six groups of hexadecimal digits, with "
                             "/length or &mask if wanted");
  }
  if (at != std::string::npos) {
    uint64_t length;
    if (word[at] == '/' && read_number(text.substr(at + 1), 48, length)) {
      mask = prefix_mask<uint64_t>(static_cast<int>(length), 48);
    } else if (word[at] == '/' || !read_mac(text.substr(at + 1), mask)) {
      return cursor_.fail_last(quoted(text.substr(at)) + " is no mask: give /0 to /48, or &ff:ff:ff:00:00:00", at);
    }
  }
  Test test;
  test.code = Test::kMac;
  test.what = side;
  test.need = shape::kEthernet;
  test.wide = base & mask;
  test.wide_mask = mask;
  out = Expression::of(std::move(test));
  return true;
}

// table(NAME), table(NAME,VALUE), table(NAME,COLUMN=VALUE)
bool RuleParser::table(std::string_view word, Field field, Expression& out) {
  if (word.size() < 8 || word.back() != ')') {
    return cursor_.fail_last(quoted(word) + " is no table: write table(NAME) or table(NAME,VALUE)");
  }
  const std::string_view inside = word.substr(6, word.size() - 7);
  const size_t comma = inside.find(',');
  Test test;
  test.code = Test::kTable;
  test.what = static_cast<uint8_t>(field);
  test.name = std::string(inside.substr(0, comma));
  if (const char* why = bad_table_name(test.name)) return cursor_.fail_last(why, 6);
  if (comma != std::string_view::npos) {
    std::string_view value = inside.substr(comma + 1);
    const size_t equals = value.find('=');
    if (equals != std::string_view::npos) {
      if (!find_column(value.substr(0, equals), test.column)) {
        return cursor_.fail_last(quoted(value.substr(0, equals)) + " is no kind of value: use " + column_names(),
                                 7 + comma);
      }
      value.remove_prefix(equals + 1);
    }
    test.has_value = true;
    if (!read_table_value(value, test.low)) {
      return cursor_.fail_last(quoted(value) + " is no value: give a number from 0 to 4294967295", 7 + comma);
    }
  }
  out = Expression::of(std::move(test));
  return true;
}

bool RuleParser::ports(Side side, std::string_view word, Expression& out) {
  if (word == "any") {
    out = {};
    return true;
  }
  Spans spans;
  if (!read_spans(cursor_, word, "port", 65535, &kServices, spans)) return false;
  std::vector<Expression> parts;
  const int shift = side == kSource ? 16 : 0;
  for (const Span<uint32_t>& span : spans) {
    parts.push_back(
        Expression::range(kPorts, shape::kPorts, 0xffffu << shift, span.low << shift, (span.high - span.low) << shift));
  }
  out = Expression::any(std::move(parts));
  return true;
}

}  // namespace nm::classifier
