#include "pinger.h"

#include <cerrno>
#include <utility>

#include "../traffic/clock.h"
#include "packet_source.h"
#include "values.h"

namespace nm {
namespace {

using namespace traffic;

// One tx ring, and all rx rings.
bool bind_both(const Config& config, const Mapping& mapping, std::vector<TxRing>* tx, std::vector<RxRing>* rx) {
  return bind_rings(config, "rings", "heads", mapping, false, tx) &&
         bind_rings(config, "rxRings", "rxHeads", mapping, rx) && tx->size() == 1;
}

void add_heads(const TxRing& tx, const std::vector<RxRing>& rx, std::vector<double>* out) {
  out->push_back(tx.head);
  for (const RxRing& ring : rx) out->push_back(ring.head);
}

}  // namespace

Napi::Function NativePinger::define(Napi::Env env) {
  return DefineClass(env, "NativePinger",
                     {
                         InstanceMethod<&NativePinger::begin>("begin"),
                         InstanceMethod<&NativePinger::run>("run"),
                         InstanceMethod<&NativePinger::stats>("stats"),
                         InstanceMethod<&NativePinger::histogram>("histogram"),
                     });
}

// NativePinger(port, config)
NativePinger::NativePinger(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativePinger>(info) {
  const Config config(info[1]);
  if (!port_.bind(info[0]) || !config.ok()) return;
  std::vector<TxRing> tx;
  std::vector<RxRing> rx;
  if (!bind_both(config, *port_.mapping(), &tx, &rx)) return;
  std::unique_ptr<Filler> filler = make_filler(config);
  if (!filler) return;
  PingSpec spec;
  spec.count = config.count("count", UINT64_MAX);
  spec.burst = config.u32("burst");
  spec.interval = config.ms("interval");
  spec.timeout = config.ms("timeout");
  spec.stream = config.u32("stream");
  spec.patience = config.ms("patience");
  spec.waiting = config.flag("sleep") ? Waiting::kSleep : Waiting::kSpin;
  pinger_ = std::make_unique<Pinger>(spec, std::move(*filler), std::move(tx[0]), std::move(rx));
}

// begin(n): measures what a measurement costs, n times; the first question is due now. 0 or a negative errno.
Napi::Value NativePinger::begin(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !pinger_) return Napi::Number::New(info.Env(), device ? -EINVAL : -EBADF);
  const uint32_t n = to_uint(info[0]);
  const int err = pinger_->measure_overhead(*device, n);
  pinger_->begin(now_ns());
  return Napi::Number::New(info.Env(), -err);
}

// run(ms): asks and listens for so long at most. Why it came back (Pause), or a negative errno.
Napi::Value NativePinger::run(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !pinger_) return Napi::Number::New(info.Env(), -EBADF);
  const ExactSleep exact;
  Pause pause = Pause::kTurn;
  const int err = pinger_->run(*device, now_ns() + ns_argument(info[0]), &pause);
  return Napi::Number::New(info.Env(), err ? -err : static_cast<int>(pause));
}

// stats(out): sent, answered, lost, late, others, bytes, first, last, ns until the next question, 1 while waiting for
// answers, then the head of the tx ring and of each rx ring.
Napi::Value NativePinger::stats(const Napi::CallbackInfo& info) {
  if (!pinger_) return Napi::Boolean::New(info.Env(), false);
  const PingCounters& c = pinger_->counters();
  std::vector<double> out;
  for (const uint64_t value : {c.sent, c.answered, c.lost, c.late, c.others, c.bytes}) {
    out.push_back(static_cast<double>(value));
  }
  out.push_back(static_cast<double>(c.first));
  out.push_back(static_cast<double>(c.last));
  out.push_back(static_cast<double>(pinger_->wait(now_ns())));
  out.push_back(pinger_->waiting() ? 1 : 0);
  add_heads(pinger_->tx(), pinger_->rx(), &out);
  return Napi::Boolean::New(info.Env(), put_numbers(info[0], out));
}

// histogram(name): roundTrip or overhead.
Napi::Value NativePinger::histogram(const Napi::CallbackInfo& info) {
  if (!pinger_ || !info[0].IsString()) return info.Env().Undefined();
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  return to_js(info.Env(), name == "overhead" ? &pinger_->overhead() : &pinger_->round_trip());
}

Napi::Function NativeReflector::define(Napi::Env env) {
  return DefineClass(env, "NativeReflector",
                     {
                         InstanceMethod<&NativeReflector::run>("run"),
                         InstanceMethod<&NativeReflector::stats>("stats"),
                     });
}

// NativeReflector(port, config)
NativeReflector::NativeReflector(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeReflector>(info) {
  const Config config(info[1]);
  if (!port_.bind(info[0]) || !config.ok()) return;
  std::vector<TxRing> tx;
  std::vector<RxRing> rx;
  if (!bind_both(config, *port_.mapping(), &tx, &rx)) return;
  reflector_ = std::make_unique<Reflector>(config.count("count", UINT64_MAX), std::move(tx[0]), std::move(rx));
}

// run(ms, quietMs): answers for so long at most, and until nothing has come for quietMs. 0 or a negative errno.
Napi::Value NativeReflector::run(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !reflector_) return Napi::Number::New(info.Env(), -EBADF);
  return Napi::Number::New(info.Env(),
                           -reflector_->run(*device, now_ns() + ns_argument(info[0]), ns_argument(info[1])));
}

// stats(out): packets, bytes, first, last, then the head of the tx ring and of each rx ring.
Napi::Value NativeReflector::stats(const Napi::CallbackInfo& info) {
  if (!reflector_) return Napi::Boolean::New(info.Env(), false);
  const ReflectorCounters& c = reflector_->counters();
  std::vector<double> out = {static_cast<double>(c.packets), static_cast<double>(c.bytes), static_cast<double>(c.first),
                             static_cast<double>(c.last)};
  add_heads(reflector_->tx(), reflector_->rx(), &out);
  return Napi::Boolean::New(info.Env(), put_numbers(info[0], out));
}

}  // namespace nm
