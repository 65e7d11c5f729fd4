#include "ruleset.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "commands/change.h"
#include "matcher.h"

namespace nm::classifier {
namespace {

bool run(Change& change, std::string_view commands, Problem& problem, std::string* output) {
  for (size_t at = 0; at <= commands.size();) {
    const size_t end = std::min(commands.find('\n', at), commands.size());
    if (!change.command(commands.substr(at, end - at), problem, output, at)) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

std::shared_ptr<Ruleset> Ruleset::create(const RulesetOptions& options) {
  return std::shared_ptr<Ruleset>(new Ruleset(options));
}

Ruleset::Ruleset(const RulesetOptions& options) : options_(options) {
  auto rule = std::make_shared<Rule>();
  rule->number = kDefaultRule;
  rule->set = kReservedSet;
  rule->verb = options.allow_by_default ? Rule::Verb::kAllow : Rule::Verb::kDeny;
  rule->text = options.allow_by_default ? "allow ip from any to any" : "deny ip from any to any";
  default_rule_ = rule;
  auto model = std::make_shared<Model>();
  model->settings.max_states = options.max_states;
  std::string why;
  put_in_force(model, compile(*model, default_rule_, ports_, flows_, why));
  states_.configure(model->settings);
}

Ruleset::~Ruleset() = default;

uint16_t Ruleset::port(std::string_view name) {
  const uint16_t number = ports_.number(name);
  // Patterns have been compiled to the ports that were known then.
  std::string why;
  for (;;) {
    const std::shared_ptr<const Program> program = this->program();
    if (!program->has_patterns || number <= program->ports_seen) return number;
    const std::shared_ptr<const Model> model = this->model();
    publish(model, model, compile_model(*model, why), why);
  }
}

bool Ruleset::apply(std::string_view commands, Problem& problem, std::string* output) {
  Change change(*this);
  return run(change, commands, problem, output) && change.commit(problem);
}

bool Ruleset::check(std::string_view commands, Problem& problem) {
  Change change(*this);
  std::string ignored;
  return run(change, commands, problem, &ignored);
}

std::unique_ptr<Change> Ruleset::change() {
  return std::make_unique<Change>(*this);
}

std::shared_ptr<const Model> Ruleset::model() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return model_;
}

std::shared_ptr<const Edition> Ruleset::edition() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return edition_;
}

std::shared_ptr<Program> Ruleset::compile_model(const Model& model, std::string& why) {
  return compile(model, default_rule_, ports_, flows_, why);
}

bool Ruleset::publish(const std::shared_ptr<const Model>& base, std::shared_ptr<const Model> model,
                      std::shared_ptr<Program> program, std::string& why) {
  // What is let go of here may be large: not under the lock.
  std::shared_ptr<const Edition> old;
  std::vector<Counters> fresh(program ? matcher_count() : 0);
  for (Counters& counters : fresh) counters = std::make_unique<Counter[]>(program->steps.size());
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (model_ != base) {
      why = "the rules have been changed meanwhile: begin again";
      return false;
    }
    old = edition_;
    put_in_force(std::move(model), program);
    if (!program) return true;
    fresh_.swap(fresh);
  }
  const std::lock_guard<std::mutex> guard(states_.mutex());
  states_.configure(program->settings);
  if (old->program->keeps_state) {
    states_.forget([&](uint32_t rule) { return program->positions.count(rule) == 0; });
  }
  return true;
}

void Ruleset::put_in_force(std::shared_ptr<const Model> model, std::shared_ptr<Program> program) {
  auto edition = std::make_shared<Edition>();
  edition->version = version_.load(std::memory_order_relaxed) + 1;
  if (program) program->version = edition->version;
  edition->program = program ? std::move(program) : edition_->program;
  edition->tables.reserve(edition->program->tables.size());
  for (const std::string& name : edition->program->tables) edition->tables.push_back(model->tables.find(name)->second);
  model_ = std::move(model);
  edition_ = std::move(edition);
  version_.store(edition_->version, std::memory_order_release);
}

void Ruleset::join(Matcher* matcher) {
  const std::lock_guard<std::mutex> guard(mutex_);
  matchers_.push_back(matcher);
  matcher->edition_ = edition_;
  matcher->counters_ = std::make_unique<Counter[]>(edition_->program->steps.size());
}

size_t Ruleset::matcher_count() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return matchers_.size();
}

