#include "port.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "../apps/forward.h"
#include "../apps/pack.h"
#include "../engine/report.h"
#include "events.h"
#include "failure.h"
#include "region_buffer.h"
#include "request.h"
#include "typed_array.h"
#include "values.h"

namespace nm {
namespace {

constexpr napi_type_tag kPortTag = {0x6e6f64652d6e6574, 0x6d61702d706f7274};

constexpr double kMaxSize = 9007199254740992;  // 2^53

uint32_t to_u32(double value) {
  return value < UINT32_MAX ? static_cast<uint32_t>(value) : UINT32_MAX;
}

}  // namespace

Napi::Function NativePort::define(Napi::Env env) {
  auto hot = [](const char* name, napi_callback method) {
    napi_property_descriptor descriptor = {};
    descriptor.utf8name = name;
    descriptor.method = method;
    descriptor.attributes = napi_default_method;
    return Napi::ClassPropertyDescriptor<NativePort>(descriptor);
  };
  return DefineClass(env, "NativePort",
                     {
                         InstanceMethod<&NativePort::open>("open"),
                         InstanceMethod<&NativePort::lend>("lend"),
                         InstanceMethod<&NativePort::control>("control"),
                         InstanceMethod<&NativePort::map>("map"),
                         hot("txSync", tx_sync),
                         hot("rxSync", rx_sync),
                         InstanceMethod<&NativePort::poll>("poll"),
                         InstanceMethod<&NativePort::watch>("watch"),
                         InstanceMethod<&NativePort::unwatch>("unwatch"),
                         InstanceMethod<&NativePort::ref>("ref"),
                         InstanceMethod<&NativePort::unref>("unref"),
                         InstanceMethod<&NativePort::close>("close"),
                         InstanceMethod<&NativePort::allow_indirect>("allowIndirect"),
                         InstanceMethod<&NativePort::forward>("forward"),
                         InstanceMethod<&NativePort::pack>("pack"),
                         InstanceMethod<&NativePort::counters>("counters"),
                         InstanceMethod<&NativePort::fd>("fd"),
                         InstanceMethod<&NativePort::enable_csb>("enableCsb"),
                         InstanceMethod<&NativePort::reset_csb>("resetCsb"),
                         InstanceMethod<&NativePort::csb_fds>("csbFds"),
                         InstanceMethod<&NativePort::kick_loop>("kickLoop"),
                         InstanceMethod<&NativePort::start_loop>("startLoop"),
                         InstanceMethod<&NativePort::stop_loop>("stopLoop"),
                     });
}

NativePort::NativePort(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<NativePort>(info), environment_(Environment::of(info.Env())) {
  (void)napi_type_tag_object(info.Env(), info.This(), &kPortTag);
  if (environment_) environment_->add(this);
}

NativePort::~NativePort() {
  shut();
  if (environment_) environment_->remove(this);
}

NativePort* NativePort::from(Napi::Value value) {
  bool ours = false;
  void* data = nullptr;
  if (!value.IsObject()) return nullptr;
  if (napi_check_object_type_tag(value.Env(), value, &kPortTag, &ours) != napi_ok || !ours) return nullptr;
  if (napi_unwrap(value.Env(), value, &data) != napi_ok) return nullptr;
  return static_cast<NativePort*>(data);
}

void NativePort::send_users_away() {
  for (PortUser* user : std::exchange(users_, {})) user->leave(this);
}

void NativePort::shut() {
  send_users_away();
  if (watcher_) std::exchange(watcher_, nullptr)->close();
  watching_ = false;
  // A loop that cannot be ended keeps the device.
  if (kloop_ && !std::exchange(kloop_, nullptr)->close()) (void)device_.release();
  csb_ = nullptr;
  device_.reset();
  mapping_.reset();
  lent_.reset();
}

// open(kind): null or a failure.
Napi::Value NativePort::open(const Napi::CallbackInfo& info) {
  if (device_ || !environment_ || environment_->ending()) {
    return to_js(info.Env(), Status::failure(EBUSY, "open", "opened already"));
  }
  bool kernel = to_text(info[0]) == "kernel";
  return to_js(info.Env(), kernel ? open_kernel(&device_) : open_engine(&device_));
}

// lend(file, bytes, hugePages): memory for the extmem option of the next registration. Null or a failure.
Napi::Value NativePort::lend(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!device_) return to_js(env, Status::failure(EBADF, "extmem"));
  const double size = to_number(info[1], 0);
  if (!(size >= 0 && size < kMaxSize)) return to_js(env, Status::failure(EINVAL, "extmem"));
  const auto bytes = static_cast<uint64_t>(size);
  Status status = info[0].IsString() ? ExternalMemory::file(info[0].As<Napi::String>().Utf8Value(), bytes, &lent_)
                                     : ExternalMemory::bytes(bytes, to_flag(info[2]), &lent_);
  if (status.ok()) device_->lend(lent_->mapping());
  return to_js(env, status);
}

// control(type, name, body, options, version?, nameOut?): null or a failure. Body and options are changed in place.
Napi::Value NativePort::control(const Napi::CallbackInfo& info) {
  if (!device_) return to_js(info.Env(), Status::failure(EBADF, "NIOCCTRL"));
  Request request;
  if (!request.read(info, lent_ ? lent_->mapping().get() : nullptr)) return info.Env().Undefined();
  Status status = device_->control(request.header());
  request.write_back();
  lent_.reset();
  return to_js(info.Env(), status);
}

// map(size): the region's ArrayBuffer or a failure.
Napi::Value NativePort::map(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!device_) return to_js(env, Status::failure(EBADF, "mmap"));
  double size = to_number(info[0], 0);
  if (mapping_ || !(size >= 1 && size < kMaxSize)) return to_js(env, Status::failure(EINVAL, "mmap"));
  std::shared_ptr<Mapping> mapping;
  Status status = device_->map(static_cast<uint64_t>(size), &mapping);
  if (!status.ok()) return to_js(env, status);
  napi_value buffer;
  // External memory may be shorter than the whole pools would be.
  const size_t shown = std::min(static_cast<size_t>(size), mapping->size());
  switch (make_region_buffer(env, mapping, shown, &buffer)) {
    case napi_ok:
      break;
    case napi_no_external_buffers_allowed:
      return to_js(env, Status::failure(ENOTSUP, "ArrayBuffer",
                                        "this JavaScript engine allows no ArrayBuffers over foreign memory"));
    default:
      return to_js(env, Status::failure(ENOMEM, "ArrayBuffer"));
  }
  mapping_ = std::move(mapping);
  buffer_ = Napi::Weak(Napi::Object(env, buffer));
  return Napi::Value(env, buffer);
}

