// The border: everything above it works through this interface and cannot tell the kernel module from the engine.
#pragma once

#include <cstdint>
#include <memory>

#include "../abi/request.h"
#include "counters.h"
#include "mapping.h"
#include "status.h"

namespace nm {

// One open descriptor of a netmap device. Not thread-safe: one thread per device, as netmap has one thread per ring.
// Events are poll(2)'s POLLIN, POLLOUT, POLLERR.
class Device {
 public:
  virtual ~Device() = default;  // closes the descriptor; its port goes when the mapping has been let go of, too

  virtual const char* kind() const noexcept = 0;  // "kernel" or "engine"

  // Serves one request (NIOCCTRL). Bodies and options are changed in place, as the ABI says.
  virtual Status control(nmreq_header* header) = 0;

  // Memory that the next registration's extmem option points to. What the device keeps of it map() returns.
  virtual void lend(const std::shared_ptr<Mapping>&) {}

  // The region of the registered port; `size` is nr_memsize of the register reply.
  virtual Status map(uint64_t size, std::shared_ptr<Mapping>* out) = 0;

  // Sync of all rings bound to the descriptor. Return 0 or an errno. Allocate nothing.
  virtual int txsync() noexcept = 0;
  virtual int rxsync() noexcept = 0;

  // poll(2) with netmap's semantics (it syncs). timeout_ms < 0 waits for ever. Returns 0 or an errno (EINTR included).
  virtual int poll(short events, int timeout_ms, short* revents) noexcept = 0;

  // Waiting on somebody else's loop: arm(), then wait until fd() shows one of loop_events(), then disarm().
  // arm() makes sure that readiness for `events` from now on shows at fd(); *ready tells what is ready already
  // (then nothing is armed). After the wake-up the caller syncs and looks at the rings: wake-ups may be spurious.
  virtual int fd() const noexcept = 0;  // -1 before there is one
  virtual short loop_events(short events) const noexcept = 0;
  virtual int arm(short events, short* ready) noexcept = 0;
  virtual void disarm() noexcept = 0;

  // Allows NS_INDIRECT slots to point into [base, base + size). The kernel checks addresses itself.
  virtual void allow_indirect(const void* base, size_t size) = 0;

  // Counters of the whole port since it came into being. False where the device keeps none.
  virtual bool counters(Counters*) const noexcept { return false; }
};

Status open_kernel(std::unique_ptr<Device>* out);
Status open_engine(std::unique_ptr<Device>* out);

}  // namespace nm
