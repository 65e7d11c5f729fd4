#include "distributor.h"

#include <cerrno>
#include <utility>

#include "typed_array.h"

namespace nm {
namespace {

// Numbers for each outlet in the array that JavaScript and we share: head and room in; slots used, packets, bytes and
// packets dropped out.
constexpr size_t kHead = 0, kRoom = 1, kUsed = 2, kPackets = 3, kBytes = 4, kDropped = 5, kNumbers = 6;

constexpr uint32_t kSwap = 1, kBlock = 2;

}  // namespace

Napi::Function NativeDistributor::define(Napi::Env env) {
  return DefineClass(env, "NativeDistributor", {InstanceMethod<&NativeDistributor::deal>("deal")});
}

// NativeDistributor(from, ports, {rings, flags, groups}): an outlet for each port, which is one of its rings (byte
// offset in its region).
NativeDistributor::NativeDistributor(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeDistributor>(info) {
  const Config config(info[2]);
  if (!from_.bind(info[0]) || !info[1].IsArray() || !config.ok()) return;
  const Napi::Array ports = info[1].As<Napi::Array>();
  const std::vector<double> rings = config.doubles("rings");
  const std::vector<uint32_t> flags = config.words("flags"), groups = config.words("groups");
  if (rings.size() != ports.Length() || flags.size() != rings.size() || groups.size() != rings.size()) return;
  std::vector<traffic::Outlet> outlets(rings.size());
  ports_.resize(rings.size());
  for (uint32_t k = 0; k < ports.Length(); ++k) {
    if (!ports_[k].bind(ports.Get(k)) || !outlets[k].ring.find(*ports_[k].mapping(), rings[k])) return;
    outlets[k].swap = (flags[k] & kSwap) != 0;
    outlets[k].block = (flags[k] & kBlock) != 0;
    outlets[k].group = groups[k];
  }
  dealer_ = traffic::Dealer(std::move(outlets));
}

// deal(ring, head, count, most, outlets, result, choices?): slots taken, or a negative errno. `outlets` (Float64Array,
// 6 for each: see above), `result` (Float64Array of 4) is set: packets, bytes, packets for nobody, outlet that has to
// have room before it goes on (-1: none). `choices` (Uint32Array) has a number for each slot.
Napi::Value NativeDistributor::deal(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  double fields[4];
  for (int k = 0; k < 4; ++k) {
    if (!info[k].IsNumber()) return Napi::Number::New(env, -EINVAL);
    fields[k] = info[k].As<Napi::Number>().DoubleValue();
  }
  RingSpan from;
  if (!from_.device()) return Napi::Number::New(env, -EBADF);
  std::vector<traffic::Outlet>& outlets = dealer_.outlets();
  if (outlets.empty() || !from.find(*from_.mapping(), fields[0], fields[1], fields[2]) || !(fields[3] >= 0)) {
    return Napi::Number::New(env, -EINVAL);
  }
  const TypedArray<double> numbers(env, info[4]), result(env, info[5]);
  const TypedArray<uint32_t> choices(env, info[6]);
  if (!numbers.has(kNumbers * outlets.size()) || !result.has(4) || (choices.given() && !choices.has(from.count))) {
    return Napi::Number::New(env, -EINVAL);
  }
  for (size_t k = 0; k < outlets.size(); ++k) {
    if (!ports_[k].device()) return Napi::Number::New(env, -EBADF);
    traffic::Outlet& outlet = outlets[k];
    const double* own = numbers.data() + kNumbers * k;
    if (!outlet.ring.take(own[kHead], own[kRoom])) return Napi::Number::New(env, -EINVAL);
    outlet.used = 0;
    outlet.packets = outlet.bytes = outlet.dropped = 0;
  }
  const uint64_t most = fields[3] < 9e15 ? static_cast<uint64_t>(fields[3]) : UINT64_MAX;
  const traffic::Dealt dealt = dealer_.deal(from, most, choices.data());
  for (size_t k = 0; k < outlets.size(); ++k) {
    double* own = numbers.data() + kNumbers * k;
    own[kUsed] = outlets[k].used;
    own[kPackets] = static_cast<double>(outlets[k].packets);
    own[kBytes] = static_cast<double>(outlets[k].bytes);
    own[kDropped] = static_cast<double>(outlets[k].dropped);
  }
  result.data()[0] = static_cast<double>(dealt.packets);
  result.data()[1] = static_cast<double>(dealt.bytes);
  result.data()[2] = static_cast<double>(dealt.refused);
  result.data()[3] = dealt.blocked;
  return Napi::Number::New(env, dealt.taken);
}

}  // namespace nm
