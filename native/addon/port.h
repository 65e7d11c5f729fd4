// NativePort: one device descriptor, as JavaScript sees it. Arguments are checked here only as far as memory safety
// needs; the typed layer checks what they mean.
#pragma once

#include <napi.h>

#include <memory>
#include <unordered_set>
#include <vector>

#include "../device/csb_device.h"
#include "../device/device.h"
#include "environment.h"
#include "external_memory.h"
#include "kloop.h"
#include "watcher.h"

namespace nm {

class NativePort;

// Whoever works on a port in a thread of its own. Told while the port is still there; must be off it when it returns.
class PortUser {
 public:
  virtual ~PortUser() = default;
  virtual void leave(NativePort* port) = 0;
};

class NativePort final : public Napi::ObjectWrap<NativePort> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativePort(const Napi::CallbackInfo& info);
  ~NativePort() override;

  // Lets go of everything without touching JavaScript. Called twice, does nothing.
  void shut();
  // The descriptor shows something: stops watching and calls the object's `onevents` with the events.
  void woken(short revents);
  // The sync loop has ended: lets go of it and calls the object's `onloopend`.
  void loop_ended(const Status& status);
  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }
  void add_user(PortUser* user) { users_.insert(user); }
  void remove_user(PortUser* user) { users_.erase(user); }
  Device* device() const { return device_.get(); }  // null before open and after close
  // The port behind a value that came from JavaScript; null if it is something else.
  static NativePort* from(Napi::Value value);

 private:
  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value lend(const Napi::CallbackInfo& info);
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
  // In port_csb.cc.
  Napi::Value enable_csb(const Napi::CallbackInfo& info);
  Napi::Value reset_csb(const Napi::CallbackInfo& info);
  Napi::Value csb_fds(const Napi::CallbackInfo& info);
  Napi::Value kick_loop(const Napi::CallbackInfo& info);
  Napi::Value start_loop(const Napi::CallbackInfo& info);
  Napi::Value stop_loop(const Napi::CallbackInfo& info);

  // Once per batch, so without the C++ wrapper's comforts.
  static napi_value tx_sync(napi_env env, napi_callback_info info);
  static napi_value rx_sync(napi_env env, napi_callback_info info);

  void stop_watching();
  void send_users_away();
  // Calls a method of this object, `self`, if it has it.
  void call(Napi::Object self, const char* method, napi_value argument);

  std::shared_ptr<Environment> environment_;
  std::unique_ptr<Device> device_;        // null before open and after close
  std::shared_ptr<Mapping> mapping_;      // for forward(), which must not trust JavaScript with addresses
  std::unique_ptr<ExternalMemory> lent_;  // until a registration is over
  Napi::ObjectReference buffer_;          // weak
  std::vector<Napi::ObjectReference> indirect_;
  CsbDevice* csb_ = nullptr;  // what device_ is, in CSB mode
  Kloop* kloop_ = nullptr;
  std::unordered_set<PortUser*> users_;
  Watcher* watcher_ = nullptr;
  bool watching_ = false;
  bool referenced_ = true;  // whether a wait keeps the process alive
};

}  // namespace nm
