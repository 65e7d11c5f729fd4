// NativePort: one device descriptor, as JavaScript sees it. Arguments are checked here only as far as memory safety
// needs; the typed layer checks what they mean.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../device/device.h"
#include "environment.h"
#include "watcher.h"

namespace nm {

class NativePort final : public Napi::ObjectWrap<NativePort> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativePort(const Napi::CallbackInfo& info);
  ~NativePort() override;

  // Lets go of everything without touching JavaScript. Called twice, does nothing.
  void shut();
  // The descriptor shows something: stops watching and calls the object's `onevents` with the events.
  void woken(short revents);
  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }
  Device* device() const { return device_.get(); }  // null before open and after close
  // The port behind a value that came from JavaScript; null if it is something else.
  static NativePort* from(Napi::Value value);

 private:
  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value control(const Napi::CallbackInfo& info);
  Napi::Value map(const Napi::CallbackInfo& info);
  Napi::Value poll(const Napi::CallbackInfo& info);
  Napi::Value watch(const Napi::CallbackInfo& info);
  Napi::Value unwatch(const Napi::CallbackInfo& info);
  Napi::Value ref(const Napi::CallbackInfo& info);
  Napi::Value unref(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value allow_indirect(const Napi::CallbackInfo& info);
  Napi::Value forward(const Napi::CallbackInfo& info);
  Napi::Value pack(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value fd(const Napi::CallbackInfo& info);

  // Once per batch, so without the C++ wrapper's comforts.
  static napi_value tx_sync(napi_env env, napi_callback_info info);
  static napi_value rx_sync(napi_env env, napi_callback_info info);

  void stop_watching();

  std::shared_ptr<Environment> environment_;
  std::unique_ptr<Device> device_;    // null before open and after close
  std::shared_ptr<Mapping> mapping_;  // for forward(), which must not trust JavaScript with addresses
  Napi::ObjectReference buffer_;      // weak
  std::vector<Napi::ObjectReference> indirect_;
  Watcher* watcher_ = nullptr;
  bool watching_ = false;
  bool referenced_ = true;  // whether a wait keeps the process alive
};

}  // namespace nm
