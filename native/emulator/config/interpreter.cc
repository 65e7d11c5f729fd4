#include "interpreter.h"

#include "../units.h"

namespace nm::emulator {
namespace {

// `ipfw`, or FreeBSD's `dnctl`, with options, in front of a command.
void skip_ipfw(Words* words) {
  if (!words->accept("ipfw") && !words->accept("dnctl")) return;
  while (words->peek().size() == 2 && words->peek()[0] == '-') words->take();
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789-,") == std::string_view::npos && text[0] != '-';
}

// 5 | 1-10 | 1,2,5-7
bool read_numbers(const Context& context, std::vector<uint16_t>* out) {
  std::string_view text = context.words->take();
  for (;;) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const size_t dash = part.find('-');
    uint64_t first, last;
    Problem why;
    if (!parse_whole(part.substr(0, dash), 1, 65535, &first, &why) ||
        !parse_whole(dash == std::string_view::npos ? part : part.substr(dash + 1), first, 65535, &last, &why)) {
      if (dash == std::string_view::npos) return context.bad(why.message);
      return context.bad("'" + std::string(part.substr(0, 60)) + "' is no range of numbers from 1 to 65535");
    }
    for (uint64_t n = first; n <= last; ++n) out->push_back(static_cast<uint16_t>(n));
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool Interpreter::owns(std::string_view line) {
  size_t at = 0;
  std::string_view word = next_word(line, &at);
  auto skip_flags = [&] {
    do word = next_word(line, &at);
    while (word.size() == 2 && word[0] == '-');
  };
  if (same_word(word, "ipfw") || same_word(word, "dnctl")) skip_flags();
  if (same_word(word, "sysctl")) {
    skip_flags();
    return word.find("dummynet.") != std::string_view::npos;
  }
  return same_word(word, "pipe") || same_word(word, "queue") || same_word(word, "sched") || same_word(word, "link");
}

bool Interpreter::command(std::string_view line, Problem* problem) {
  Words words;
  if (!words.read(line, problem)) return false;
  skip_ipfw(&words);
  const size_t notes_before = notes.size(), requests_before = requests.size();
  bool good;
  if (words.accept("pipe") || words.accept("link")) {
    good = object_command(Object::kPipe, &words, problem);
  } else if (words.accept("queue")) {
    good = object_command(Object::kQueue, &words, problem);
  } else if (words.accept("sched")) {
    good = object_command(Object::kScheduler, &words, problem);
  } else if (words.accept("sysctl")) {
    good = tunable(&words, problem);
  } else {
    good = problem->set("a command begins with pipe, queue, sched or sysctl", words.place());
  }
  if (good && !words.done()) {
    good = problem->set("'" + std::string(words.peek().substr(0, 60)) + "' is one word too many", words.place());
  }
  if (!good) {
    notes.resize(notes_before);
    requests.resize(requests_before);
  }
  return good;
}

bool Interpreter::object_command(Object object, Words* words, Problem* problem) {
  const Context context{words, problem, &notes, &files_};
  std::vector<uint16_t> numbers;
  // The number may stand before or behind the verb.
  if (all_digits(words->peek()) && !read_numbers(context, &numbers)) return false;
  const size_t place = words->place();
  const std::string verb(words->take());
  const bool change = same_word(verb, "change");
  if (change || same_word(verb, "config")) {
    if (numbers.empty() && !words->done() && !read_numbers(context, &numbers)) return false;
    if (numbers.size() != 1) return problem->set("config needs one number, for example pipe 1 config", place);
    return configure(object, numbers[0], change, context);
  }
  if (same_word(verb, "flush")) {
    if (!numbers.empty())
      return problem->set("flush takes no number: it deletes all pipes, queues and schedulers", place);
    if (!words->done()) return true;  // which is complained about
    settings_.pipes.clear();
    settings_.queues.clear();
    settings_.schedulers.clear();
    return true;
  }
  const bool show = same_word(verb, "show") || same_word(verb, "list");
  if (!show && !same_word(verb, "delete")) {
    const std::string what = verb.empty() ? "a verb is missing" : "'" + verb.substr(0, 60) + "' is unknown";
    return problem->set(what + ": config, change, delete, show, list or flush", place);
  }
  while (!words->done()) {
    if (!read_numbers(context, &numbers)) return false;
  }
  if (show) {
    requests.push_back({static_cast<ShowRequest::What>(object), numbers});
    return true;
  }
  if (numbers.empty()) return problem->set("delete needs a number", words->place());
  for (const uint16_t number : numbers) {
    static constexpr const char* kNames[] = {"pipe ", "queue ", "scheduler "};
    if (!has(object, number))
      return context.bad("there is no " + (kNames[static_cast<int>(object)] + std::to_string(number)));
  }
  for (const uint16_t number : numbers) remove(object, number);
  return true;
}

bool Interpreter::has(Object object, uint16_t number) const {
  if (object == Object::kPipe) return settings_.pipes.count(number) > 0;
  if (object == Object::kQueue) return settings_.queues.count(number) > 0;
  return settings_.schedulers.count(number) > 0;
}

void Interpreter::remove(Object object, uint16_t number) {
  if (object == Object::kPipe) settings_.pipes.erase(number);
  if (object == Object::kQueue)
    settings_.queues.erase(number);
  else
    settings_.schedulers.erase(number);
}

}  // namespace nm::emulator
