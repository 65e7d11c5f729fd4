// The engine's own descriptors: out of the program's way, and out of its hands.
#pragma once

namespace nm {

// Moves a descriptor that was just opened to where programs don't look for theirs, and takes note of it. Returns where
// it is now; -1 is passed on.
int keep_out_of_the_way(int fd);

// A second descriptor of the same file, for us. -1 with errno.
int own_copy(int fd);

}  // namespace nm