napi_value NativePort::tx_sync(napi_env env, napi_callback_info info) {
  napi_value self, result = nullptr;
  void* data;
  // V8 has checked the receiver against the class (methods carry its signature).
  if (napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr) != napi_ok) return nullptr;
  if (napi_unwrap(env, self, &data) != napi_ok) return nullptr;
  Device* device = static_cast<NativePort*>(data)->device_.get();
  (void)napi_create_int32(env, device ? device->txsync() : EBADF, &result);
  return result;
}

napi_value NativePort::rx_sync(napi_env env, napi_callback_info info) {
  napi_value self, result = nullptr;
  void* data;
  if (napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr) != napi_ok) return nullptr;
  if (napi_unwrap(env, self, &data) != napi_ok) return nullptr;
  Device* device = static_cast<NativePort*>(data)->device_.get();
  (void)napi_create_int32(env, device ? device->rxsync() : EBADF, &result);
  return result;
}

// poll(events, ms): events that are ready, or a negative errno.
Napi::Value NativePort::poll(const Napi::CallbackInfo& info) {
  int err = EBADF;
  short revents = 0;
  if (device_) {
    err = device_->poll(static_cast<short>(to_int(info[0])), to_int(info[1]), &revents);
  }
  return Napi::Number::New(info.Env(), err ? -err : revents);
}

