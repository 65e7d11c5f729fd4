#include "region_buffer.h"

#include <utility>

namespace nm {
namespace {

void release(napi_env, void*, void* hint) {
  delete static_cast<std::shared_ptr<Mapping>*>(hint);
}

}  // namespace

napi_status make_region_buffer(Napi::Env env, std::shared_ptr<Mapping> mapping, size_t size, napi_value* out) {
  uint8_t* base = mapping->base();
  if (size > mapping->size()) return napi_invalid_arg;
  auto* hint = new std::shared_ptr<Mapping>(std::move(mapping));
  napi_status status = napi_create_external_arraybuffer(env, base, size, release, hint, out);
  if (status != napi_ok) delete hint;
  return status;
}

}  // namespace nm
