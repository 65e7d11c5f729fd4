#include "box_change.h"

#include "../emulator/report.h"
#include "../emulator/text.h"
#include "box.h"

namespace nm {
namespace {

bool is_blank_line(std::string_view line) {
  size_t at = 0;
  return emulator::next_word(emulator::without_comment(line), &at).empty();
}

}  // namespace

BoxChange::BoxChange(classifier::Ruleset* rules, const emulator::Settings& settings, const emulator::FileReader& files)
    : rules_(rules), links_(settings, files), change_(rules->change()) {}

bool BoxChange::read(std::string_view commands, Refusal* refusal) {
  std::string_view rest = commands, line;
  while (emulator::next_line(&rest, &line)) {
    const auto offset = static_cast<size_t>(line.data() - commands.data());
    if (is_blank_line(line)) continue;
    if (emulator::Interpreter::owns(line)) {
      changes_links_ = true;
      emulator::Problem problem;
      if (links_.command(line, &problem)) continue;
      *refusal = {problem.message, offset + problem.position};
      return false;
    }
    changes_rules_ = true;
    classifier::Problem problem;
    if (change_->command(line, problem, &output_, offset)) continue;
    *refusal = {problem.message, problem.position};
    return false;
  }
  classifier::Problem problem;
  if (changes_rules_ && !change_->prepare(problem)) {
    *refusal = {problem.message, problem.position};
    return false;
  }
  notes_ = links_.notes;
  for (std::string& doubt : links_.doubts()) notes_.push_back(std::move(doubt));
  return true;
}

bool BoxChange::commit(const std::vector<Box*>& boxes, emulator::Time now, Refusal* refusal) {
  classifier::Problem problem;
  if (changes_rules_ && !change_->commit(problem)) {
    *refusal = {problem.message, problem.position};
    return false;
  }
  for (Box* box : boxes) {
    if (changes_rules_) box->matcher().adopt();
    if (changes_links_) box->adopt(links_.settings(), now);
  }
  show(boxes);
  return true;
}

void BoxChange::clear_up() {
  change_.reset();
  rules_->settle();
  doubt_rules();
}

void BoxChange::show(const std::vector<Box*>& boxes) {
  for (const emulator::ShowRequest& request : links_.requests) {
    for (size_t k = 0; k < boxes.size(); ++k) {
      // With a box for each direction, each has links of its own under the same numbers.
      if (boxes.size() > 1) output_ += k == 0 ? "--- out ---\n" : "--- in ---\n";
      output_ += emulator::show(boxes[k]->emulator(), request);
    }
  }
}

// Rules that send packets to where nothing is.
void BoxChange::doubt_rules() {
  const emulator::Settings& settings = links_.settings();
  const auto model = rules_->model();
  for (const classifier::RulePtr& rule : model->rules) {
    const bool pipe = rule->verb == classifier::Rule::Verb::kPipe;
    if ((!pipe && rule->verb != classifier::Rule::Verb::kQueue) || rule->argument.tablearg) continue;
    const auto number = static_cast<uint16_t>(rule->argument.number);
    if (pipe ? settings.pipes.count(number) > 0 : settings.queues.count(number) > 0) continue;
    notes_.push_back("rule " + std::to_string(rule->number) + " sends packets to " + (pipe ? "pipe " : "queue ") +
                     std::to_string(number) + ", which does not exist: they are dropped");
  }
}

}  // namespace nm