// watch(events): events that are ready already; 0 = watching, `onevents` will be called once; or a negative errno.
Napi::Value NativePort::watch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!device_ || environment_->ending()) return Napi::Number::New(env, -EBADF);
  stop_watching();
  short events = static_cast<short>(to_int(info[0]));
  short ready = 0;
  int err = device_->arm(events, &ready);
  if (err || ready) return Napi::Number::New(env, err ? -err : ready);
  int error = 0;
  if (!watcher_) {
    watcher_ = Watcher::open(environment_, this, device_->fd(), &error);
    if (watcher_ && !referenced_) watcher_->unref();
  }
  if (watcher_) error = watcher_->start(device_->loop_events(events));
  if (error) {
    device_->disarm();
    return Napi::Number::New(env, error);  // libuv's errors are negative errnos
  }
  watching_ = true;
  Ref();  // somebody waits: the object must not be collected
  return Napi::Number::New(env, 0);
}

void NativePort::stop_watching() {
  if (!watching_) return;
  watching_ = false;
  watcher_->stop();
  device_->disarm();
  Unref();
}

Napi::Value NativePort::unwatch(const Napi::CallbackInfo& info) {
  stop_watching();
  return info.Env().Undefined();
}

void NativePort::woken(short revents) {
  Napi::Env env = Env();
  Napi::HandleScope scope(env);
  Napi::Object self = Value();  // before stop_watching() makes it weak
  stop_watching();
  call(self, "onevents", Napi::Number::New(env, revents));
}

void NativePort::call(Napi::Object self, const char* method, napi_value argument) {
  Napi::Env env = Env();
  if (environment_->ending()) return;
  Napi::Value callback = self.Get(method);
  if (!env.IsExceptionPending() && callback.IsFunction()) callback.As<Napi::Function>().MakeCallback(self, {argument});
  if (env.IsExceptionPending()) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) (void)napi_fatal_exception(env, error);
  }
}

Napi::Value NativePort::ref(const Napi::CallbackInfo& info) {
  referenced_ = true;
  if (watcher_) watcher_->ref();
  if (kloop_) kloop_->ref();
  return info.Env().Undefined();
}

Napi::Value NativePort::unref(const Napi::CallbackInfo& info) {
  referenced_ = false;
  if (watcher_) watcher_->unref();
  if (kloop_) kloop_->unref();
  return info.Env().Undefined();
}

Napi::Value NativePort::close(const Napi::CallbackInfo& info) {
  send_users_away();
  if (device_) stop_watching();
  if (kloop_) Unref();
  if (!buffer_.IsEmpty()) {
    Napi::Object buffer = buffer_.Value();
    // It may be gone, or detached already: transfer() moves the memory to a buffer that cannot be reached from here.
    if (!buffer.IsEmpty() && buffer.IsArrayBuffer() && !buffer.As<Napi::ArrayBuffer>().IsDetached()) {
      (void)napi_detach_arraybuffer(info.Env(), buffer);
    }
    buffer_.Reset();
  }
  shut();
  indirect_.clear();
  return info.Env().Undefined();
}

// allowIndirect(u8): address of its first byte. The memory stays reachable until close.
Napi::Value NativePort::allow_indirect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!device_ || !info[0].IsTypedArray()) return env.Undefined();
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, info[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array || length == 0) {
    return env.Undefined();
  }
  indirect_.push_back(Napi::Persistent(info[0].As<Napi::Object>()));
  device_->allow_indirect(data, length);
  return Napi::BigInt::New(env, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)));
}

// forward(to, fromRing, fromHead, count, toRing, toHead, room, swap, verdicts?, counts?): slots used in `to` times 2^20
// plus slots taken from here, or a negative errno. Rings are byte offsets in the regions. `verdicts` has a byte for
// each slot; `counts` (Float64Array of 3) is added to: frames moved, their bytes, frames refused by their verdict.
Napi::Value NativePort::forward(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  NativePort* to = from(info[0]);
  if (!to || !mapping_ || !to->mapping_) return Napi::Number::New(env, -EBADF);
  double fields[6];
  for (int i = 0; i < 6; ++i) {
    if (!info[i + 1].IsNumber()) return Napi::Number::New(env, -EINVAL);
    fields[i] = info[i + 1].As<Napi::Number>().DoubleValue();
  }
  RingSpan source, target;
  if (!source.find(*mapping_, fields[0], fields[1], fields[2]) ||
      !target.find(*to->mapping_, fields[3], fields[4], fields[5])) {
    return Napi::Number::New(env, -EINVAL);
  }
  TypedArray<uint8_t> verdicts(env, info[8]);
  TypedArray<double> counts(env, info[9]);
  if ((verdicts.given() && !verdicts.has(source.count)) || (counts.given() && !counts.has(3))) {
    return Napi::Number::New(env, -EINVAL);
  }
  Forwarded moved = to_flag(info[7]) ? forward_by_swap(source, target, verdicts.data())
                                     : forward_by_copy(source, target, verdicts.data());
  if (moved.err) return Napi::Number::New(env, -moved.err);
  if (counts.given()) {
    counts.data()[0] += moved.frames;
    counts.data()[1] += static_cast<double>(moved.bytes);
    counts.data()[2] += moved.refused;
  }
  return Napi::Number::New(env, static_cast<double>(moved.used) * 1048576 + moved.taken);
}

