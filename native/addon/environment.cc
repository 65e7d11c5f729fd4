#include "environment.h"

#include <utility>

#include "port.h"

namespace nm {
namespace {

// Instance data of the addon in one environment.
struct Holder {
  std::shared_ptr<Environment> environment;
};

}  // namespace

std::shared_ptr<Environment> Environment::create(Napi::Env env) {
  auto environment = std::make_shared<Environment>();
  if (napi_get_uv_event_loop(env, &environment->loop_) != napi_ok) return nullptr;
  if (napi_add_async_cleanup_hook(env, cleanup, environment.get(), &environment->hook_) != napi_ok) return nullptr;
  env.SetInstanceData(new Holder{environment});
  return environment;
}

std::shared_ptr<Environment> Environment::of(Napi::Env env) {
  Holder* holder = env.GetInstanceData<Holder>();
  return holder ? holder->environment : nullptr;
}

void Environment::handle_closed() {
  if (--closing_ == 0 && ending_) finish();
}

// Runs before any finalizer, on this environment's thread, when JavaScript can no longer run.
void Environment::cleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* self = static_cast<Environment*>(data);
  self->ending_ = true;
  for (NativePort* port : std::exchange(self->ports_, {})) port->shut();
  if (self->closing_ == 0) self->finish();
}

void Environment::finish() {
  // From here on Node may free the environment, and with it the last reference to this.
  (void)napi_remove_async_cleanup_hook(std::exchange(hook_, nullptr));
}

}  // namespace nm
