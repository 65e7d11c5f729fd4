// `show`, for people.
#include <cstdio>
#include <map>
#include <vector>

#include "report.h"
#include "units.h"

namespace nm::emulator {
namespace {

std::string padded(uint16_t number) {
  char text[8];
  std::snprintf(text, sizeof text, "%05u", number);
  return text;
}

std::string shorter(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

int ones(const uint64_t* words) {
  return __builtin_popcountll(words[0]) + __builtin_popcountll(words[1]);
}

std::string mask_text(const FlowKey& m) {
  std::string text;
  if (m.target4) text += " dst-ip " + hex(m.target4);
  if (m.source4) text += " src-ip " + hex(m.source4);
  if (ones(m.target6)) text += " dst-ip6 /" + std::to_string(ones(m.target6));
  if (ones(m.source6)) text += " src-ip6 /" + std::to_string(ones(m.source6));
  if (m.target_port) text += " dst-port " + hex(m.target_port);
  if (m.source_port) text += " src-port " + hex(m.source_port);
  if (m.protocol) text += " proto " + hex(m.protocol);
  if (m.flow_label) text += " flow-id " + hex(m.flow_label);
  if (m.set) text += " queue";
  return text.empty() ? "" : ", mask" + text;
}

std::string codel_text(const CodelSettings& c) {
  return "target " + show_time(c.target) + " interval " + show_time(c.interval) + (c.ecn ? " ecn" : " noecn");
}

std::string pie_text(const PieSettings& p) {
  return "target " + show_time(p.target) + " tupdate " + show_time(p.update) + " alpha " + shorter(p.alpha) + " beta " +
         shorter(p.beta) + " max_burst " + show_time(p.max_burst) + " max_ecnth " + shorter(p.max_ecn) +
         (p.ecn ? " ecn" : " noecn") + (p.cap_drop ? " capdrop" : " nocapdrop") +
         (p.derandomize ? " drand" : " nodrand") + (p.on_off ? " onoff" : "") + (p.timestamps ? " ts" : " dre");
}

// The scheduler with what can be said about it.
std::string scheduler_text(const Pipe& pipe) {
  const SchedulerType type = pipe.type();
  std::string text = std::string("sched ") + name_of(type);
  if (type == SchedulerType::kFqCodel || type == SchedulerType::kFqPie) {
    const FairSettings& f = pipe.fair();
    text += " quantum " + std::to_string(f.quantum) + " limit " + std::to_string(f.limit) + " flows " +
            std::to_string(f.flows) + " " + (type == SchedulerType::kFqPie ? pie_text(f.pie) : codel_text(f.codel));
  }
  return text + mask_text(pipe.mask());
}

std::string aqm_text(const QueueSettings& q) {
  switch (q.aqm) {
    case Aqm::kTail:
      return "droptail";
    case Aqm::kRed:
    case Aqm::kGred:
      return std::string(q.aqm == Aqm::kRed ? "red " : "gred ") + shorter(q.red.weight) + "/" + shorter(q.red.min) +
             "/" + shorter(q.red.max) + "/" + shorter(q.red.max_p) + (q.ecn ? " ecn" : "");
    case Aqm::kCodel:
      return "codel " + codel_text(q.codel);
    case Aqm::kPie:
      return "pie " + pie_text(q.pie);
  }
  return "";
}

std::string queue_text(const QueueSettings& q) {
  std::string text = "queue " + (q.size.bytes ? show_bytes(q.size.value) : std::to_string(q.size.value) + " slots");
  text += ", " + aqm_text(q);
  if (q.loss.to_bad > 0) {
    text += ", plr " + shorter(q.loss.good) + "," + shorter(q.loss.to_bad) + "," + shorter(q.loss.bad) + "," +
            shorter(q.loss.to_good);
  } else if (q.loss.good > 0) {
    text += ", plr " + shorter(q.loss.good);
  }
  if (q.buckets != QueueSettings().buckets) text += ", buckets " + std::to_string(q.buckets);
  if (q.no_error) text += ", noerror";
  return text + mask_text(q.mask);
}

std::string link_text(const LinkSettings& link, uint64_t bandwidth) {
  std::string text = show_bandwidth(bandwidth) + ", delay " + show_time(link.delay);
  if (link.burst) text += ", burst " + show_bytes(link.burst);
  if (link.trace) text += ", trace " + link.trace_file;
  if (link.profile) text += ", profile " + link.profile_file;
  if (link.jitter.amount) {
    static constexpr const char* kNames[] = {"uniform", "normal", "pareto", "exponential"};
    text += ", jitter " + show_time(link.jitter.amount) + " " + kNames[static_cast<int>(link.jitter.distribution)];
    if (link.jitter.reorder) text += " reorder";
  }
  if (link.reorder > 0) text += ", reorder " + shorter(link.reorder) + " by " + show_time(link.hold);
  if (link.duplicate > 0) text += ", duplicate " + shorter(link.duplicate);
  if (link.corrupt > 0) text += ", corrupt " + shorter(link.corrupt);
  if (link.bit_errors > 0) text += ", ber " + shorter(link.bit_errors);
  if (link.delay_limit) text += ", delay-limit " + show_bytes(link.delay_limit);
  if (link.tick) text += ", tick " + show_time(link.tick);
  static constexpr const char* kLengths[] = {"frame", "frame+crc", "wire"};
  const auto kind = static_cast<size_t>(link.overhead.kind);
  if (link.overhead.kind == Overhead::Kind::kBytes) {
    text += ", length " + std::string(link.overhead.bytes < 0 ? "" : "+") + std::to_string(link.overhead.bytes);
  } else {
    text += ", length " + std::string(kLengths[kind]);
  }
  if (link.release != Release::kAuto) text += link.release == Release::kStart ? ", release start" : ", release end";
  return text;
}

std::string amount(const char* name, uint64_t packets, uint64_t bytes) {
  return std::string(name) + " " + std::to_string(packets) + " packets " + std::to_string(bytes) + " bytes";
}

std::string drops_text(const Drops& a, const Drops& b) {
  std::string text;
  for (int i = 0; i < kCauses; ++i) {
    const auto cause = static_cast<Cause>(i);
    if (a[cause] + b[cause] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(name_of(cause)) + " " + std::to_string(a[cause] + b[cause]);
  }
  return text.empty() ? "" : "\n       dropped " + std::to_string(a.total() + b.total()) + ": " + text;
}

std::string pipe_text(const Emulator& emulator, const Pipe& pipe) {
  const LinkCounts& c = pipe.counts();
  const Pipe::Backlog b = pipe.backlog();
  std::string text = padded(pipe.number()) + ": " + link_text(pipe.link(), pipe.bandwidth(emulator.now())) + "\n";
  text += "       " + queue_text(pipe.own().settings) + "\n       " + scheduler_text(pipe);
  uint64_t instances = 0;
  pipe.each_instance([&](const Instance*) { ++instances; });
  if (!pipe.mask().empty()) text += ", " + std::to_string(instances) + " flows";
  text += "\n       " + amount("sent", c.packets, c.bytes) + ", " + amount("out", c.out_packets, c.out_bytes);
  text += "\n       " + amount("waiting", b.packets, b.bytes) + ", " + amount("delayed", b.line_packets, b.line_bytes);
  if (pipe.own().sink.marked) text += ", marked " + std::to_string(pipe.own().sink.marked);
  const Impairments& i = pipe.impairments();
  if (i.corrupted) text += ", corrupted " + std::to_string(i.corrupted);
  if (i.duplicated) text += ", duplicated " + std::to_string(i.duplicated);
  if (i.reordered) text += ", reordered " + std::to_string(i.reordered);
  return text + drops_text(pipe.own().sink.drops, pipe.exit().drops) + "\n";
}

std::string queue_lines(const Emulator& emulator, uint16_t number, const FlowSet& set) {
  const QueueSettings& q = set.settings;
  std::string text =
      "q" + padded(number) + ": pipe " + std::to_string(q.scheduler) + " weight " + std::to_string(q.weight);
  if (q.max_length) text += " lmax " + std::to_string(q.max_length);
  if (q.priority) text += " pri " + std::to_string(*q.priority);
  if (!emulator.pipe(q.scheduler)) text += ", which is not there";
  text += ", " + queue_text(q) + "\n       " + amount("arrived", set.packets, set.bytes);
  if (set.sink.marked) text += ", marked " + std::to_string(set.sink.marked);
  return text + drops_text(set.sink.drops, Drops()) + "\n";
}

}  // namespace

std::string show(const Emulator& emulator, const ShowRequest& request) {
  const Settings& settings = emulator.settings();
  std::vector<bool> wanted(65536, request.numbers.empty());
  for (const uint16_t number : request.numbers) wanted[number] = true;
  std::string text;
  if (request.what == ShowRequest::What::kQueues) {
    for (const auto& [number, q] : settings.queues) {
      if (const FlowSet* set = emulator.queue(number); set && wanted[number])
        text += queue_lines(emulator, number, *set);
    }
    return text;
  }
  std::map<uint16_t, std::string> children;
  for (const auto& [number, q] : settings.queues) children[q.scheduler] += " " + std::to_string(number);
  for (const auto& [number, p] : settings.pipes) {
    const Pipe* pipe = emulator.pipe(number);
    if (!pipe || !wanted[number]) continue;
    if (request.what == ShowRequest::What::kPipes) {
      text += pipe_text(emulator, *pipe);
      continue;
    }
    text += padded(number) + ": " + scheduler_text(*pipe);
    const auto queues = children.find(number);
    text += (queues == children.end() ? "" : ", queues" + queues->second) + "\n";
  }
  return text;
}

}  // namespace nm::emulator
