#include "request.h"

#include <cstring>
#include <string>

namespace nm {
namespace {

constexpr uint32_t kMaxOptions = 16;

bool fail(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return false;
}

}  // namespace

bool Request::add(Napi::Env env, Napi::Value value, const char* what, size_t minimum) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    return fail(env, what);
  }
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  if (array.ByteLength() > kReqMaxSize || array.ByteLength() < minimum) return fail(env, what);
  blocks_.push_back({array.Data(), array.ByteLength(), {}});
  if (array.ByteLength() > 0) memcpy(blocks_.back().bytes, array.Data(), array.ByteLength());
  return true;
}

bool Request::read(const Napi::CallbackInfo& info, const Mapping* memory) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsString()) return fail(env, "control: wrong type or name");
  std::string name = info[1].As<Napi::String>().Utf8Value();
  if (name.size() >= sizeof header_.nr_name || name.find('\0') != std::string::npos) {
    return fail(env, "control: wrong name");
  }
  header_.nr_version = info[4].IsNumber() ? static_cast<uint16_t>(info[4].As<Napi::Number>().Uint32Value()) : kApi;
  header_.nr_reqtype = static_cast<uint16_t>(info[0].As<Napi::Number>().Uint32Value());
  memcpy(header_.nr_name, name.data(), name.size());

  Napi::Array options = info[3].IsArray() ? info[3].As<Napi::Array>() : Napi::Array::New(env);
  uint32_t count = options.Length();
  if (count > kMaxOptions) return fail(env, "control: too many options");
  // First all values, which may run getters; then their bytes, whose addresses hold as long as no JavaScript runs.
  std::vector<Napi::Value> values;
  for (uint32_t i = 0; i < count; ++i) values.push_back(options.Get(i));
  if (env.IsExceptionPending()) return false;
  if (info[5].IsTypedArray() && info[5].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    Napi::Uint8Array target = info[5].As<Napi::Uint8Array>();
    if (target.ByteLength() < sizeof header_.nr_name) return fail(env, "control: no room for the name");
    name_target_ = target.Data();
  }

  blocks_.reserve(count + 1);  // blocks point at each other
  bool has_body = info[2].IsTypedArray();
  if (has_body) {
    if (!add(env, info[2], "control: wrong body", 0)) return false;
    header_.nr_body = reinterpret_cast<uint64_t>(blocks_.back().bytes);
  }
  uint64_t* link = &header_.nr_options;
  for (uint32_t i = 0; i < count; ++i) {
    if (!add(env, values[i], "control: wrong option", sizeof(nmreq_option))) return false;
    auto* option = reinterpret_cast<nmreq_option*>(blocks_.back().bytes);
    // These hold addresses that the device would write to.
    if (option->nro_reqtype == NETMAP_REQ_OPT_EXTMEM) {
      if (!memory || blocks_.back().size < sizeof(nmreq_opt_extmem)) return fail(env, "control: no memory was lent");
      extmem_ = reinterpret_cast<nmreq_opt_extmem*>(option);
      extmem_->nro_usrptr = reinterpret_cast<uint64_t>(memory->base());
      extmem_->nro_info.nr_memsize = memory->size();
    }
    if (option->nro_reqtype == NETMAP_REQ_OPT_CSB) {
      return fail(env, "control: options with addresses are not for JavaScript");
    }
    option->nro_next = 0;
    *link = reinterpret_cast<uint64_t>(option);
    link = &option->nro_next;
  }
  return true;
}

void Request::write_back() {
  if (name_target_) memcpy(name_target_, header_.nr_name, sizeof header_.nr_name);
  if (extmem_) extmem_->nro_usrptr = 0;
  for (Block& block : blocks_) {
    if (block.size > 0) memcpy(block.target, block.bytes, block.size);
  }
}

}  // namespace nm
