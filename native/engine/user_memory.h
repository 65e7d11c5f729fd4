// The program's memory, by addresses that may be wrong.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nm {

// As the kernel's copyin and copyout: false instead of a fault.
bool copy_in(void* to, uint64_t from, size_t size);
bool copy_out(uint64_t to, const void* from, size_t size);

}  // namespace nm
