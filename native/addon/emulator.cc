#include "emulator.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "../emulator/report.h"
#include "../runner/report.h"
#include "../traffic/clock.h"
#include "command_files.h"
#include "drop_events.h"
#include "rule_log.h"
#include "ruleset.h"
#include "typed_array.h"
#include "values.h"

namespace nm {
namespace {

using runner::Gate;

constexpr double kMostTime = 9007199254740992;  // 2^53

}  // namespace

Napi::Function NativeEmulator::define(Napi::Env env) {
  return DefineClass(env, "NativeEmulator",
                     {
                         InstanceMethod<&NativeEmulator::configure>("configure"),
                         InstanceMethod<&NativeEmulator::put>("put"),
                         InstanceMethod<&NativeEmulator::advance>("advance"),
                         InstanceMethod<&NativeEmulator::now>("now"),
                         InstanceMethod<&NativeEmulator::next>("next"),
                         InstanceMethod<&NativeEmulator::fetch>("fetch"),
                         InstanceMethod<&NativeEmulator::flush>("flush"),
                         InstanceMethod<&NativeEmulator::start>("start"),
                         InstanceMethod<&NativeEmulator::stop>("stop"),
                         InstanceMethod<&NativeEmulator::state>("state"),
                         InstanceMethod<&NativeEmulator::heads>("heads"),
                         InstanceMethod<&NativeEmulator::report>("report"),
                         InstanceMethod<&NativeEmulator::flows>("flows"),
                         InstanceMethod<&NativeEmulator::drain_log>("drainLog"),
                         InstanceMethod<&NativeEmulator::watch_drops>("watchDrops"),
                         InstanceMethod<&NativeEmulator::drain_drops>("drainDrops"),
                     });
}

// new NativeEmulator(ruleset, {seed, memory, releaseStart, inside, outside})
NativeEmulator::NativeEmulator(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeEmulator>(info) {
  const Config config(info[1]);
  NativeRuleset* rules = NativeRuleset::from(info[0]);
  rules_ = rules ? rules->rules() : classifier::Ruleset::create({});
  options_.seed = config.count("seed", 1);
  options_.memory = config.count("memory", options_.memory);
  options_.release_start = config.flag("releaseStart");
  inside_ = config.text("inside");
  outside_ = config.text("outside");
  box_ = std::make_unique<Box>(rules_, options_, 1, &outlet_);
  box_->name_ports(inside_, outside_);
  outlet_.attach(box_.get());
}

NativeEmulator::~NativeEmulator() {
  stop_threads();
}

// configure(commands, folder, trial): {output, notes}, or a problem {message, position}. All of them or none, in all
// threads at one time. A trial only says whether there is a problem.
Napi::Value NativeEmulator::configure(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string commands = to_text(info[0]);
  const emulator::FileReader files = files_in(to_text(info[1]));
  BoxChange::Refusal refusal;
  // Workers go on while commands are read and compiled.
  BoxChange change(rules_.get(), (workers_.empty() ? *box_ : workers_[0]->box()).emulator().settings(), files);
  bool good = change.read(commands, &refusal);
  const bool trial = to_flag(info[2]);
  if (good && trial) return Napi::Object::New(env);
  if (good && workers_.empty()) {
    good = change.commit({box_.get()}, box_->emulator().now(), &refusal);
  } else if (good) {
    // Takes no time, so that they stand still for none.
    std::vector<std::unique_ptr<Gate::Visit>> visits;
    std::vector<Box*> boxes;
    for (const auto& worker : workers_) {
      visits.push_back(std::make_unique<Gate::Visit>(&worker->gate()));
      boxes.push_back(&worker->box());
    }
    good = change.commit(boxes, traffic::now_ns(), &refusal);
    for (const auto& worker : workers_) worker->wake();
  }
  if (good) change.clear_up();
  Napi::Object out = Napi::Object::New(env);
  if (!good) {
    out.Set("message", refusal.message);
    out.Set("position", static_cast<double>(refusal.position));
    return out;
  }
  out.Set("output", change.output());
  const std::vector<std::string>& notes = change.notes();
  Napi::Array list = Napi::Array::New(env, notes.size());
  for (uint32_t i = 0; i < notes.size(); ++i) list.Set(i, notes[i]);
  out.Set("notes", list);
  return out;
}

// put(data, places, times, count): frames that come at their times, which do not go back. A place is three numbers:
// offset, length, 1 for out. Each gets the next id. 0 or a negative errno.
Napi::Value NativeEmulator::put(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto result = [&](int value) { return Napi::Number::New(env, value); };
  TypedArray<uint8_t> data(env, info[0]);
  TypedArray<uint32_t> places(env, info[1]);
  TypedArray<double> times(env, info[2]);
  const size_t count = to_uint(info[3]);
  if (!workers_.empty()) return result(-EBUSY);
  if (!places.has(3 * count) || !times.has(count)) return result(-EINVAL);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* place = places.data() + 3 * i;
    if (place[0] > data.length() || place[1] > data.length() - place[0] || place[1] == 0) return result(-EINVAL);
    if (!(times.data()[i] >= 0 && times.data()[i] <= kMostTime)) return result(-EINVAL);
  }
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* place = places.data() + 3 * i;
    const auto direction = place[2] ? Box::Direction::kOut : Box::Direction::kIn;
    const auto at = std::max(static_cast<Time>(times.data()[i]), box_->emulator().now());
    const classifier::Frame frame{data.data() + place[0], place[1], place[1]};
    uint8_t passes = 0;
    const uint32_t id = next_id_++;
    box_->advance(at);
    box_->put(&frame, 1, direction, 0, at, &passes, id);
    if (passes) outlet_.add(direction, frame.data, frame.length, id, at);
  }
  return result(0);
}

