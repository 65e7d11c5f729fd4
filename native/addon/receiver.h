// NativeReceiver: a sink's loop on a port, as JavaScript sees it.
#pragma once

#include "traffic.h"

namespace nm {

class NativeReceiver final : public Napi::ObjectWrap<NativeReceiver> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeReceiver(const Napi::CallbackInfo& info);

 private:
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value look(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value take_least_room(const Napi::CallbackInfo& info);
  Napi::Value histogram(const Napi::CallbackInfo& info);
  Napi::Value protocols(const Napi::CallbackInfo& info);
  Napi::Value flows(const Napi::CallbackInfo& info);

  BoundPort port_;
  std::unique_ptr<traffic::Receiver> receiver_;  // null: the options made no sense
  int64_t until_ = 0;                            // look() finds no batch after that, but for the first
  int64_t quiet_ = 0;
  bool shown_ = false;  // a batch since begin()
};

}  // namespace nm
