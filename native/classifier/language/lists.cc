#include "lists.h"

#include <string>

namespace nm::classifier {
namespace {

bool read_value(std::string_view text, uint32_t most, const Names* names, uint32_t& out) {
  uint64_t number;
  if (read_number(text, most, number)) {
    out = static_cast<uint32_t>(number);
    return true;
  }
  if (names == nullptr) return false;
  std::string plain;
  for (char c : text) {
    if (c != '\\') plain += c;
  }
  return names->find(plain, out);
}

std::string all_names(const Names& names) {
  std::string out;
  for (const Name& name : names) out += (out.empty() ? "" : ", ") + std::string(name.text);
  return out;
}

}  // namespace

bool read_span(std::string_view item, uint32_t most, const Names* names, Span<uint32_t>& out) {
  if (read_value(item, most, names, out.low)) {
    out.high = out.low;
    return true;
  }
  for (size_t at = item.find('-'); at != std::string_view::npos; at = item.find('-', at + 1)) {
    if (at > 0 && item[at - 1] == '\\') continue;
    if (read_value(item.substr(0, at), most, names, out.low) &&
        read_value(item.substr(at + 1), most, names, out.high)) {
      return out.low <= out.high;
    }
  }
  return false;
}

bool read_spans(Cursor& cursor, std::string_view word, const char* what, uint32_t most, const Names* names,
                Spans& out) {
  size_t at = 0;
  for (std::string_view item : split_list(word)) {
    Span<uint32_t> span{};
    if (!read_span(item, most, names, span)) {
      return cursor.fail_last(quoted(item) + " is no " + what + ": give numbers from 0 to " + to_string(most) +
                                  (names ? ", names" : "") + " or ranges, as in 1,5-9",
                              at);
    }
    out.push_back(span);
    at += item.size() + 1;
  }
  return true;
}

bool read_flags(Cursor& cursor, std::string_view word, const char* what, const Names& names, Flags& out) {
  size_t at = 0;
  for (std::string_view item : split_list(word)) {
    const bool absent = !item.empty() && item[0] == '!';
    uint32_t bits;
    if (!names.find(item.substr(absent ? 1 : 0), bits)) {
      return cursor.fail_last(
          quoted(item) + " is no " + what + ": give some of " + all_names(names) + ", with ! where one must be absent",
          at);
    }
    (absent ? out.clear : out.set) |= bits;
    at += item.size() + 1;
  }
  return true;
}

}  // namespace nm::classifier
