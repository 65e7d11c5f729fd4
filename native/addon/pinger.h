// NativePinger and NativeReflector: both ends of a ping, as JavaScript sees them.
#pragma once

#include "../traffic/pinger.h"
#include "../traffic/reflector.h"
#include "traffic.h"

namespace nm {

class NativePinger final : public Napi::ObjectWrap<NativePinger> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativePinger(const Napi::CallbackInfo& info);

 private:
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value histogram(const Napi::CallbackInfo& info);

  BoundPort port_;
  std::unique_ptr<traffic::Pinger> pinger_;  // null: the options made no sense
};

class NativeReflector final : public Napi::ObjectWrap<NativeReflector> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeReflector(const Napi::CallbackInfo& info);

 private:
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  BoundPort port_;
  std::unique_ptr<traffic::Reflector> reflector_;  // null: the options made no sense
};

}  // namespace nm
