#include "change.h"

#include "../language/rule_parser.h"

namespace nm::classifier {
namespace {

std::string_view first_word(const Line& line) {
  size_t at = 0;
  if (at < line.words.size() && line.words[at].text == "ipfw") ++at;
  while (at < line.words.size() && line.words[at].text.size() > 1 && line.words[at].text[0] == '-') ++at;
  return at < line.words.size() ? std::string_view(line.words[at].text) : std::string_view();
}

}  // namespace

bool Ruleset::owns(std::string_view text) {
  Line line;
  Problem problem;
  if (!split(text, 0, line, problem)) return true;
  const std::string_view word = first_word(line);
  if (word == "sysctl") {
    const std::string name = line.words.back().text;
    return name.compare(0, 20, "net.inet.ip.dummynet") != 0;
  }
  return word != "pipe" && word != "queue" && word != "sched" && word != "flowset" && word != "dnctl";
}

Change::Change(Ruleset& ruleset)
    : ruleset_(ruleset), base_(ruleset.model()), model_(*base_), edit_(ruleset.next_edit()) {}

bool Change::command(std::string_view text, Problem& problem, std::string* output, size_t offset) {
  Line line;
  Cursor cursor(line, problem);
  std::string printed;
  made_ = nullptr;
  failed_ = failed_ || !split(text, offset, line, problem) || !run(cursor, printed);
  if (output != nullptr) *output += printed;
  return !failed_;
}

bool Change::condition(std::string_view text, Problem& problem) {
  Line line;
  Cursor cursor(line, problem);
  Rule rule;
  std::string printed;
  made_ = nullptr;
  compiles_ = true;
  failed_ = failed_ || !split(text, 0, line, problem) || !RuleParser(cursor).parse_condition(rule) ||
            !insert(std::move(rule), cursor, printed);
  return !failed_;
}

bool Change::prepare(Problem& problem) {
  if (failed_) {
    if (problem.message.empty()) problem.message = "a command of this change has failed";
    return false;
  }
  ruleset_.settle();  // what the last change has replaced
  for (auto& [name, table] : model_.tables) {
    // Of this change's own making: nobody else looks at it yet.
    if (table->edit == edit_) const_cast<Table*>(table.get())->seal();
  }
  made_ = std::make_shared<const Model>(model_);
  program_ = compiles_ ? ruleset_.compile_model(*made_, problem.message) : nullptr;
  failed_ = compiles_ && program_ == nullptr;
  return !failed_;
}

bool Change::commit(Problem& problem) {
  if ((failed_ || !made_) && !prepare(problem)) return false;
  if (!ruleset_.publish(base_, made_, std::move(program_), problem.message)) return false;
  replaced_ = std::move(base_);
  base_ = std::move(made_);
  edit_ = ruleset_.next_edit();
  compiles_ = false;
  ruleset_.zero(zeroed_);
  zeroed_.clear();
  for (const RulePtr& rule : relogged_) rule->logged->store(0, std::memory_order_relaxed);
  relogged_.clear();
  return true;
}

bool Change::run(Cursor& cursor, std::string& output) {
  Flags flags;
  cursor.accept("ipfw");
  if (!read_flags(cursor, flags)) return false;
  if (cursor.done() && !cursor.line().has_comment) return true;
  // "set N" before a command means that set alone.
  uint64_t number;
  if (cursor.sees("set") && read_number(cursor.peek(1), UINT64_MAX, number)) {
    cursor.take();
    if (!cursor.number("the set", 0, kReservedSet, flags.set)) return false;
  }
  if (!dispatch(cursor, flags, output)) return false;
  return cursor.done() || cursor.fail(quoted(cursor.peek()) + " was not expected: the command is complete without it");
}

bool Change::read_flags(Cursor& cursor, Flags& flags) {
  while (cursor.peek().size() > 1 && cursor.peek()[0] == '-') {
    const std::string& word = cursor.take();
    for (size_t i = 1; i < word.size(); ++i) {
      switch (word[i]) {
        case 'q':
        case 'f':
          flags.quiet = true;
          break;
        case 'a':
          flags.counters = true;
          break;
        case 'd':
          flags.dynamic = true;
          break;
        case 'D':
          flags.dynamic = flags.dynamic_only = true;
          break;
        case 'S':
          flags.sets = true;
          break;
        case 't':
        case 'T':
          flags.times = true;
          break;
        case 'i':
          flags.values_as_ip = true;
          break;
        case 'c':  // how rules are printed: always as they were given
        case 'N':
          break;
        default:
          return cursor.fail_last(std::string("the flag '-") + word[i] +
                                      "' is not supported: there are -q -f -a -d -D "
                                      "-S -t -T -i -c -N",
                                  i);
      }
    }
  }
  return true;
}

bool Change::dispatch(Cursor& cursor, const Flags& flags, std::string& output) {
  const std::string word = cursor.peek();
  auto is = [&](std::string_view name) { return word == name && (cursor.take(), true); };
  compiles_ = compiles_ || (word != "table" && word != "list" && word != "show");
  if (is("add")) return add(cursor, flags, output);
  if (is("delete")) return remove(cursor, flags);
  if (is("flush")) return flush(cursor, flags);
  if (is("zero")) return zero(cursor, flags, true);
  if (is("resetlog")) return zero(cursor, flags, false);
  if (is("table")) return table(cursor, flags, output);
  if (is("list") || word == "show") {
    Flags all = flags;
    if (word == "show") {
      cursor.take();
      all.counters = true;
    }
    return show(cursor, all, output);
  }
  if (flags.set == kAllSets && is("set")) return set(cursor, output);
  if (is("enable")) return enable(cursor, true);
  if (is("disable")) return enable(cursor, false);
  if (is("sysctl")) return sysctl(cursor, output);
  if (word == "pipe" || word == "queue" || word == "sched" || word == "dnctl") {
    return cursor.fail(quoted(word) + " is a command of the emulator; the classifier only sends frames there");
  }
  if (word == "nat" || word.compare(0, 5, "nat64") == 0 || word == "nptv6") {
    return cursor.fail(quoted(word) + " is not supported: addresses are not translated here");
  }
  if (word == "internal") return cursor.fail("'internal' is not supported: it is about the kernel's insides");
  return cursor.fail((word.empty() ? std::string("a command is missing") : quoted(word) + " is no command") +
                     ": use add, delete, flush, zero, resetlog, list, show, set, table, enable, disable or sysctl; "
                     "emulators have pipe, queue and sched, too");
}

}  // namespace nm::classifier
