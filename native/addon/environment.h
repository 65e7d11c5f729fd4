// What the addon keeps per Node environment (main thread or worker): its open ports, and the handles still closing.
#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>
#include <unordered_set>

namespace nm {

class NativePort;

// Held by shared_ptr: a libuv handle's close callback may come after the environment's instance data has gone.
class Environment {
 public:
  static std::shared_ptr<Environment> create(Napi::Env env);
  static std::shared_ptr<Environment> of(Napi::Env env);

  uv_loop_t* loop() const { return loop_; }
  bool ending() const { return ending_; }

  void add(NativePort* port) { ports_.insert(port); }
  void remove(NativePort* port) { ports_.erase(port); }

  // Around uv_close: the environment may not end before the close callback has run.
  void handle_closing() { ++closing_; }
  void handle_closed();

 private:
  static void cleanup(napi_async_cleanup_hook_handle handle, void* data);
  void finish();

  uv_loop_t* loop_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  bool ending_ = false;
  int closing_ = 0;
  std::unordered_set<NativePort*> ports_;
};

}  // namespace nm
