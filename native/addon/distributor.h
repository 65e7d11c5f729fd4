// NativeDistributor: deals the frames of a port's rings out to other ports, as JavaScript sees it.
#pragma once

#include "../traffic/distribute.h"
#include "traffic.h"

namespace nm {

class NativeDistributor final : public Napi::ObjectWrap<NativeDistributor> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeDistributor(const Napi::CallbackInfo& info);

 private:
  Napi::Value deal(const Napi::CallbackInfo& info);

  BoundPort from_;
  std::vector<BoundPort> ports_;
  traffic::Dealer dealer_;  // without outlets: the options made no sense
};

}  // namespace nm
