// States a struct's size and the offset of each field, so that a change of the ABI does not compile.
#pragma once

#include <cstddef>

#define NM_SIZE(type, size) static_assert(sizeof(type) == (size), #type " has the wrong size")
#define NM_FIELD(type, field, offset) static_assert(offsetof(type, field) == (offset), #type "." #field " is misplaced")