// pack(ring, head, count, most, out, at, size, format, snaplen, verdicts, result): slots taken, or a negative errno.
// Records with the present time go to `out` (Uint8Array, of which `size` bytes may be used) from `at` on. `result`
// (Float64Array of 6) is set: frames, their bytes, frames cut, frames refused, bytes written, 1 when the next record
// did not fit.
Napi::Value NativePort::pack(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!mapping_) return Napi::Number::New(env, -EBADF);
  double fields[9];
  for (int i = 0; i < 9; ++i) {
    if (i == 4) continue;
    if (!info[i].IsNumber()) return Napi::Number::New(env, -EINVAL);
    fields[i] = info[i].As<Napi::Number>().DoubleValue();
    if (!(fields[i] >= 0 && fields[i] < kMaxSize)) return Napi::Number::New(env, -EINVAL);
  }
  RingSpan span;
  TypedArray<uint8_t> out(env, info[4]);
  TypedArray<uint8_t> verdicts(env, info[9]);
  TypedArray<double> result(env, info[10]);
  const auto at = static_cast<size_t>(fields[5]), size = static_cast<size_t>(fields[6]);
  if (!span.find(*mapping_, fields[0], fields[1], fields[2]) || !out.has(size) || at > size || !result.has(6) ||
      (verdicts.given() && !verdicts.has(span.count))) {
    return Napi::Number::New(env, -EINVAL);
  }
  timespec now;
  if (timespec_get(&now, TIME_UTC) != TIME_UTC) return Napi::Number::New(env, -EINVAL);
  RecordOptions options;
  options.format = static_cast<RecordFormat>(to_u32(fields[7]));
  options.snaplen = to_u32(fields[8]);
  options.seconds = static_cast<uint64_t>(now.tv_sec);
  options.nanoseconds = static_cast<uint32_t>(now.tv_nsec);
  const Packed packed = nm::pack(span, out.data(), size, at, options, to_u32(fields[3]), verdicts.data());
  result.data()[0] = packed.frames;
  result.data()[1] = static_cast<double>(packed.bytes);
  result.data()[2] = packed.cut;
  result.data()[3] = packed.refused;
  result.data()[4] = static_cast<double>(packed.written);
  result.data()[5] = packed.full;
  return Napi::Number::New(env, packed.taken);
}

// counters(out): fills a Float64Array of 8; false when the device keeps no counters.
Napi::Value NativePort::counters(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Counters counters;
  if (!device_ || !info[0].IsTypedArray() || !device_->counters(&counters)) return Napi::Boolean::New(env, false);
  Napi::TypedArray array = info[0].As<Napi::TypedArray>();
  if (array.TypedArrayType() != napi_float64_array || array.ElementLength() < 8) return Napi::Boolean::New(env, false);
  double* out = array.As<Napi::Float64Array>().Data();
  const uint64_t values[8] = {counters.tx_packets, counters.tx_bytes,  counters.rx_packets, counters.rx_bytes,
                              counters.drop_full,  counters.drop_busy, counters.drop_bad,   counters.drop_unroutable};
  for (int i = 0; i < 8; ++i) out[i] = static_cast<double>(values[i]);
  return Napi::Boolean::New(env, true);
}

Napi::Value NativePort::fd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), device_ ? device_->fd() : -1);
}

}  // namespace nm
