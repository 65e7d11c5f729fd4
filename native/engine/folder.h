// The folder that holds the engine's shared memory: one per user, private, found by name.
#pragma once

#include <string>

#include "../device/status.h"

namespace nm {

// $NODE_NETMAP_DIR, or node-netmap-UID under /dev/shm (under $TMPDIR or /tmp where there is no /dev/shm).
std::string folder_path();

// What a failed open of one of the folder's files means; reads errno.
Status open_failure(const std::string& path);

// Refuses a folder that is a symbolic link, belongs to another user or is open to others (EACCES, EPERM, ENOTDIR).
// ENOENT when it isn't there and `create` is false.
Status check_folder(const std::string& path, bool create);

}  // namespace nm
