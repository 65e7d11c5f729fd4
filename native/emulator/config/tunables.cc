// sysctl net.inet.ip.dummynet.NAME=VALUE, and what is odd about settings as a whole.
#include "../units.h"
#include "interpreter.h"

namespace nm::emulator {

bool Interpreter::tunable(Words* words, Problem* problem) {
  const Context context{words, problem, &notes, &files_};
  while (words->peek().size() == 2 && words->peek()[0] == '-') words->take();
  if (words->done())
    return problem->set("a tunable is missing, for example net.inet.ip.dummynet.io_fast=1", words->place());
  const Settings before = settings_;
  while (!words->done()) {
    const std::string word(words->take());
    const size_t equals = word.find('='), dot = word.rfind("dummynet.", equals);
    if (equals == std::string::npos || dot == std::string::npos) {
      settings_ = before;
      return context.bad("write it as net.inet.ip.dummynet.NAME=VALUE");
    }
    if (!set_tunable(word.substr(dot + 9, equals - dot - 9), word.substr(equals + 1), context)) {
      settings_ = before;
      return false;
    }
  }
  return true;
}

bool Interpreter::set_tunable(std::string_view name, std::string_view value, const Context& context) {
  uint64_t n;
  Problem why;
  auto number = [&](uint64_t least, uint64_t most) {
    return parse_whole(value, least, most, &n, &why) || context.bad(why.message);
  };
  if (name == "io_fast") {
    if (!number(0, 1)) return false;
    settings_.io_fast = n == 1;
    return true;
  }
  if (name == "red_lookup_depth") {  // the decay is computed, not looked up
    if (!number(1, 65536)) return false;
    settings_.red_lookup_depth = static_cast<uint32_t>(n);
    return true;
  }
  if (name == "red_avg_pkt_size" || name == "red_max_pkt_size") {
    if (!number(1, 65535)) return false;
    (name == "red_avg_pkt_size" ? settings_.red_avg_pkt_size : settings_.red_max_pkt_size) = static_cast<uint32_t>(n);
    return true;
  }
  if (name == "expire") {  // dummynet: 0 = never, 1 = as soon as they are idle
    if (!number(0, 1000000)) return false;
    settings_.expire = n == 0 ? kFarthest / 4 : static_cast<Time>(n) * kSecond;
    return true;
  }
  if (name == "hash_size" || name == "max_chain_len") {
    context.note(std::string(name) + " has no effect: tables grow with what is in them");
    return number(1, 65536);
  }
  if (name == "pipe_slot_limit" || name == "pipe_byte_limit") {
    context.note(std::string(name) + " has no effect: queues may be as long as memory goes");
    return number(1, uint64_t{1} << 40);
  }
  return context.bad("'" + std::string(name) +
                     "' is no tunable here: io_fast, expire, red_lookup_depth, red_avg_pkt_size, red_max_pkt_size");
}

std::vector<std::string> Interpreter::doubts() const {
  std::vector<std::string> all;
  for (const auto& [number, queue] : settings_.queues) {
    const std::string name = "queue " + std::to_string(number);
    const auto pipe = settings_.pipes.find(queue.scheduler);
    if (pipe == settings_.pipes.end()) {
      all.push_back(name + " waits for pipe " + std::to_string(queue.scheduler) +
                    ": until it is there, packets are dropped");
      continue;
    }
    const auto scheduler = settings_.schedulers.find(queue.scheduler);
    const bool named = scheduler != settings_.schedulers.end() && scheduler->second.type;
    const SchedulerType type = named ? *scheduler->second.type : pipe->second.type.value_or(SchedulerType::kWf2q);
    if (queue.weight == 0 && type != SchedulerType::kPriority) all.push_back(name + ": weight 0 counts as 1");
    if (type == SchedulerType::kPriority && !queue.priority && queue.weight > 63) {
      all.push_back(name + ": its weight " + std::to_string(queue.weight) + " is taken for its priority, 63");
    }
    if (queue.ecn && queue.aqm == Aqm::kTail) all.push_back(name + ": ecn has no effect without red or gred");
  }
  for (const auto& [number, pipe] : settings_.pipes) {
    if (!pipe.queue.ecn || pipe.queue.aqm != Aqm::kTail) continue;
    all.push_back("pipe " + std::to_string(number) + ": ecn has no effect without red or gred");
  }
  for (const auto& [number, scheduler] : settings_.schedulers) {
    if (settings_.pipes.count(number)) continue;
    all.push_back("scheduler " + std::to_string(number) + " waits for pipe " + std::to_string(number));
  }
  return all;
}

}  // namespace nm::emulator
