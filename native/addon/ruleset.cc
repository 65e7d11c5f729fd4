#include "ruleset.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "../apps/ring_span.h"
#include "../classifier/commands/change.h"
#include "port.h"
#include "rule_log.h"
#include "typed_array.h"
#include "values.h"

namespace nm {
namespace {

using classifier::Action;
using classifier::Direction;
using classifier::Passport;
using classifier::Path;
using classifier::Problem;

constexpr napi_type_tag kRulesetTag = {0x6e6f64652d6e6574, 0x6d61702d72756c65};

// A verdict in the memory that JavaScript reads: 8 bytes, in the machine's byte order.
struct Record {
  uint16_t rule;
  uint16_t target;
  uint16_t slots;
  uint8_t action;
  uint8_t flags;
};
static_assert(sizeof(Record) == 8, "src/ruleset/verdicts.ts");
constexpr uint8_t kOnePass = 1, kEdited = 2, kLogged = 4;

// How the result of classifyRing is packed.
constexpr double kFrame = 1048576;
constexpr double kAnyLogged = kFrame * 1048576;

Napi::Value to_js(Napi::Env env, const Problem& problem) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("message", problem.message);
  out.Set("position", Napi::Number::New(env, static_cast<double>(problem.position)));
  return out;
}

// ns; what is no number means now.
int64_t to_time(const Napi::Value& value) {
  const double ns = to_number(value, -1);
  if (ns >= 0 && ns < 9.2e18) return static_cast<int64_t>(ns);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Path to_path(const Napi::CallbackInfo& info, size_t first) {
  Path path;
  path.direction = to_uint(info[first]) == 1 ? Direction::kOut : Direction::kIn;
  path.recv = static_cast<uint16_t>(to_uint(info[first + 1]));
  path.xmit = static_cast<uint16_t>(to_uint(info[first + 2]));
  return path;
}

void write(uint8_t* records, size_t index, const classifier::Verdict& verdict, uint16_t slots) {
  Record out{};
  out.rule = verdict.number;
  out.target = verdict.target;
  out.slots = slots;
  out.action = static_cast<uint8_t>(verdict.action);
  out.flags = static_cast<uint8_t>((verdict.one_pass ? kOnePass : 0) | (verdict.edited ? kEdited : 0) |
                                   (verdict.logged ? kLogged : 0));
  std::memcpy(records + index * sizeof out, &out, sizeof out);
}

}  // namespace

Napi::Function NativeRuleset::define(Napi::Env env) {
  return DefineClass(env, "NativeRuleset",
                     {
                         InstanceMethod<&NativeRuleset::apply>("apply"),
                         InstanceMethod<&NativeRuleset::check>("check"),
                         InstanceMethod<&NativeRuleset::condition>("condition"),
                         InstanceMethod<&NativeRuleset::port>("port"),
                         InstanceMethod<&NativeRuleset::classify_ring>("classifyRing"),
                         InstanceMethod<&NativeRuleset::filter_ring>("filterRing"),
                         InstanceMethod<&NativeRuleset::classify_bytes>("classifyBytes"),
                         InstanceMethod<&NativeRuleset::drain_log>("drainLog"),
                         InstanceMethod<&NativeRuleset::report>("report"),
                         InstanceMethod<&NativeRuleset::stats>("stats"),
                     });
}

// new NativeRuleset(allowByDefault, seed, maxStates, logEntries, logSnaplen)
NativeRuleset::NativeRuleset(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeRuleset>(info) {
  (void)napi_type_tag_object(info.Env(), info.This(), &kRulesetTag);
  classifier::RulesetOptions options;
  options.allow_by_default = to_flag(info[0]);
  options.seed = static_cast<uint64_t>(to_number(info[1], 1));
  options.max_states = std::clamp(to_uint(info[2], options.max_states), 1u, 1u << 24);
  options.log_entries = std::min(to_uint(info[3], options.log_entries), 1u << 20);
  options.log_snaplen = std::min(to_uint(info[4], options.log_snaplen), 1u << 16);
  rules_ = classifier::Ruleset::create(options);
  matcher_ = std::make_shared<classifier::Matcher>(rules_);
}

NativeRuleset* NativeRuleset::from(Napi::Value value) {
  bool ours = false;
  void* data = nullptr;
  if (!value.IsObject()) return nullptr;
  if (napi_check_object_type_tag(value.Env(), value, &kRulesetTag, &ours) != napi_ok || !ours) return nullptr;
  if (napi_unwrap(value.Env(), value, &data) != napi_ok) return nullptr;
  return static_cast<NativeRuleset*>(data);
}

// apply(commands): what they print, or a problem.
Napi::Value NativeRuleset::apply(const Napi::CallbackInfo& info) {
  Problem problem;
  std::string output;
  if (!rules_->apply(to_text(info[0]), problem, &output)) return to_js(info.Env(), problem);
  return Napi::String::New(info.Env(), output);
}

// check(commands): null or a problem.
Napi::Value NativeRuleset::check(const Napi::CallbackInfo& info) {
  Problem problem;
  return rules_->check(to_text(info[0]), problem) ? info.Env().Null() : to_js(info.Env(), problem);
}

// condition(text): adds a rule that allows what matches it; null or a problem.
Napi::Value NativeRuleset::condition(const Napi::CallbackInfo& info) {
  Problem problem;
  const auto change = rules_->change();
  const bool good = change->condition(to_text(info[0]), problem) && change->commit(problem);
  return good ? info.Env().Null() : to_js(info.Env(), problem);
}

// port(name): its number.
Napi::Value NativeRuleset::port(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), rules_->port(to_text(info[0])));
}

