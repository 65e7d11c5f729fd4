// NativeReplay: a replay's loop on a port, as JavaScript sees it.
#pragma once

#include "../traffic/replay.h"
#include "traffic.h"

namespace nm {

class NativeReplay final : public Napi::ObjectWrap<NativeReplay> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeReplay(const Napi::CallbackInfo& info);

 private:
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);
  Napi::Value next_pass(const Napi::CallbackInfo& info);
  Napi::Value pointed(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value prepare(const Napi::CallbackInfo& info);
  Napi::Value commit(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value histogram(const Napi::CallbackInfo& info);

  traffic::ReplayPiece piece(Napi::Env env) const;

  BoundPort port_;
  Napi::ObjectReference piece_;
  std::unique_ptr<traffic::Replay> replay_;  // null: the options made no sense
};

}  // namespace nm
