// Lists of numbers, ranges and flags: `22,80-90,https`, `syn,!ack`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../table/interval_map.h"
#include "names.h"
#include "words.h"

namespace nm::classifier {

using Spans = std::vector<Span<uint32_t>>;

// Numbers and ranges up to `most`. A hyphen within a name may be escaped by a backslash. On failure the problem's
// position is the item's in the word taken last.
bool read_spans(Cursor& cursor, std::string_view word, const char* what, uint32_t most, const Names* names, Spans& out);

// One item of such a list.
bool read_span(std::string_view item, uint32_t most, const Names* names, Span<uint32_t>& out);

struct Flags {
  uint32_t set = 0;    // all of these
  uint32_t clear = 0;  // and none of these
};
bool read_flags(Cursor& cursor, std::string_view word, const char* what, const Names& names, Flags& out);

}  // namespace nm::classifier
