// Files that commands name: profiles and traces.
#pragma once

#include <string>

#include "../emulator/config/interpreter.h"

namespace nm {

// Reads files of 64 MB at most. Paths that are not absolute begin at the folder.
emulator::FileReader files_in(std::string folder);

}  // namespace nm