void Ruleset::update(Matcher* matcher) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const bool stays = matcher->edition_->program == edition_->program;
  left_.push_back({std::move(matcher->edition_), stays ? nullptr : std::move(matcher->counters_)});
  matcher->edition_ = edition_;
  if (stays) return;
  if (fresh_.empty()) {
    matcher->counters_ = std::make_unique<Counter[]>(edition_->program->steps.size());
  } else {
    matcher->counters_ = std::move(fresh_.back());
    fresh_.pop_back();
  }
}

void Ruleset::settle() {
  std::vector<Left> left;  // let go of without the lock: it may be large
  const std::lock_guard<std::mutex> guard(mutex_);
  left.swap(left_);
  bool counted = false;
  for (const Left& one : left) {
    if (!one.counters) continue;
    collect(*one.edition->program, one.counters.get(), past_);
    counted = true;
  }
  if (!counted) return;
  for (Totals* totals : {&past_, &zeroed_}) {
    for (auto at = totals->begin(); at != totals->end();) {
      at = edition_->program->positions.count(at->first) != 0 ? std::next(at) : totals->erase(at);
    }
  }
}

void Ruleset::leave(Matcher* matcher) {
  const std::lock_guard<std::mutex> guard(mutex_);
  matchers_.erase(std::find(matchers_.begin(), matchers_.end(), matcher));
  collect(*matcher->edition_->program, matcher->counters_.get(), past_);
}

void Ruleset::collect(const Program& program, const Counter* counters, Totals& into) {
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const Counter& counter = counters[i];
    const uint64_t packets = counter.packets.load(std::memory_order_relaxed);
    if (packets == 0) continue;
    RuleCounters& sum = into[program.steps[i].id];
    sum.packets += packets;
    sum.bytes += counter.bytes.load(std::memory_order_relaxed);
    sum.last = std::max(sum.last, counter.last.load(std::memory_order_relaxed));
  }
}

Ruleset::Totals Ruleset::totals() const {
  Totals all = past_;
  for (const Left& one : left_) {
    if (one.counters) collect(*one.edition->program, one.counters.get(), all);
  }
  for (const Matcher* matcher : matchers_) collect(*matcher->edition_->program, matcher->counters_.get(), all);
  return all;
}

RuleCounters Ruleset::since_zero(uint32_t rule, const Totals& all) const {
  const auto found = all.find(rule);
  if (found == all.end()) return {};
  RuleCounters counters = found->second;
  const auto zero = zeroed_.find(rule);
  if (zero == zeroed_.end()) return counters;
  counters.packets -= zero->second.packets;
  counters.bytes -= zero->second.bytes;
  if (counters.packets == 0) counters.last = 0;
  return counters;
}

std::vector<std::pair<RulePtr, RuleCounters>> Ruleset::report() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  const Totals all = totals();
  std::vector<std::pair<RulePtr, RuleCounters>> out;
  out.reserve(edition_->program->rules.size());
  for (const RulePtr& rule : edition_->program->rules) out.emplace_back(rule, since_zero(rule->id, all));
  return out;
}

void Ruleset::zero(const std::vector<uint32_t>& rules) {
  if (rules.empty()) return;
  const std::lock_guard<std::mutex> guard(mutex_);
  const Totals all = totals();
  for (uint32_t rule : rules) {
    const auto found = all.find(rule);
    if (found != all.end()) zeroed_[rule] = found->second;
  }
}

}  // namespace nm::classifier
