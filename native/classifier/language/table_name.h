// What rules and table commands share: names of tables, kinds of values.
#pragma once

#include <string>
#include <string_view>

#include "../expression.h"

namespace nm::classifier {

// Null if it is good.
const char* bad_table_name(std::string_view name);

bool find_column(std::string_view name, Column& out);
const char* column_name(Column column);
std::string column_names();

// A number, 0x... or an IPv4 address.
bool read_table_value(std::string_view text, uint32_t& out);

}  // namespace nm::classifier
