// NativeRuleset: the classifier's rules, and a matcher for the thread of JavaScript. Arguments are checked here only as
// far as memory safety needs.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../apps/ring_span.h"
#include "../classifier/matcher.h"
#include "../classifier/ruleset.h"

namespace nm {

class NativeRuleset final : public Napi::ObjectWrap<NativeRuleset> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit NativeRuleset(const Napi::CallbackInfo& info);

  // For threads of others: their matchers take lanes other than 0.
  const std::shared_ptr<classifier::Ruleset>& rules() const { return rules_; }
  // That of the thread of JavaScript, for what runs on it.
  const std::shared_ptr<classifier::Matcher>& matcher() const { return matcher_; }
  // The ruleset behind a value that came from JavaScript; null if it is something else.
  static NativeRuleset* from(Napi::Value value);

 private:
  Napi::Value apply(const Napi::CallbackInfo& info);
  Napi::Value check(const Napi::CallbackInfo& info);
  Napi::Value condition(const Napi::CallbackInfo& info);
  Napi::Value port(const Napi::CallbackInfo& info);
  Napi::Value classify_ring(const Napi::CallbackInfo& info);
  Napi::Value filter_ring(const Napi::CallbackInfo& info);
  Napi::Value classify_bytes(const Napi::CallbackInfo& info);
  Napi::Value drain_log(const Napi::CallbackInfo& info);
  Napi::Value report(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);

  static int find_ring(const Napi::CallbackInfo& info, RingSpan* ring);
  uint32_t collect(const RingSpan& ring);
  // Decides about the first frames of frames_; whether any was logged.
  bool classify(size_t count, const classifier::Path& path, int64_t now, classifier::Passport* passports = nullptr);

  std::shared_ptr<classifier::Ruleset> rules_;
  std::shared_ptr<classifier::Matcher> matcher_;
  // Of the batch at hand; kept, so that a batch allocates nothing.
  std::vector<classifier::Frame> frames_;
  std::vector<classifier::Verdict> verdicts_;
  std::vector<uint16_t> slots_;
  uint32_t count_ = 0;  // frames of them
};

}  // namespace nm