// advance(time, most): lets everything out that is due by then, or until about `most` bytes have come out. How far the
// clock has gone, or a negative errno. `time` may be Infinity: until nothing is inside.
Napi::Value NativeEmulator::advance(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const double time = to_number(info[0], -1);
  const double most = to_number(info[1], 0);
  if (!workers_.empty()) return Napi::Number::New(env, -EBUSY);
  if (!(time >= 0)) return Napi::Number::New(env, -EINVAL);
  const bool all = time > kMostTime;
  const Time until = all ? static_cast<Time>(kMostTime) : static_cast<Time>(time);
  while (box_->next() <= until) {
    if (static_cast<double>(outlet_.bytes()) >= most) {
      return Napi::Number::New(env, static_cast<double>(box_->emulator().now()));
    }
    box_->advance(box_->next());
  }
  if (!all) box_->advance(until);
  return Napi::Number::New(env, all ? time : static_cast<double>(until));
}

// now(): the clock of JavaScript's.
Napi::Value NativeEmulator::now(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(box_->emulator().now()));
}

// next(): when the next thing is due, Infinity when nothing is inside.
Napi::Value NativeEmulator::next(const Napi::CallbackInfo& info) {
  const Time next = box_->next();
  return Napi::Number::New(
      info.Env(), next == emulator::kNever ? std::numeric_limits<double>::infinity() : static_cast<double>(next));
}

// fetch(bytes, times, places): packets that have come out, as many as there is room for. A place is four numbers:
// offset in `bytes`, length, id, 1 for out. Their number; or, where not even one fits, minus the bytes that the first
// one needs.
Napi::Value NativeEmulator::fetch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const TypedArray<uint8_t> bytes(env, info[0]);
  const TypedArray<double> times(env, info[1]);
  const TypedArray<uint32_t> places(env, info[2]);
  const size_t most = std::min(times.length(), places.length() / 4);
  const int64_t fetched = outlet_.fetch(bytes.data(), bytes.length(), times.data(), places.data(), most);
  return Napi::Number::New(env, static_cast<double>(fetched));
}

Napi::Value NativeEmulator::flush(const Napi::CallbackInfo& info) {
  if (workers_.empty()) box_->emulator().flush();
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    worker->box().emulator().flush();
  }
  return info.Env().Undefined();
}

// report(): a JSON text: a list of what runner/report.h tells, one for each thread.
Napi::Value NativeEmulator::report(const Napi::CallbackInfo& info) {
  std::string text = "[";
  if (workers_.empty()) text += runner::report(*box_);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    if (text.size() > 1) text += ",";
    text += runner::report(*worker);
  }
  return Napi::String::New(info.Env(), text + "]");
}

// flows(pipe, most): a JSON text, one list for each thread.
Napi::Value NativeEmulator::flows(const Napi::CallbackInfo& info) {
  const uint32_t pipe = to_uint(info[0]);
  const uint32_t most = to_uint(info[1]);
  const auto number = static_cast<uint16_t>(std::min(pipe, 65535u));
  std::string text = "[";
  if (workers_.empty()) text += emulator::flows(box_->emulator(), number, most);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    if (text.size() > 1) text += ",";
    text += emulator::flows(worker->box().emulator(), number, most);
  }
  return Napi::String::New(info.Env(), text + "]");
}

// drainLog(): what rules have logged.
Napi::Value NativeEmulator::drain_log(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (workers_.empty()) return nm::drain_log(env, box_->matcher().log(), *rules_);
  Napi::Array all = Napi::Array::New(env);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    const Napi::Value part = nm::drain_log(env, worker->box().matcher().log(), *rules_);
    if (!part.IsArray()) continue;
    const Napi::Array entries = part.As<Napi::Array>();
    for (uint32_t i = 0; i < entries.Length(); ++i) all.Set(all.Length(), entries.Get(i));
  }
  return all;
}

// watchDrops(on): whether drops are kept one by one, for drainDrops().
Napi::Value NativeEmulator::watch_drops(const Napi::CallbackInfo& info) {
  watches_drops_ = to_flag(info[0]);
  box_->emulator().drop_log().turn(watches_drops_);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    worker->box().emulator().drop_log().turn(watches_drops_);
  }
  return info.Env().Undefined();
}

// drainDrops(): what drop_events() says.
Napi::Value NativeEmulator::drain_drops(const Napi::CallbackInfo& info) {
  std::vector<emulator::Drop> drops;
  double missed = 0;
  auto take = [&](emulator::DropLog& log) {
    drops.insert(drops.end(), log.drops().begin(), log.drops().end());
    missed += static_cast<double>(log.missed());
    log.clear();
  };
  if (workers_.empty()) take(box_->emulator().drop_log());
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    take(worker->box().emulator().drop_log());
  }
  return drop_events(info.Env(), drops, missed);
}

}  // namespace nm