bool NativeRuleset::classify(size_t count, const Path& path, int64_t now, Passport* passports) {
  if (verdicts_.size() < count) verdicts_.resize(count);
  matcher_->classify(frames_.data(), count, path, now, verdicts_.data(), passports);
  return std::any_of(verdicts_.begin(), verdicts_.begin() + static_cast<ptrdiff_t>(count),
                     [](const classifier::Verdict& verdict) { return verdict.logged; });
}

// The whole frames among the slots of a ring that begin at its head. Their slots.
uint32_t NativeRuleset::collect(const RingSpan& ring) {
  if (frames_.size() < ring.count) {
    frames_.resize(ring.count);
    slots_.resize(ring.count);
  }
  uint32_t taken = 0;
  count_ = 0;
  for (uint32_t i = ring.head; taken < ring.count; ++count_) {
    const uint32_t n = ring.frame_slots(i, ring.count - taken);
    if (n == 0) break;
    classifier::Frame& frame = frames_[count_];
    for (uint32_t k = 0; k < n; ++k, i = ring.next(i)) {
      const Bytes bytes = ring.bytes(ring.read(i));
      if (k == 0) frame = {bytes.data, bytes.length, 0};
      frame.length += bytes.length;
    }
    slots_[count_] = static_cast<uint16_t>(n);
    taken += n;
  }
  return taken;
}

// The ring that the first four arguments (port, ring, head, count) are about; an errno.
int NativeRuleset::find_ring(const Napi::CallbackInfo& info, RingSpan* ring) {
  NativePort* port = NativePort::from(info[0]);
  if (port == nullptr || !port->mapping()) return EBADF;
  const bool good =
      ring->find(*port->mapping(), to_number(info[1], -1), to_number(info[2], -1), to_number(info[3], -1));
  return good ? 0 : EINVAL;
}

// classifyRing(port, ring, head, count, direction, recv, xmit, time, records, pass): slots + 2^20 * frames + 2^40 if
// any was logged; or a negative errno. `records` gets 8 bytes for each frame; `pass` a byte for each slot, 1 where its
// frame is allowed.
Napi::Value NativeRuleset::classify_ring(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RingSpan ring;
  if (const int err = find_ring(info, &ring)) return Napi::Number::New(env, -err);
  TypedArray<uint8_t> records(env, info[8]), pass(env, info[9]);
  if (!records.has(ring.count * sizeof(Record)) || !pass.has(ring.count)) return Napi::Number::New(env, -EINVAL);
  const uint32_t taken = collect(ring);
  const bool logged = classify(count_, to_path(info, 4), to_time(info[7]));
  uint8_t* passes = pass.data();
  for (uint32_t f = 0; f < count_; ++f) {
    write(records.data(), f, verdicts_[f], slots_[f]);
    passes = std::fill_n(passes, slots_[f], verdicts_[f].action == Action::kAllow ? 1 : 0);
  }
  return Napi::Number::New(env, (logged ? kAnyLogged : 0) + count_ * kFrame + taken);
}

