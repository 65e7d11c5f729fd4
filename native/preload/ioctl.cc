// ioctl on netmap files.
#include "../abi/ioctl.h"

#include <sys/ioctl.h>

#include <cerrno>
#include <cstdarg>
#include <optional>

#include "../engine/legacy.h"
#include "../engine/user_memory.h"
#include "files.h"
#include "interpose.h"
#include "process.h"
#include "real.h"
#include "report.h"
#include "request_copy.h"

namespace nm {

namespace {

int control(PortFile& file, uint64_t argument) {
  RequestCopy request;
  int error = request.take(argument);
  if (error == EFAULT && request.header()->nr_version == 0) return error;
  bool served = false;
  if (!error) {
    const uint16_t type = request.header()->nr_reqtype;
    // A sync loop stays in here until another thread's request ends it.
    std::optional<InLoop> loop;
    if (type == NETMAP_REQ_SYNC_KLOOP_START || type == NETMAP_REQ_SYNC_KLOOP_STOP) loop.emplace(&file);
    std::unique_lock<std::mutex> lock(file.mutex);
    Inside inside;
    if (!file.device) return EBADF;
    if (loop) {
      file.device->bound();  // it may have been registered by another process
      lock.unlock();
    }
    if (type == NETMAP_REQ_REGISTER && file.device->bound()) {
      error = EBUSY;
    } else {
      const Status s = file.device->control(request.header());
      report(s);
      error = s.err;
      served = s.ok();
    }
  }
  const int fault = argument ? request.give_back(served) : 0;
  return fault ? fault : error;
}

int legacy(PortFile& file, unsigned long command, uint64_t argument) {
  nmreq request;
  if (!argument) return EINVAL;
  if (!copy_in(&request, argument, sizeof request)) return EFAULT;
  Status s;
  {
    std::lock_guard<std::mutex> lock(file.mutex);
    Inside inside;
    if (!file.device) return EBADF;
    const bool binds = command == kIocRegIf && request.nr_cmd == 0;
    s = binds && file.device->bound() ? Status::failure(EBUSY, "register")
                                      : serve_legacy(*file.device, command == kIocRegIf, &request);
  }
  report(s);
  return copy_out(argument, &request, sizeof request) ? s.err : EFAULT;
}

int serve(PortFile& file, unsigned long command, uint64_t argument) {
  switch (command) {
    case kIocTxSync:
    case kIocRxSync: {
      std::lock_guard<std::mutex> lock(file.mutex);
      Inside inside;
      if (!file.device || !file.device->bound()) return ENXIO;
      return command == kIocTxSync ? file.device->txsync() : file.device->rxsync();
    }
    case kIocControl:
      return control(file, argument);
    case kIocGetInfo:
    case kIocRegIf:
      return legacy(file, command, argument);
    default:
      return EOPNOTSUPP;
  }
}

bool is_netmap(unsigned long command) {
  return command == kIocTxSync || command == kIocRxSync || command == kIocControl || command == kIocGetInfo ||
         command == kIocRegIf || command == kIocConfig;
}

}  // namespace

INTERPOSE(int, ioctl, (int fd, unsigned long request, ...)) {
  va_list list;
  va_start(list, request);
  void* argument = va_arg(list, void*);
  va_end(list);
  const unsigned long command = request & 0xffffffff;  // some programs pass it as an int
  const bool netmap = is_netmap(command);
  if (idle() && !netmap) return real::ioctl(fd, request, argument);
  if (detail::inside) return real::ioctl(fd, request, argument);
  PortFile* file = port_file(fd);
  if (!file && netmap && !FdTable::get(fd)) file = adopt(fd);
  if (!file) return real::ioctl(fd, request, argument);
  switch (command) {
    case FIOCLEX:  // these are the kernel's to serve for any file
    case FIONCLEX:
      return real::ioctl(fd, request, argument);
    case FIONBIO:  // netmap's files block in poll only, and the door must not block
    case FIOASYNC:
      return 0;
    default:
      break;
  }
  const int error = serve(*file, command, reinterpret_cast<uint64_t>(argument));
  if (!error) return 0;
  errno = error;
  return -1;
}

}  // namespace nm
