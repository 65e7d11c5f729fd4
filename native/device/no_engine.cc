// Stands in for the engine where it does not run: it needs Linux (futexes, open file description locks, /dev/shm).
#include <cerrno>

#include "../engine/report.h"
#include "device.h"

namespace nm {
namespace {

Status unsupported() {
  return Status::failure(ENOSYS, "engine", "the embedded engine runs on Linux only");
}

}  // namespace

Status open_engine(std::unique_ptr<Device>*) {
  return unsupported();
}
Status engine_report(EngineReport*) {
  return unsupported();
}
Status engine_folder(std::string*) {
  return unsupported();
}

}  // namespace nm
