// How new settings come into force while packets wait.
#include <algorithm>
#include <utility>

#include "emulator.h"

namespace nm::emulator {
namespace {

enum : uint64_t { kQueueLoss = 0x30, kQueueQueues };

}  // namespace

// Pipes whose packets have to be let in anew, each once.
class Emulator::Rebuild {
 public:
  void add(Pipe* pipe) {
    if (!pipe || has(pipe)) return;
    known_[pipe->number()] = true;
    pipes_.push_back(pipe);
  }
  bool has(const Pipe* pipe) const { return known_[pipe->number()]; }
  const std::vector<Pipe*>& pipes() const { return pipes_; }

 private:
  std::vector<Pipe*> pipes_;
  std::vector<bool> known_ = std::vector<bool>(65536);
};

void Emulator::apply(const Settings& next, Time now) {
  advance(now);
  now = now_;
  Rebuild these;
  apply_pipes(next, &these, now);
  apply_queues(next, &these, now);
  settings_ = next;
  rebuild(these.pipes(), now);
}

void Emulator::apply_pipes(const Settings& next, Rebuild* rebuild, Time now) {
  for (size_t i = 0; i < pipes_.size(); ++i) {
    if (!pipes_[i] || next.pipes.count(static_cast<uint16_t>(i))) continue;
    pipes_[i]->flush();
    drops_ += pipes_[i]->exit().drops;
    drops_ += pipes_[i]->own().sink.drops;
    pipes_[i].reset();
  }
  std::vector<bool> queues(65536);  // whether there are any that lead to a pipe
  for (const auto& [number, queue] : next.queues) queues[queue.scheduler] = true;
  for (const auto& [number, settings] : next.pipes) {
    const auto scheduler = next.schedulers.find(number);
    if (number >= pipes_.size()) pipes_.resize(number + size_t{1});
    std::unique_ptr<Pipe>& pipe = pipes_[number];
    if (!pipe) pipe = std::make_unique<Pipe>(number, &around_);
    const Pipe::Change change = pipe->configure(
        settings, scheduler == next.schedulers.end() ? nullptr : &scheduler->second, queues[number], next.io_fast, now);
    pipe->own().red_max_packet = next.red_max_pkt_size;
    pipe->own().red_average_packet = pipe->time_of(next.red_avg_pkt_size);
    if (change == Pipe::Change::kRebuild) rebuild->add(pipe.get());
  }
}

void Emulator::apply_queues(const Settings& next, Rebuild* rebuild, Time now) {
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (!sets_[i] || next.queues.count(static_cast<uint16_t>(i))) continue;
    rebuild->add(pipe(sets_[i]->settings.scheduler));  // which finds its packets without a queue, and drops them
  }
  for (const auto& [number, settings] : next.queues) {
    if (number >= sets_.size()) sets_.resize(number + size_t{1});
    std::unique_ptr<FlowSet>& set = sets_[number];
    Pipe* target = pipe(settings.scheduler);
    if (!set) {
      set = std::make_unique<FlowSet>(number, settings, &around_.pool, &around_.drop_log,
                                      Dice(around_.seed, kQueueLoss, number));
      set->seed = Dice(around_.seed, kQueueQueues, number).next();
    } else if (set->settings.scheduler != settings.scheduler || set->settings.mask != settings.mask) {
      rebuild->add(pipe(set->settings.scheduler));
    }
    set->settings = settings;
    set->sink.pipe = settings.scheduler;
    set->loss.change(settings.loss);
    set->red_max_packet = next.red_max_pkt_size;
    set->red_average_packet = target ? target->time_of(next.red_avg_pkt_size) : 0;
    if (target && !rebuild->has(target)) target->adopt(set.get(), now);
  }
}

// Takes what waits out of the pipes, and lets it in again in the order in which it came. Queues that are no longer
// configured go.
void Emulator::rebuild(const std::vector<Pipe*>& pipes, Time now) {
  std::vector<std::pair<Packet*, Pipe*>> all;
  for (Pipe* pipe : pipes) {
    PacketList taken;
    pipe->take_apart(&taken, now);
    while (!taken.empty()) all.emplace_back(taken.pop(), pipe);
  }
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (!sets_[i] || settings_.queues.count(static_cast<uint16_t>(i))) continue;
    drops_ += sets_[i]->sink.drops;
    sets_[i].reset();
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first->time < b.first->time; });
  for (const auto& [packet, from] : all) {
    FlowSet* set = packet->flow_set ? sets_[packet->flow_set].get() : &from->own();
    Pipe* to = packet->flow_set && set ? pipe(set->settings.scheduler) : from;
    if (set && to) {
      to->enter(set, packet, now, true);
    } else {
      ++drops_[Cause::kFlushed];
      around_.drop_log.add(from->number(), packet->flow_set, Cause::kFlushed, packet->length, packet->id, packet->port);
      around_.pool.give(packet);
    }
  }
}

}  // namespace nm::emulator
