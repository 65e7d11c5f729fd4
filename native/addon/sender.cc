#include "sender.h"

#include <cerrno>
#include <utility>

#include "../traffic/clock.h"
#include "packet_source.h"

namespace nm {

using traffic::Pause;

Napi::Function NativeSender::define(Napi::Env env) {
  return DefineClass(env, "NativeSender",
                     {
                         InstanceMethod<&NativeSender::begin>("begin"),
                         InstanceMethod<&NativeSender::run>("run"),
                         InstanceMethod<&NativeSender::prepare>("prepare"),
                         InstanceMethod<&NativeSender::commit>("commit"),
                         InstanceMethod<&NativeSender::stats>("stats"),
                         InstanceMethod<&NativeSender::histogram>("histogram"),
                     });
}

// NativeSender(port, config)
NativeSender::NativeSender(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeSender>(info) {
  const Config config(info[1]);
  if (!port_.bind(info[0]) || !config.ok()) return;
  std::vector<traffic::TxRing> rings;
  if (!bind_rings(config, "rings", "heads", *port_.mapping(), config.flag("keeps"), &rings)) return;
  std::unique_ptr<traffic::Filler> filler = make_filler(config);
  if (!filler) return;
  traffic::SenderSpec spec;
  spec.count = config.count("count", UINT64_MAX);
  spec.batch = std::max(1u, config.u32("batch", 512));
  spec.waiting = config.flag("sleep") ? traffic::Waiting::kSleep : traffic::Waiting::kSpin;
  spec.patience = config.ms("patience");
  spec.forgive = config.ms("forgive");
  sender_ = std::make_unique<traffic::Sender>(spec, std::move(*filler), make_schedule(config), std::move(rings));
}

// begin(ms): the first packet is due now, the end is so many ms later. False when the options made no sense.
Napi::Value NativeSender::begin(const Napi::CallbackInfo& info) {
  if (sender_) {
    const int64_t now = traffic::now_ns();
    sender_->begin(now, now + ns_argument(info[0]));
  }
  return Napi::Boolean::New(info.Env(), sender_ != nullptr);
}

// run(ms): sends for so long at most. Why it came back (Pause), or a negative errno.
Napi::Value NativeSender::run(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !sender_) return Napi::Number::New(info.Env(), -EBADF);
  const traffic::ExactSleep exact;
  Pause pause = Pause::kTurn;
  const int err = sender_->run(*device, traffic::now_ns() + ns_argument(info[0]), &pause);
  return Napi::Number::New(info.Env(), err ? -err : static_cast<int>(pause));
}

// prepare(ms): makes a batch if one is due within that time: its frames plus 16; otherwise why not (Pause), or a
// negative errno.
Napi::Value NativeSender::prepare(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  if (!device || !sender_) return Napi::Number::New(info.Env(), -EBADF);
  Pause pause = Pause::kTurn;
  const bool made = sender_->prepare(traffic::now_ns() + ns_argument(info[0]), &pause);
  return Napi::Number::New(info.Env(), made ? 16.0 + sender_->batch().frames : static_cast<double>(pause));
}

// commit(): hands the batch to the device. 0 or a negative errno.
Napi::Value NativeSender::commit(const Napi::CallbackInfo& info) {
  Device* device = port_.device();
  return Napi::Number::New(info.Env(), device && sender_ ? -sender_->commit(*device) : -EBADF);
}

// stats(out): packets, bytes, first, last, given up, ns until the next is due, slots for a frame, ring, first slot and
// slots of the batch, batches, then the head of each ring.
Napi::Value NativeSender::stats(const Napi::CallbackInfo& info) {
  if (!sender_) return Napi::Boolean::New(info.Env(), false);
  const traffic::SenderCounters& c = sender_->counters();
  std::vector<double> out = {static_cast<double>(c.packets),
                             static_cast<double>(c.bytes),
                             static_cast<double>(c.first),
                             static_cast<double>(c.last),
                             static_cast<double>(c.given_up),
                             static_cast<double>(sender_->wait(traffic::now_ns())),
                             static_cast<double>(sender_->slots_needed()),
                             static_cast<double>(sender_->ring()),
                             static_cast<double>(sender_->first_slot()),
                             static_cast<double>(sender_->batch().slots),
                             static_cast<double>(c.batches)};
  for (const traffic::TxRing& ring : sender_->rings()) out.push_back(ring.head);
  return Napi::Boolean::New(info.Env(), put_numbers(info[0], out));
}

// histogram(name): late, lateRunning, away, gap, gapError or plannedGap.
Napi::Value NativeSender::histogram(const Napi::CallbackInfo& info) {
  if (!sender_ || !info[0].IsString()) return info.Env().Undefined();
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  if (name == "late") return to_js(info.Env(), &sender_->late());
  if (name == "lateRunning") return to_js(info.Env(), &sender_->late_running());
  if (name == "away") return to_js(info.Env(), &sender_->away());
  if (name == "gap") return to_js(info.Env(), &sender_->gap());
  if (name == "gapError") return to_js(info.Env(), &sender_->gap_error());
  if (name == "plannedGap") return to_js(info.Env(), &sender_->planned_gap());
  return info.Env().Undefined();
}

}  // namespace nm
