// The values of an entry of a table.
#pragma once

#include <array>
#include <cstdint>

#include "../expression.h"

namespace nm::classifier {

// One value for each Column.
using Row = std::array<uint32_t, kColumns>;

}  // namespace nm::classifier
