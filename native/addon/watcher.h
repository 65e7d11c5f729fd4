// A uv_poll handle on a device's descriptor.
#pragma once

#include <uv.h>

#include <memory>

#include "environment.h"

namespace nm {

class NativePort;

// Owned by its port until close(); then by libuv until the close callback, which frees it.
class Watcher {
 public:
  // Null on failure; *error is libuv's (negative).
  static Watcher* open(std::shared_ptr<Environment> environment, NativePort* port, int fd, int* error);

  int start(short events);  // one of poll(2)'s; 0 or libuv's error
  void stop() { uv_poll_stop(&handle_); }
  void ref() { uv_ref(handle()); }
  void unref() { uv_unref(handle()); }
  void close();

 private:
  Watcher() = default;
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&handle_); }
  static void on_event(uv_poll_t* handle, int status, int events);

  uv_poll_t handle_;
  std::shared_ptr<Environment> environment_;
  NativePort* port_ = nullptr;
};

}  // namespace nm
