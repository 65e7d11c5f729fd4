// Where the program has mapped netmap memory.
#pragma once

#include <sys/types.h>
#include <cstddef>

#include "files.h"

namespace nm {

// As mmap(2) of the file: the region of its port, mapped anew, so that the program may do with it what it likes.
void* map_file(PortFile* file, void* address, size_t size, int protection, int flags, off_t offset);

// munmap(2), and mmap(2) with MAP_FIXED over what may be netmap memory.
int unmap(void* address, size_t size);
void* map_over(void* address, size_t size, int protection, int flags, int fd, off_t offset);

// Whether any netmap memory is mapped at all.
bool any_mapped();

}  // namespace nm
