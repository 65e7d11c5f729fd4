// The way of a packet through a pipe.
#include "pipe.h"

namespace nm::emulator {

bool Pipe::passes(Time now) const {
  return transparent_ && only_->line.empty() && !only_->scheduler->backlogged() && only_->wire->busy_until() <= now;
}

Instance* Pipe::find_instance(const FlowKey& flow, Time now) {
  const FlowKey key = flow.masked(mask_);
  const uint64_t hash = key.hash(around_->seed);
  Instance* found = instances_.find(key, hash);
  if (!found) {
    MemoryShare memory(&around_->pool.memory(), Instance::memory_of(buckets_) + Scheduler::memory_of(type_, fair_));
    if (!memory) return nullptr;
    found = instances_.add(make_instance(now), key, hash);
    found->memory = std::move(memory);
  }
  found->used = now;
  return found;
}

Queue* Pipe::find_queue(Instance* instance, FlowSet* set, const FlowKey& flow, Time now) {
  FlowKey key = flow.masked(set->settings.mask);
  key.set = set->number;
  const uint64_t hash = key.hash(around_->seed);
  Queue* found = instance->queues.find(key, hash);
  if (found) return found;
  std::unique_ptr<Queue> made(new (&around_->queues) Queue(set, key, now));
  if (!made) return nullptr;
  found = instance->queues.add(std::move(made), key, hash);
  instance->scheduler->adopt(found);
  return found;
}

void Pipe::enter(FlowSet* set, Packet* packet, Time now, bool again) {
  const bool masked = !only_;
  const bool own_queue = !per_flow_ || set == &own_;
  FlowKey flow;
  if (masked || !(own_queue || set->settings.mask.empty())) {
    flow = FlowKey::read(packet->data(), packet->length);
    flow.set = set->number;
  }
  Instance* instance = masked ? find_instance(flow, now) : only_.get();
  Queue* queue = !instance ? nullptr : own_queue ? &instance->own : find_queue(instance, set, flow, now);
  if (!queue) {
    set->sink.drop(packet, Cause::kMemory);
    return;
  }
  Scheduler* scheduler = instance->scheduler.get();
  const bool quiet = instance->serve_at == kNever;
  if (quiet && !scheduler->backlogged() && instance->wire->busy_until() <= now) scheduler->restart();
  if (again) {
    scheduler->accept(queue, packet);
  } else if (!scheduler->enqueue(queue, packet, now)) {
    return;
  }
  if (quiet) {
    serve(instance, now, false, now);
    around_->events.update(instance);
  }
}

void Pipe::serve(Instance* instance, Time at, bool waited, Time until) {
  Scheduler* scheduler = instance->scheduler.get();
  while (scheduler->backlogged()) {
    const Time free = instance->wire->free_at(at);
    if (free > at) {
      instance->serve_at = free;
      if (free > until || free > instance->line.next()) return;
      at = free;
    }
    Packet* packet = scheduler->dequeue(at);
    if (!packet) break;
    transmit(instance, packet, at, waited);
    waited = true;
  }
  instance->serve_at = kNever;
}

void Pipe::transmit(Instance* instance, Packet* packet, Time now, bool waited) {
  const bool impaired = !impairments_.none();
  bool lost = false;
  const Time extra = impaired && link_.profile ? impairments_.extra(&lost) : 0;
  const Sent sent = instance->wire->send(link_.bits_of(packet->length), extra, now, waited);
  instance->on_wire = kNever;
  ++counts_.packets;
  counts_.bytes += packet->length;
  const Time wait = sent.last - packet->time;
  counts_.waited_sum += wait;
  if (wait > counts_.waited_most) counts_.waited_most = wait;

  Time delay = wire_delays_ ? instance->wire->delay(sent.last) : link_.delay;
  if (delay == kNever) delay = link_.delay;
  const Time base = release_start_ ? sent.first : sent.last;
  if (!impaired) {
    put_on_line(instance, packet, base + delay, false);
    return;
  }
  if (!survives(packet, lost)) return;
  const Time varied = delay + impairments_.jitter();
  if (varied > 0)
    delay = varied;
  else if (varied < 0)
    delay = 0;
  Packet* copy = impairments_.duplicates() ? around_->pool.copy(*packet) : nullptr;
  if (copy) ++impairments_.duplicated;
  if (impairments_.reorders()) {
    ++impairments_.reordered;
    put_on_line(instance, packet, base + delay + link_.hold, true);
  } else {
    put_on_line(instance, packet, base + delay, false);
  }
  if (copy) put_on_line(instance, copy, base + delay, false);
}

// What the wire does to a packet. False: it was lost there, and is gone.
bool Pipe::survives(Packet* packet, bool lost) {
  if (lost) {
    exit_.drop(packet, Cause::kProfile);
    return false;
  }
  if (impairments_.destroys(uint64_t{packet->length} * 8)) {
    exit_.drop(packet, Cause::kBitErrors);
    return false;
  }
  impairments_.maybe_corrupt(packet);
  return true;
}

void Pipe::put_on_line(Instance* instance, Packet* packet, Time leaves, bool stray) {
  DelayLine& line = instance->line;
  if (link_.delay_limit && line.bytes() + packet->length > link_.delay_limit) {
    exit_.drop(packet, Cause::kDelayLine);
    return;
  }
  const Time joined = packet->time;
  packet->time = leaves;
  if (stray || (link_.jitter.reorder && leaves < line.last())) {
    line.push_stray(packet);
  } else {
    line.push(packet);
    instance->on_wire = packet->time;
  }
  const Time transit = packet->time - joined;
  counts_.transit.add(transit);
  counts_.transit_sum += transit;
  if (transit < counts_.transit_least) counts_.transit_least = transit;
  if (transit > counts_.transit_most) counts_.transit_most = transit;
}

}  // namespace nm::emulator
