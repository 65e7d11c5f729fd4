#include "rule_log.h"

#include "typed_array.h"

namespace nm {
namespace {

using classifier::Direction;
using classifier::LogEntry;
using Verb = classifier::Rule::Verb;

const char* name_of(Verb verb) {
  switch (verb) {
    case Verb::kAllow:
      return "allow";
    case Verb::kDeny:
      return "deny";
    case Verb::kCount:
      return "count";
    case Verb::kPipe:
      return "pipe";
    case Verb::kQueue:
      return "queue";
    case Verb::kSkipto:
      return "skipto";
    case Verb::kCall:
      return "call";
    case Verb::kReturn:
      return "return";
    case Verb::kCheckState:
      return "check-state";
    case Verb::kSetDscp:
      return "setdscp";
    case Verb::kSetMark:
      return "setmark";
  }
  return "";
}

bool has_argument(Verb verb) {
  return verb == Verb::kPipe || verb == Verb::kQueue || verb == Verb::kSkipto || verb == Verb::kCall ||
         verb == Verb::kSetDscp || verb == Verb::kSetMark;
}

}  // namespace

Napi::Value drain_log(Napi::Env env, classifier::Log& log, const classifier::Ruleset& rules) {
  Napi::Array out = Napi::Array::New(env);
  uint32_t n = 0;
  log.drain([&](const LogEntry& entry) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("time", Napi::Number::New(env, static_cast<double>(entry.time)));
    object.Set("id", Napi::Number::New(env, entry.rule));
    object.Set("rule", Napi::Number::New(env, entry.number));
    object.Set("action", name_of(entry.verb));
    if (has_argument(entry.verb)) object.Set("argument", Napi::Number::New(env, entry.argument));
    object.Set("direction", entry.direction == Direction::kOut ? "out" : "in");
    if (entry.recv != 0) object.Set("recv", rules.ports().name(entry.recv));
    if (entry.xmit != 0) object.Set("xmit", rules.ports().name(entry.xmit));
    object.Set("length", Napi::Number::New(env, entry.length));
    object.Set("data", new_typed_array(env, entry.data, entry.kept));
    out.Set(n++, object);
  });
  return out;
}

}  // namespace nm
