#include "receiver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "../traffic/clock.h"
#include "rule_filter.h"
#include "ruleset.h"
#include "typed_array.h"

namespace nm {
namespace {

using namespace traffic;

bool read_tests(const Config& config, std::vector<Test>* tests) {
  for (const Config& each : config.list("match")) {
    Test test;
    const uint32_t base = each.u32("base", UINT32_MAX), width = each.u32("width");
    if (base >= static_cast<uint32_t>(Base::kCount)) return false;
    if (width != 1 && width != 2 && width != 4 && width != 6 && width != 8) return false;
    test.base = static_cast<Base>(base);
    test.offset = each.u32("offset");
    test.width = static_cast<uint8_t>(width);
    test.shift = static_cast<uint8_t>(std::min(each.u32("shift"), 63u));
    test.mask = each.bits("mask", UINT64_MAX);
    test.negated = each.flag("negated");
    const std::vector<uint64_t> ranges = each.longs("ranges");
    for (size_t k = 0; k + 1 < ranges.size(); k += 2) test.ranges.emplace_back(ranges[k], ranges[k + 1]);
    tests->push_back(std::move(test));
  }
  return true;
}

double d(uint64_t value) {
  return static_cast<double>(value);
}

Napi::Value bytes_of(Napi::Env env, const FlowKey& key, int first) {
  uint8_t address[16];
  store64(address, key.address[first]);
  store64(address + 8, key.address[first + 1]);
  return key.v6 ? new_typed_array(env, address, 16) : new_typed_array(env, address + 12, 4);
}

}  // namespace

Napi::Function NativeReceiver::define(Napi::Env env) {
  return DefineClass(env, "NativeReceiver",
                     {
                         InstanceMethod<&NativeReceiver::run>("run"),
                         InstanceMethod<&NativeReceiver::begin>("begin"),
                         InstanceMethod<&NativeReceiver::look>("look"),
                         InstanceMethod<&NativeReceiver::stats>("stats"),
                         InstanceMethod<&NativeReceiver::take_least_room>("takeLeastRoom"),
                         InstanceMethod<&NativeReceiver::histogram>("histogram"),
                         InstanceMethod<&NativeReceiver::protocols>("protocols"),
                         InstanceMethod<&NativeReceiver::flows>("flows"),
                     });
}

// NativeReceiver(port, config)
NativeReceiver::NativeReceiver(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeReceiver>(info) {
  const Config config(info[1]);
  if (!port_.bind(info[0]) || !config.ok()) return;
  std::vector<RxRing> rings;
  if (!bind_rings(config, "rings", "heads", *port_.mapping(), &rings)) return;
  ReceiverSpec spec;
  spec.count = config.count("count", UINT64_MAX);
  spec.check = config.flag("check");
  spec.latency = config.flag("latency");
  spec.gaps = config.flag("gaps");
  spec.protocols = config.flag("protocols");
  spec.flows = std::min(config.u32("flows"), 1u << 22);
  if (!read_tests(config, &spec.match)) return;
  if (NativeRuleset* rules = NativeRuleset::from(config.get("filter"))) {
    spec.filter = std::make_shared<RuleFilter>(rules->matcher(), static_cast<uint16_t>(config.u32("filterPort")));
  }
  receiver_ = std::make_unique<Receiver>(std::move(spec), std::move(rings));
  receiver_->note_picks(config.flag("notePicks"));
}

// run(ms, quietMs): takes packets for so long at most, and until none have come for quietMs. 0 or a negative errno.
Napi::Value NativeReceiver::run(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !receiver_) return Napi::Number::New(info.Env(), -EBADF);
  return Napi::Number::New(info.Env(), -receiver_->run(*device, now_ns() + ns_argument(info[0]), ns_argument(info[1])));
}

// begin(ms, quietMs): look() finds batches for so long from now on, and until nothing has come for quietMs.
Napi::Value NativeReceiver::begin(const Napi::CallbackInfo& info) {
  until_ = now_ns() + ns_argument(info[0]);
  quiet_ = ns_argument(info[1]);
  shown_ = false;
  return info.Env().Undefined();
}

// look(out): gives the slots of the last batch back and finds another: its frames, 0 when there was none in that time
// or the time is over, or a negative errno. Into out, an Int32Array: ring, first slot, slots, and how many frames
// match; these follow, as far as there is room, with three numbers each: offset, length, first slot. The clock stays on
// this side: its times, as JavaScript's numbers, would be garbage with every batch.
Napi::Value NativeReceiver::look(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Device* device = port_.device();
  if (!device || !receiver_) return Napi::Number::New(env, -EBADF);
  constexpr size_t kHead = 4;
  const TypedArray<int32_t> out(env, info[0]);
  if (!out.has(kHead)) return Napi::Number::New(env, -EINVAL);
  if (shown_ && now_ns() >= until_) {
    receiver_->release();
    return Napi::Number::New(env, 0);
  }
  int err = 0;
  shown_ = receiver_->look(*device, until_, quiet_, &err);
  if (!shown_) return Napi::Number::New(env, -err);
  const Receiver::Batch& batch = receiver_->batch();
  const std::vector<Receiver::Pick>& picked = receiver_->picked();
  const size_t n = std::min(picked.size(), (out.length() - kHead) * sizeof(int32_t) / sizeof(Receiver::Pick));
  const int32_t head[kHead] = {static_cast<int32_t>(batch.ring), static_cast<int32_t>(batch.first),
                               static_cast<int32_t>(batch.slots), static_cast<int32_t>(n)};
  std::copy_n(head, kHead, out.data());
  std::memcpy(out.data() + kHead, picked.data(), n * sizeof(Receiver::Pick));
  return Napi::Number::New(env, batch.frames);
}

// stats(out): packets, bytes, unmatched, first, last, ring, first slot and slots of the batch, its time, skewed, then
// lost, reordered, duplicated, restarts, corrupt, unnumbered, untracked, streams, then flows, packets and bytes of no
// flow, batches, then the head of each ring.
Napi::Value NativeReceiver::stats(const Napi::CallbackInfo& info) {
  if (!receiver_) return Napi::Boolean::New(info.Env(), false);
  const ReceiverCounters& c = receiver_->counters();
  const Receiver::Batch& batch = receiver_->batch();
  const Audit::Totals audit = receiver_->audit() ? receiver_->audit()->totals() : Audit::Totals();
  const Flows* flows = receiver_->flows();
  std::vector<double> out = {d(c.packets),
                             d(c.bytes),
                             d(c.unmatched),
                             static_cast<double>(c.first),
                             static_cast<double>(c.last),
                             d(batch.ring),
                             d(batch.first),
                             d(batch.slots),
                             static_cast<double>(batch.time),
                             d(receiver_->skewed()),
                             static_cast<double>(audit.lost),
                             static_cast<double>(audit.reordered),
                             d(audit.duplicated),
                             d(audit.restarts),
                             d(audit.corrupt),
                             d(audit.unnumbered),
                             d(audit.untracked),
                             d(audit.streams),
                             d(flows ? flows->size() : 0),
                             d(flows ? flows->others().packets : 0),
                             d(flows ? flows->others().bytes : 0),
                             d(c.batches)};
  for (const RxRing& ring : receiver_->rings()) out.push_back(ring.head);
  return Napi::Boolean::New(info.Env(), put_numbers(info[0], out));
}

// takeLeastRoom(): least free slots of a ring with packets in it since the last call, -1: there were none.
Napi::Value NativeReceiver::take_least_room(const Napi::CallbackInfo& info) {
  const uint32_t room = receiver_ ? receiver_->take_least_room() : UINT32_MAX;
  return Napi::Number::New(info.Env(), room == UINT32_MAX ? -1.0 : room);
}

// histogram(name): latency or gap; undefined where it was not asked for.
Napi::Value NativeReceiver::histogram(const Napi::CallbackInfo& info) {
  if (!receiver_ || !info[0].IsString()) return info.Env().Undefined();
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  return to_js(info.Env(), name == "latency" ? receiver_->latency() : name == "gap" ? receiver_->gap() : nullptr);
}

// protocols(): packets and bytes, in pairs: IPv4 and IPv6 by protocol number, ARP, others, then by length.
Napi::Value NativeReceiver::protocols(const Napi::CallbackInfo& info) {
  if (!receiver_ || !receiver_->protocols()) return info.Env().Undefined();
  const Protocols& protocols = *receiver_->protocols();
  std::vector<double> out;
  out.reserve(2 * (Protocols::kCount + Protocols::kSizes));
  const auto put = [&](const Protocols::Count& count) {
    out.push_back(d(count.packets));
    out.push_back(d(count.bytes));
  };
  for (uint32_t k = 0; k < Protocols::kCount; ++k) put(protocols.count(k));
  for (uint32_t k = 0; k < Protocols::kSizes; ++k) put(protocols.size(k));
  return new_typed_array(info.Env(), out);
}

// flows(most): the largest ones: {src, dst, srcPort, dstPort, protocol, packets, bytes}, addresses as bytes.
Napi::Value NativeReceiver::flows(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Array out = Napi::Array::New(env);
  if (!receiver_ || !receiver_->flows() || !info[0].IsNumber()) return out;
  const double most = info[0].As<Napi::Number>().DoubleValue();
  uint32_t k = 0;
  for (const Flows::Entry& entry : receiver_->flows()->top(most >= 1 && most < 4e9 ? static_cast<uint32_t>(most) : 0)) {
    Napi::Object flow = Napi::Object::New(env);
    flow.Set("src", bytes_of(env, entry.key, 0));
    flow.Set("dst", bytes_of(env, entry.key, 2));
    flow.Set("srcPort", entry.key.ports >> 16);
    flow.Set("dstPort", entry.key.ports & 0xffff);
    flow.Set("protocol", static_cast<uint32_t>(entry.key.protocol));
    flow.Set("packets", d(entry.packets));
    flow.Set("bytes", d(entry.bytes));
    out.Set(k++, flow);
  }
  return out;
}

}  // namespace nm
