#include "replay.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "../traffic/clock.h"
#include "typed_array.h"
#include "values.h"

namespace nm {

using traffic::ReplayPause;

Napi::Function NativeReplay::define(Napi::Env env) {
  return DefineClass(env, "NativeReplay",
                     {
                         InstanceMethod<&NativeReplay::begin>("begin"),
                         InstanceMethod<&NativeReplay::load>("load"),
                         InstanceMethod<&NativeReplay::next_pass>("nextPass"),
                         InstanceMethod<&NativeReplay::pointed>("pointed"),
                         InstanceMethod<&NativeReplay::run>("run"),
                         InstanceMethod<&NativeReplay::prepare>("prepare"),
                         InstanceMethod<&NativeReplay::commit>("commit"),
                         InstanceMethod<&NativeReplay::stats>("stats"),
                         InstanceMethod<&NativeReplay::histogram>("histogram"),
                     });
}

// NativeReplay(port, config)
NativeReplay::NativeReplay(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeReplay>(info) {
  const Config config(info[1]);
  if (!port_.bind(info[0]) || !config.ok()) return;
  std::vector<traffic::TxRing> rings;
  if (!bind_rings(config, "rings", "heads", *port_.mapping(), false, &rings) || rings.size() != 1) return;
  traffic::ReplaySpec spec;
  spec.timing = static_cast<traffic::Timing>(std::min(config.u32("timing"), 3u));
  spec.speed = config.number("speed", 1);
  spec.gap = config.number("gap");
  spec.count = config.count("count", UINT64_MAX);
  spec.batch = std::max(1u, config.u32("batch", 512));
  spec.waiting = config.flag("sleep") ? traffic::Waiting::kSleep : traffic::Waiting::kSpin;
  spec.patience = config.ms("patience");
  spec.forgive = config.ms("forgive");
  if (!(spec.speed > 0) || !(spec.gap >= 0)) return;
  replay_ = std::make_unique<traffic::Replay>(spec, std::move(rings[0]));
}

// begin(): the first packet is due now. False when the options made no sense.
Napi::Value NativeReplay::begin(const Napi::CallbackInfo& info) {
  if (replay_) replay_->begin(traffic::now_ns());
  return Napi::Boolean::New(info.Env(), replay_ != nullptr);
}

// load(piece): goes on with this Uint8Array.
Napi::Value NativeReplay::load(const Napi::CallbackInfo& info) {
  if (info[0].IsTypedArray()) piece_ = Napi::Persistent(info[0].As<Napi::Object>());
  if (replay_) replay_->next_piece();
  return info.Env().Undefined();
}

// nextPass(span): what follows is the capture from its first packet again, which is due so many ns (as captured) after
// that of this pass.
Napi::Value NativeReplay::next_pass(const Napi::CallbackInfo& info) {
  const double span = to_number(info[0], 0);
  if (replay_ && span >= 0) replay_->next_pass(span);
  return info.Env().Undefined();
}

// pointed(): the packet in front of which it stopped may go.
Napi::Value NativeReplay::pointed(const Napi::CallbackInfo& info) {
  if (replay_) replay_->pointed();
  return info.Env().Undefined();
}

// The piece's memory may have been handed to another thread meanwhile: then there is nothing in it.
traffic::ReplayPiece NativeReplay::piece(Napi::Env env) const {
  if (piece_.IsEmpty()) return {};
  const TypedArray<uint8_t> bytes(env, piece_.Value());
  return {bytes.data(), bytes.length()};
}

// run(ms): sends for so long at most. Why it came back (ReplayPause), or a negative errno.
Napi::Value NativeReplay::run(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Device* device = port_.device();
  if (!device || !replay_) return Napi::Number::New(env, -EBADF);
  const traffic::ExactSleep exact;
  ReplayPause pause = ReplayPause::kTurn;
  const int err = replay_->run(*device, piece(env), traffic::now_ns() + ns_argument(info[0]), &pause);
  return Napi::Number::New(env, err ? -err : static_cast<int>(pause));
}

// prepare(ms): makes a batch if one is due within that time: its frames plus 16; otherwise why not (ReplayPause), or a
// negative errno.
Napi::Value NativeReplay::prepare(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!port_.device() || !replay_) return Napi::Number::New(env, -EBADF);
  const traffic::ExactSleep exact;
  ReplayPause pause = ReplayPause::kTurn;
  const bool made = replay_->prepare(piece(env), traffic::now_ns() + ns_argument(info[0]), &pause);
  return Napi::Number::New(env, made ? 16.0 + replay_->batch().frames : static_cast<double>(pause));
}

// commit(): hands the batch to the device. 0 or a negative errno.
Napi::Value NativeReplay::commit(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  return Napi::Number::New(info.Env(), device && replay_ ? -replay_->commit(*device) : -EBADF);
}

// stats(out): packets, bytes, first, last, given up, ns until the next is due, slots that it needs, position in the
// piece, when the last one was due as captured, first slot and slots of the batch, head.
Napi::Value NativeReplay::stats(const Napi::CallbackInfo& info) {
  if (!replay_) return Napi::Boolean::New(info.Env(), false);
  const traffic::SenderCounters& c = replay_->counters();
  return Napi::Boolean::New(
      info.Env(),
      put_numbers(info[0], {static_cast<double>(c.packets), static_cast<double>(c.bytes), static_cast<double>(c.first),
                            static_cast<double>(c.last), static_cast<double>(c.given_up),
                            static_cast<double>(replay_->wait(traffic::now_ns())),
                            static_cast<double>(replay_->slots_needed()), static_cast<double>(replay_->position()),
                            replay_->last_due(), static_cast<double>(replay_->first_slot()),
                            static_cast<double>(replay_->batch().slots), static_cast<double>(replay_->head())}));
}

// histogram(name): late, lateRunning or away.
Napi::Value NativeReplay::histogram(const Napi::CallbackInfo& info) {
  if (!replay_ || !info[0].IsString()) return info.Env().Undefined();
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  if (name == "late") return to_js(info.Env(), &replay_->late());
  if (name == "lateRunning") return to_js(info.Env(), &replay_->late_running());
  if (name == "away") return to_js(info.Env(), &replay_->away());
  return info.Env().Undefined();
}

}  // namespace nm