// filterRing(port, ring, head, count, direction, recv, xmit, pass, at): the same for those who want nothing but the
// bytes in `pass`, from `at` on: slots + 2^40 if any was logged, or a negative errno.
Napi::Value NativeRuleset::filter_ring(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RingSpan ring;
  if (const int err = find_ring(info, &ring)) return Napi::Number::New(env, -err);
  TypedArray<uint8_t> pass(env, info[7]);
  const size_t at = to_uint(info[8]);
  if (!pass.has(at + ring.count)) return Napi::Number::New(env, -EINVAL);
  const uint32_t taken = collect(ring);
  const bool logged = classify(count_, to_path(info, 4), to_time(Napi::Value()));
  uint8_t* passes = pass.data() + at;
  if (taken == count_) {
    for (uint32_t f = 0; f < taken; ++f) passes[f] = verdicts_[f].action == Action::kAllow ? 1 : 0;
  } else {
    for (uint32_t f = 0; f < count_; ++f) {
      passes = std::fill_n(passes, slots_[f], verdicts_[f].action == Action::kAllow ? 1 : 0);
    }
  }
  return Napi::Number::New(env, (logged ? kAnyLogged : 0) + taken);
}

// classifyBytes(data, places, count, direction, recv, xmit, time, records, pass, notes?): 1 if any was logged, else 0;
// or a negative errno. A place is three numbers: offset, bytes that are there, bytes of the whole frame. `notes` (an
// array) gets {tags, mark} of each frame.
Napi::Value NativeRuleset::classify_bytes(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  TypedArray<uint8_t> data(env, info[0]), records(env, info[7]), pass(env, info[8]);
  TypedArray<uint32_t> places(env, info[1]);
  const size_t count = to_uint(info[2]);
  if (count > 0 && !data.has(0)) return Napi::Number::New(env, -EINVAL);
  if (!places.has(3 * count) || !records.has(sizeof(Record) * count) || !pass.has(count)) {
    return Napi::Number::New(env, -EINVAL);
  }
  if (frames_.size() < count) frames_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* place = places.data() + 3 * i;
    if (place[0] > data.length() || place[1] > data.length() - place[0]) return Napi::Number::New(env, -EINVAL);
    frames_[i] = {data.data() + place[0], place[1], std::max(place[1], place[2])};
  }
  const bool noted = info[9].IsArray();
  std::vector<Passport> passports(noted ? count : 0);
  const bool logged = classify(count, to_path(info, 3), to_time(info[6]), noted ? passports.data() : nullptr);
  for (size_t i = 0; i < count; ++i) {
    write(records.data(), i, verdicts_[i], 1);
    pass.data()[i] = verdicts_[i].action == Action::kAllow ? 1 : 0;
  }
  for (size_t i = 0; noted && i < count; ++i) {
    Napi::Object note = Napi::Object::New(env);
    Napi::Array tags = Napi::Array::New(env, passports[i].tag_count);
    for (uint32_t t = 0; t < passports[i].tag_count; ++t) tags.Set(t, Napi::Number::New(env, passports[i].tags[t]));
    note.Set("tags", tags);
    note.Set("mark", Napi::Number::New(env, passports[i].mark));
    info[9].As<Napi::Array>().Set(static_cast<uint32_t>(i), note);
  }
  return Napi::Number::New(env, logged ? 1 : 0);
}

Napi::Value NativeRuleset::drain_log(const Napi::CallbackInfo& info) {
  return nm::drain_log(info.Env(), matcher_->log(), *rules_);
}

// report(): an array of {id, number, set, text, comment, packets, bytes, last}.
Napi::Value NativeRuleset::report(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto rules = rules_->report();
  Napi::Array out = Napi::Array::New(env, rules.size());
  for (uint32_t i = 0; i < rules.size(); ++i) {
    const auto& [rule, counters] = rules[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("number", Napi::Number::New(env, rule->number));
    object.Set("set", Napi::Number::New(env, rule->set));
    object.Set("id", Napi::Number::New(env, rule->id));
    object.Set("text", rule->text);
    if (!rule->comment.empty()) object.Set("comment", rule->comment);
    object.Set("packets", Napi::Number::New(env, static_cast<double>(counters.packets)));
    object.Set("bytes", Napi::Number::New(env, static_cast<double>(counters.bytes)));
    object.Set("last", counters.packets == 0
                           ? env.Null()
                           : Napi::Number::New(env, static_cast<double>(counters.last)).As<Napi::Value>());
    out.Set(i, object);
  }
  return out;
}

Napi::Value NativeRuleset::stats(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object out = Napi::Object::New(env);
  const auto edition = rules_->edition();
  const auto* const program = edition->program.get();
  auto set = [&](const char* name, uint64_t value) {
    out.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  classifier::States& states = rules_->states();
  {
    const std::lock_guard<std::mutex> guard(states.mutex());
    set("states", states.count());
    set("statesRefused", states.refused());
  }
  set("rules", program->rules.size());
  set("linear", program->guards.size());
  set("version", edition->version);
  set("bytes", edition->bytes());
  set("logLost", matcher_->log().lost());
  set("loops", matcher_->loops());
  return out;
}

}  // namespace nm
