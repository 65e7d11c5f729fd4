// Entry of the addon: what it exports to src/native.ts.
#include <napi.h>

#include "affinity.h"
#include "distributor.h"
#include "emulator.h"
#include "environment.h"
#include "pinger.h"
#include "port.h"
#include "receiver.h"
#include "replay.h"
#include "report.h"
#include "ruleset.h"
#include "sender.h"

namespace nm {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  std::shared_ptr<Environment> environment = Environment::create(env);
  if (!environment) {
    Napi::Error::New(env, "no event loop to attach to").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("NativePort", NativePort::define(env));
  exports.Set("NativeRuleset", NativeRuleset::define(env));
  exports.Set("NativeEmulator", NativeEmulator::define(env));
  exports.Set("NativeSender", NativeSender::define(env));
  exports.Set("NativeReceiver", NativeReceiver::define(env));
  exports.Set("NativePinger", NativePinger::define(env));
  exports.Set("NativeReflector", NativeReflector::define(env));
  exports.Set("NativeDistributor", NativeDistributor::define(env));
  exports.Set("NativeReplay", NativeReplay::define(env));
  exports.Set("engineReport", Napi::Function::New<js_engine_report>(env, "engineReport"));
  exports.Set("engineFolder", Napi::Function::New<js_engine_folder>(env, "engineFolder"));
  exports.Set("pinThread", Napi::Function::New<js_pin_thread>(env, "pinThread"));
  exports.Set("checksum", Napi::Function::New<js_checksum>(env, "checksum"));
  return exports;
}

}  // namespace nm

static Napi::Object init_addon(Napi::Env env, Napi::Object exports) {
  return nm::init(env, exports);
}

NODE_API_MODULE(node_netmap, init_addon)
