#include "emulator.h"

#include <algorithm>
#include <cstring>

namespace nm::emulator {
namespace {

constexpr Time kSweepEvery = 10 * kMillisecond;

}  // namespace

Emulator::Emulator(const EmulatorOptions& options, Output* output)
    : around_(options.memory, options.seed, &now_), output_(output) {
  around_.release_start = options.release_start;
}

Emulator::~Emulator() = default;

bool Emulator::find_way(Target target, uint16_t number, uint32_t length, uint32_t id, uint8_t port, Way* way) {
  if (target == Target::kPipe) {
    way->pipe = pipe(number);
    if (way->pipe) way->set = &way->pipe->own();
  } else if (number < sets_.size() && sets_[number]) {
    way->set = sets_[number].get();
    way->pipe = pipe(way->set->settings.scheduler);
  }
  if (!way->set) {
    ++drops_[Cause::kNoTarget];
    const bool to_pipe = target == Target::kPipe;
    around_.drop_log.add(to_pipe ? number : 0, to_pipe ? 0 : number, Cause::kNoTarget, length, id, port);
    return false;
  }
  FlowSet& set = *way->set;
  ++set.packets;
  set.bytes += length;
  if (!way->pipe) {
    set.sink.count(Cause::kNoTarget, length, id, port);
    return false;
  }
  if (set.loss.active() && set.loss.drops()) {
    set.sink.count(Cause::kLoss, length, id, port);
    return false;
  }
  return true;
}

Outcome Emulator::submit(Target target, uint16_t number, const uint8_t* frame, uint32_t length, const Mark& mark,
                         Time now) {
  if (now < now_) now = now_;
  now_ = now;
  Way way;
  if (!find_way(target, number, length, mark.id, mark.port, &way)) return Outcome::kDropped;
  if (way.pipe->passes(now)) {
    way.pipe->pass(length);
    return Outcome::kPass;
  }
  Packet* packet = around_.pool.take(length);
  if (!packet) {
    way.set->sink.count(Cause::kMemory, length, mark.id, mark.port);
    return Outcome::kDropped;
  }
  if (length > 0) std::memcpy(packet->data(), frame, length);
  packet->flow_set = way.set->number;
  packet->port = mark.port;
  packet->flags = mark.flags;
  packet->cookie = mark.cookie;
  packet->id = mark.id;
  way.pipe->enter(way.set, packet, now, false);
  return Outcome::kTaken;
}

Outcome Emulator::submit(Target target, uint16_t number, Packet* packet, Time now) {
  if (now < now_) now = now_;
  Way way;
  if (!find_way(target, number, packet->length, packet->id, packet->port, &way)) {
    around_.pool.give(packet);
    return Outcome::kDropped;
  }
  if (way.pipe->passes(now)) {
    way.pipe->pass(packet->length);
    return Outcome::kPass;
  }
  packet->flow_set = way.set->number;
  way.pipe->enter(way.set, packet, now, false);
  return Outcome::kTaken;
}

void Emulator::advance(Time now) {
  while (around_.events.next() <= now) run(around_.events.first(), now);
  if (now > now_) now_ = now;
  if (now >= next_sweep_) sweep(now);
}

// All that an instance has to do before another one's turn comes. Its place in the heap is put right in the end.
void Emulator::run(Instance* instance, Time now) {
  Time until = std::min(now, around_.events.first_until(instance));
  for (Time at = instance->due(); at <= until; at = instance->due()) {
    if (at > now_) now_ = at;
    if (instance->serve_at <= at) {
      // Drops are written down with the time that it is now.
      instance->pipe->serve(instance, at, true, around_.drop_log.on() ? at : until);
      continue;
    }
    Packet* packet = instance->line.pop();
    instance->pipe->came_out(packet->length);
    output_->leave(packet, at);
    until = std::min(now, around_.events.first_until(instance));  // it may have been put in elsewhere
  }
  around_.events.update(instance);
}

void Emulator::sweep(Time now) {
  next_sweep_ = now + kSweepEvery;
  for (const auto& pipe : pipes_) {
    if (pipe) pipe->sweep(now - settings_.expire, now);
  }
}

void Emulator::flush() {
  for (const auto& pipe : pipes_) {
    if (pipe) pipe->flush();
  }
}

}  // namespace nm::emulator
