#include "failure.h"

namespace nm {

Napi::Value to_js(Napi::Env env, const Status& status) {
  if (status.ok()) return env.Null();
  Napi::Object failure = Napi::Object::New(env);
  failure.Set("errno", status.err);
  failure.Set("call", status.call);
  failure.Set("detail", status.detail);
  return failure;
}

}  // namespace nm
