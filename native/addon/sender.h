// NativeSender: a generator's loop on a port, as JavaScript sees it.
#pragma once

#include "../traffic/sender.h"
#include "traffic.h"

namespace nm {

class NativeSender final : public Napi::ObjectWrap<NativeSender> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeSender(const Napi::CallbackInfo& info);

 private:
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value prepare(const Napi::CallbackInfo& info);
  Napi::Value commit(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value histogram(const Napi::CallbackInfo& info);

  BoundPort port_;
  std::unique_ptr<traffic::Sender> sender_;  // null: the options made no sense
};

}  // namespace nm
