// `config` replaces what was said about an object before, `change` leaves what is not mentioned as it was.
#include "interpreter.h"

namespace nm::emulator {
namespace {

struct TypeName {
  const char* name;
  SchedulerType type;
};
constexpr TypeName kTypes[] = {{"fifo", SchedulerType::kFifo},        {"rr", SchedulerType::kRoundRobin},
                               {"drr", SchedulerType::kRoundRobin},   {"wf2q+", SchedulerType::kWf2q},
                               {"qfq", SchedulerType::kQfq},          {"prio", SchedulerType::kPriority},
                               {"fq_codel", SchedulerType::kFqCodel}, {"fq_pie", SchedulerType::kFqPie}};

// Behind `type` or `sched`: the name, and what belongs to it.
bool read_type(const Context& context, std::optional<SchedulerType>* type, FairSettings* fair) {
  const std::string name(context.words->take());
  SchedulerType found;
  if (!find_type(name, &found)) {
    return context.bad("'" + name + "' is no type of scheduler: fifo, rr, wf2q+, qfq, prio, fq_codel, fq_pie");
  }
  *type = found;
  if (found != SchedulerType::kFqCodel && found != SchedulerType::kFqPie) return true;
  *fair = FairSettings();
  return read_fair(context, found == SchedulerType::kFqPie, fair);
}

bool unknown(const Context& context, const std::string& word, const char* what) {
  if (word == "weight" || word == "lmax" || word == "pri") {
    return context.bad("'" + word + "' belongs to a queue: queue N config pipe M " + word + " ...");
  }
  return context.bad("'" + word.substr(0, 60) + "' is no word of " + what);
}

// A step where RED has its slope: that is what ECN without probabilities wants, and nothing else does.
bool red_is_right(const Context& context, const QueueSettings& queue) {
  const bool red = queue.aqm == Aqm::kRed || queue.aqm == Aqm::kGred;
  return !red || queue.ecn || queue.red.min < queue.red.max ||
         context.bad("min_th must be less than max_th (they may be equal with ecn)");
}

}  // namespace

bool find_type(std::string_view name, SchedulerType* type) {
  for (const TypeName& t : kTypes) {
    if (!same_word(name, t.name)) continue;
    *type = t.type;
    return true;
  }
  return false;
}

const char* name_of(SchedulerType type) {
  for (const TypeName& t : kTypes) {
    if (t.type == type) return t.name;
  }
  return "";
}

bool Interpreter::configure(Object object, uint16_t number, bool change, const Context& context) {
  if (object == Object::kPipe) return configure_pipe(number, change, context);
  if (object == Object::kQueue) return configure_queue(number, change, context);
  return configure_scheduler(number, change, context);
}

bool Interpreter::configure_pipe(uint16_t number, bool change, const Context& context) {
  Words& words = *context.words;
  const auto found = settings_.pipes.find(number);
  if (change && found == settings_.pipes.end()) {
    return context.bad("there is no pipe " + std::to_string(number) + " to change");
  }
  PipeSettings pipe;
  if (found != settings_.pipes.end()) {
    // A scheduler that was chosen stays: scripts configure a pipe again to change its bandwidth.
    if (change) pipe = found->second;
    pipe.type = found->second.type;
    pipe.fair = found->second.fair;
  }
  while (!words.done()) {
    const std::string word(words.take());
    Got result = read_link_word(word, context, &pipe.link);
    if (result == Got::kNo) result = read_queue_word(word, context, &pipe.queue);
    if (result == Got::kNo && same_word(word, "mask")) {
      FlowKey mask;
      result = got(read_mask(context, &mask));
      pipe.mask = mask;
    }
    if (result == Got::kNo && (same_word(word, "sched") || same_word(word, "type"))) {
      result = got(read_type(context, &pipe.type, &pipe.fair));
    }
    if (result == Got::kBad) return false;
    if (result == Got::kNo) return unknown(context, word, "a pipe");
  }
  if (pipe.link.trace && (pipe.link.tick || pipe.link.burst)) {
    return context.bad("a trace goes neither with tick nor with burst");
  }
  if (!red_is_right(context, pipe.queue)) return false;
  settings_.pipes[number] = pipe;
  return true;
}

bool Interpreter::configure_queue(uint16_t number, bool change, const Context& context) {
  Words& words = *context.words;
  const auto found = settings_.queues.find(number);
  if (change && found == settings_.queues.end()) {
    return context.bad("there is no queue " + std::to_string(number) + " to change");
  }
  QueueSettings queue;
  if (change) queue = found->second;
  while (!words.done()) {
    const std::string word(words.take());
    Got result = read_queue_word(word, context, &queue);
    if (result == Got::kNo) result = read_share_word(word, context, &queue);
    if (result == Got::kNo && same_word(word, "mask")) result = got(read_mask(context, &queue.mask));
    if (result == Got::kNo && (same_word(word, "pipe") || same_word(word, "sched") || same_word(word, "link"))) {
      uint64_t n;
      result = got(take_whole(context, 1, 65535, &n));
      if (result == Got::kYes) queue.scheduler = static_cast<uint16_t>(n);
    }
    if (result == Got::kBad) return false;
    if (result == Got::kNo) return unknown(context, word, "a queue");
  }
  if (queue.scheduler == 0) {
    return context.problem->set("a queue has to lead to a pipe: queue " + std::to_string(number) + " config pipe N",
                                words.place());
  }
  if (!red_is_right(context, queue)) return false;
  settings_.queues[number] = queue;
  return true;
}

bool Interpreter::configure_scheduler(uint16_t number, bool change, const Context& context) {
  Words& words = *context.words;
  const auto found = settings_.schedulers.find(number);
  if (change && found == settings_.schedulers.end()) {
    return context.bad("there is no scheduler " + std::to_string(number) + " to change");
  }
  SchedulerSettings scheduler;
  if (change) scheduler = found->second;
  LinkSettings link;
  bool has_link = false;
  const auto pipe = settings_.pipes.find(number);
  if (pipe != settings_.pipes.end()) link = pipe->second.link;
  while (!words.done()) {
    const std::string word(words.take());
    Got result = Got::kNo;
    if (same_word(word, "type") || same_word(word, "sched")) {
      result = got(read_type(context, &scheduler.type, &scheduler.fair));
    } else if (same_word(word, "mask")) {
      FlowKey mask;
      result = got(read_mask(context, &mask));
      scheduler.mask = mask;
    } else if (same_word(word, "buckets")) {
      result = got(read_buckets(context, &scheduler.buckets));
    } else if (same_word(word, "pipe") || same_word(word, "link")) {
      uint64_t n;
      result = got(take_whole(context, 1, 65535, &n) &&
                   (n == number || context.bad("scheduler " + std::to_string(number) + " is the one of pipe " +
                                               std::to_string(number) + "; attach queues by queue N config sched " +
                                               std::to_string(number))));
    } else {
      result = read_link_word(word, context, &link);
      has_link = has_link || result == Got::kYes;
    }
    if (result == Got::kBad) return false;
    if (result == Got::kNo) return unknown(context, word, "a scheduler");
  }
  settings_.schedulers[number] = scheduler;
  if (has_link) settings_.pipes[number].link = link;
  return true;
}

}  // namespace nm::emulator
