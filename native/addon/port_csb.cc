// NativePort's part of CSB mode: the arrays as an ArrayBuffer, and the thread that runs the sync loop.
#include <cerrno>
#include <utility>

#include "failure.h"
#include "port.h"
#include "region_buffer.h"
#include "values.h"

namespace nm {
namespace {

constexpr uint32_t kMostRings = 2 * 65536;

}  // namespace

// enableCsb(rings, txRings, pushes): the ArrayBuffer of the arrays, or a failure. `rings` is a Float64Array of the
// bound rings' byte offsets in the region.
Napi::Value NativePort::enable_csb(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!device_ || !mapping_) return to_js(env, Status::failure(EBADF, "CSB_ENABLE"));
  if (csb_) return to_js(env, Status::failure(EBUSY, "CSB_ENABLE", "in CSB mode already"));
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
      !info[1].IsNumber()) {
    return to_js(env, Status::failure(EINVAL, "CSB_ENABLE"));
  }
  Napi::Float64Array offsets = info[0].As<Napi::Float64Array>();
  const size_t count = offsets.ElementLength();
  const uint32_t tx = info[1].As<Napi::Number>().Uint32Value();
  if (count == 0 || count > kMostRings || tx > count) return to_js(env, Status::failure(EINVAL, "CSB_ENABLE"));
  std::vector<uint64_t> rings(count);
  for (size_t i = 0; i < count; ++i) {
    const double at = offsets[i];
    rings[i] = at >= 0 && at < static_cast<double>(mapping_->size()) ? static_cast<uint64_t>(at) : mapping_->size();
  }
  stop_watching();
  std::unique_ptr<CsbDevice> device;
  Status status = CsbDevice::enable(&device_, mapping_, rings, tx, to_flag(info[2]), &device);
  if (!status.ok()) return to_js(env, status);
  csb_ = device.get();
  device_ = std::move(device);
  napi_value buffer;
  const size_t size = count * (sizeof(nm_csb_atok) + sizeof(nm_csb_ktoa));
  if (make_region_buffer(env, csb_->arrays(), size, &buffer) != napi_ok) {
    return to_js(env, Status::failure(ENOMEM, "ArrayBuffer"));
  }
  return Napi::Value(env, buffer);
}

// resetCsb(): null or a failure.
Napi::Value NativePort::reset_csb(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), csb_ ? csb_->reset() : Status::failure(EBADF, "CSB_ENABLE"));
}

// csbFds(): [what we kick with, what we are told by]; -1 where there is none.
Napi::Value NativePort::csb_fds(const Napi::CallbackInfo& info) {
  Napi::Array fds = Napi::Array::New(info.Env(), 2);
  fds.Set(0u, Napi::Number::New(info.Env(), csb_ ? csb_->kick_fd() : -1));
  fds.Set(1u, Napi::Number::New(info.Env(), csb_ ? csb_->told_fd() : -1));
  return fds;
}

// kickLoop(): kicks once more the rings that have been kicked in vain.
Napi::Value NativePort::kick_loop(const Napi::CallbackInfo& info) {
  if (csb_) csb_->kick_again();
  return info.Env().Undefined();
}

// startLoop(sleepUs, mode, eventfds): null or a failure. `eventfds` is an Int32Array of two per ring: to kick the loop,
// to be told by it; -1 for none. The object's `onloopend` is called with null or a failure when the loop has ended.
Napi::Value NativePort::start_loop(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const char* call = "SYNC_KLOOP_START";
  if (!csb_ || environment_->ending()) return to_js(env, Status::failure(EBADF, call));
  if (kloop_) return to_js(env, Status::failure(EBUSY, call, "a sync loop is running already"));
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsTypedArray() ||
      info[2].As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
    return to_js(env, Status::failure(EINVAL, call));
  }
  Napi::Int32Array fds = info[2].As<Napi::Int32Array>();
  if (fds.ElementLength() != 2 * csb_->rings()) return to_js(env, Status::failure(EINVAL, call));
  KloopOptions options;
  options.sleep_us = info[0].As<Napi::Number>().Uint32Value();
  options.mode = info[1].As<Napi::Number>().Uint32Value();
  std::vector<int> kicks;
  for (size_t i = 0; i < csb_->rings(); ++i) {
    options.eventfds.push_back({fds[2 * i], fds[2 * i + 1]});
    kicks.push_back(fds[2 * i]);
  }
  csb_->kick_by(kicks);
  Status status;
  kloop_ = Kloop::start(environment_, this, csb_, std::move(options), &status);
  if (!kloop_) return to_js(env, status);
  if (!referenced_) kloop_->unref();
  Ref();  // the loop's end must be told
  return env.Null();
}

// stopLoop(): null or a failure. The end comes by `onloopend`.
Napi::Value NativePort::stop_loop(const Napi::CallbackInfo& info) {
  const int error = kloop_ ? kloop_->stop() : 0;
  return to_js(info.Env(), error ? Status::failure(-error, "pthread_create") : Status{});
}

void NativePort::loop_ended(const Status& status) {
  Napi::HandleScope scope(Env());
  const Napi::Value outcome = to_js(Env(), status);  // the status goes with the loop
  const Napi::Object self = Value();                 // held before Unref() makes it weak
  std::exchange(kloop_, nullptr)->close();
  Unref();
  call(self, "onloopend", outcome);
}

}  // namespace nm
