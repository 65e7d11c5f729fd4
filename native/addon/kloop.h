// A thread that runs a device's sync loop, and tells the event loop when it has ended.
#pragma once

#include <uv.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "../abi/option.h"
#include "../device/device.h"
#include "environment.h"

namespace nm {

class NativePort;

struct KloopOptions {
  uint32_t sleep_us = 0;
  uint32_t mode = 0;                                          // NM_OPT_SYNC_KLOOP_DIRECT_*
  std::vector<nmreq_opt_sync_kloop_eventfds::Pair> eventfds;  // per ring
};

// Owned by its port until close(); then by libuv until the close callback, which frees it.
class Kloop {
 public:
  // Null on failure; *status says why. `device` must live until close() has returned.
  static Kloop* start(std::shared_ptr<Environment> environment, NativePort* port, Device* device, KloopOptions options,
                      Status* status);

  // Asks for the end from a thread of its own, because the device may take its time; the port hears of it by
  // loop_ended(). 0 or libuv's error.
  int stop();
  void ref() { uv_ref(handle()); }
  void unref() { uv_unref(handle()); }
  // Ends the loop and waits for it. No more calls to the port. False: the device cannot be made to stop, so neither its
  // thread nor the device itself may go.
  bool close();
  // The process is about to end: ends the loop, and nobody needs to know.
  void end_at_exit();

 private:
  Kloop(Device* device, NativePort* port, KloopOptions options);
  void run();
  void free();
  Status request(uint16_t type, void* body, nmreq_option* option);
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&async_); }
  static void on_async(uv_async_t* async);

  Device* const device_;
  NativePort* port_;
  KloopOptions options_;
  std::shared_ptr<Environment> environment_;
  uv_async_t async_;
  uv_thread_t thread_, stopper_;
  bool stopping_ = false;  // stopper_ has been started
  std::atomic<bool> ended_{false};
  Status status_;  // the loop's, once ended_
  std::mutex mutex_;
  bool abandoned_ = false;  // under mutex_: nobody listens to async_ any more
};

}  // namespace nm
