// NativeEmulator: rules, pipes and queues on a clock of JavaScript's, or between ports in threads of their own.
// Arguments are checked here only as far as memory safety needs.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "../runner/runner.h"
#include "config.h"
#include "outlet.h"
#include "port.h"

namespace nm {

class NativeEmulator final : public Napi::ObjectWrap<NativeEmulator>, private PortUser {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeEmulator(const Napi::CallbackInfo& info);
  ~NativeEmulator() override;

 private:
  Napi::Value configure(const Napi::CallbackInfo& info);
  Napi::Value put(const Napi::CallbackInfo& info);
  Napi::Value advance(const Napi::CallbackInfo& info);
  Napi::Value now(const Napi::CallbackInfo& info);
  Napi::Value next(const Napi::CallbackInfo& info);
  Napi::Value fetch(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);
  Napi::Value state(const Napi::CallbackInfo& info);
  Napi::Value heads(const Napi::CallbackInfo& info);
  Napi::Value report(const Napi::CallbackInfo& info);
  Napi::Value flows(const Napi::CallbackInfo& info);
  Napi::Value drain_log(const Napi::CallbackInfo& info);
  Napi::Value watch_drops(const Napi::CallbackInfo& info);
  Napi::Value drain_drops(const Napi::CallbackInfo& info);

  void leave(NativePort* port) override;
  void stop_threads();
  bool read_lane(const Config& config, size_t index, runner::LaneSpec* lane);
  Status start_workers(const Config& config);

  std::shared_ptr<classifier::Ruleset> rules_;
  emulator::EmulatorOptions options_;
  std::string inside_, outside_;
  Outlet outlet_;
  uint32_t next_id_ = 0;
  bool watches_drops_ = false;
  std::unique_ptr<Box> box_;  // on the clock of JavaScript's; its settings are what the workers begin with
  std::vector<std::unique_ptr<runner::Worker>> workers_;
  std::vector<NativePort*> ports_;  // that the workers use
  std::vector<std::shared_ptr<Mapping>> mappings_;
  Napi::ObjectReference held_;  // keeps rules and ports
};

}  // namespace nm
