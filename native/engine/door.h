// A descriptor's door: a FIFO in the engine's folder. Its lock says that the descriptor lives, a byte in it that
// something has come. Being a file, it survives fork, exec and a passage over a Unix socket, and ends with the last
// close of its open file description, however the process ended.
#pragma once

#include <cstdint>
#include <string>

#include "../device/status.h"

namespace nm {

// Makes the FIFO and holds its lock. The descriptor is readable when the door has been rung.
Status make_door(const std::string& path, int* fd);

// Whether somebody holds the lock. False also when there is no such door.
bool door_alive(const std::string& path);

// Which door of the folder a descriptor is open to. False when it is none, or one of a descriptor that is gone.
bool door_index(int fd, const std::string& folder, uint32_t* index);

// For ringing: never blocks, never raises SIGPIPE. -1 with errno when it cannot be had.
int open_bell(const std::string& path);
void ring_bell(int fd);

// Forgets past rings.
void quiet_door(int fd);

}  // namespace nm
