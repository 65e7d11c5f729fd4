// The folder that holds the engine's shared memory, found by name: one per user and private, or one that an
// administrator has made for a group (mode 2770).
#pragma once

#include <sys/stat.h>

#include <string>

#include "../device/status.h"

namespace nm {

// $NODE_NETMAP_DIR, or node-netmap-UID under /dev/shm (under $TMPDIR or /tmp where there is no /dev/shm).
std::string folder_path();

// What a failed open of one of the folder's files means; reads errno.
Status open_failure(const std::string& path);

// Refuses a folder that is a symbolic link, belongs to another user or is open to others (EACCES, EPERM, ENOTDIR).
// A folder of a group is one whose mode says so in every respect: rwx for the group, nothing for others, and the
// set-group-id bit, which makes the files in it the group's.
// ENOENT when it isn't there and `create` is false.
Status check_folder(const std::string& path, bool create);

// Lets a file that was just made in the folder be opened by those who may use the folder, whatever the umask.
void admit(int fd, const std::string& folder);
// Whether a file in the folder is what we or our group have made, and nobody else's to write.
bool trusted(const struct stat& file, const std::string& folder);

}  // namespace nm
