#include "pipe.h"

#include <algorithm>

#include "constant_wire.h"

namespace nm::emulator {
namespace {

enum : uint64_t { kPipeLoss = 0x20, kPipeQueues, kPipeScheduler };

bool is_fair(SchedulerType type) {
  return type == SchedulerType::kFqCodel || type == SchedulerType::kFqPie;
}

}  // namespace

Pipe::Pipe(uint16_t number, Surroundings* surroundings)
    : number_(number),
      around_(surroundings),
      own_(0, QueueSettings(), &surroundings->pool, &surroundings->drop_log,
           Dice(surroundings->seed, kPipeLoss, number)),
      impairments_(surroundings->seed, number) {
  own_.seed = Dice(surroundings->seed, kPipeQueues, number).next();
  exit_.pool = &surroundings->pool;
  exit_.log = &surroundings->drop_log;
  exit_.pipe = own_.sink.pipe = number;
}

Pipe::~Pipe() {
  each_instance([this](Instance* instance) { around_->events.remove(instance); });
  for (const auto& instance : leaving_) around_->events.remove(instance.get());
}

Pipe::Change Pipe::configure(const PipeSettings& pipe, const SchedulerSettings* scheduler, bool queues, bool io_fast,
                             Time now) {
  LinkSettings link = pipe.link;
  if (link.bandwidth == 0 && link.profile) link.bandwidth = link.profile->bandwidth();
  // io_fast lets a flow below the bandwidth pass without waiting for its own bits: a credit of a millisecond does that.
  if (io_fast && !link.tick) link.burst = std::max(link.burst, link.bandwidth / 8000);
  link.gift = io_fast;

  const SchedulerType type_before = type_;
  const FairSettings fair_before = fair_;
  const bool named = scheduler && scheduler->type;
  type_ = named ? *scheduler->type : pipe.type.value_or(queues ? SchedulerType::kWf2q : SchedulerType::kFifo);
  fair_ = named ? scheduler->fair : pipe.fair;
  mask_ = scheduler && scheduler->mask ? *scheduler->mask : pipe.mask.value_or(FlowKey());
  buckets_ = scheduler ? scheduler->buckets : pipe.queue.buckets;
  per_flow_ = type_ != SchedulerType::kFifo && !is_fair(type_);

  const bool wires = !configured_ || !link.same_wire(link_);
  link_ = std::move(link);
  wire_delays_ = link_.trace || link_.tick;
  release_start_ = link_.release == Release::kStart || (link_.release == Release::kAuto && around_->release_start);
  impairments_.change(link_);
  transparent_ = link_.bandwidth == 0 && link_.delay == 0 && !link_.trace && impairments_.none() && mask_.empty();
  own_.settings = pipe.queue;
  own_.loss.change(pipe.queue.loss);
  if (configured_ && wires) change_wires(now);

  const bool rebuild = mask_ != built_mask_ || type_ != type_before || (is_fair(type_) && !(fair_ == fair_before));
  if (!configured_) {
    configured_ = true;
    built_mask_ = mask_;
    if (mask_.empty()) only_ = make_instance(now);
    return Change::kNone;
  }
  if (!rebuild) adopt(&own_, now);
  return rebuild ? Change::kRebuild : Change::kNone;
}

std::unique_ptr<Instance> Pipe::make_instance(Time now) {
  auto instance = std::make_unique<Instance>(this, &own_, buckets_, around_->instances++, now);
  make_scheduler(instance.get());
  instance->wire = Wire::make(link_, now);
  if (busy_until_ > now) {
    ConstantWire before(0, 0);
    before.hold(busy_until_);
    instance->wire->take_over(before, now);
  }
  instance->line.set_last(last_out_);
  return instance;
}

void Pipe::make_scheduler(Instance* instance) {
  const uint64_t seed = Dice(around_->seed, kPipeScheduler, number_).next() + instance->number;
  instance->scheduler = Scheduler::make(type_, fair_, &own_, seed);
  instance->scheduler->adopt(&instance->own);
}

// Whatever is on a wire goes on at the new bandwidth.
void Pipe::change_wires(Time now) {
  each_instance([&](Instance* instance) {
    std::unique_ptr<Wire> wire = Wire::make(link_, now);
    const Time before = instance->wire->busy_until(), after = wire->take_over(*instance->wire, now);
    if (before > now && instance->on_wire == instance->line.last()) instance->line.move_last(after - before);
    instance->on_wire = kNever;
    instance->wire = std::move(wire);
    if (instance->serve_at != kNever) instance->serve_at = instance->wire->free_at(now);
    around_->events.update(instance);
  });
}

void Pipe::take_apart(PacketList* out, Time now) {
  std::vector<std::unique_ptr<Instance>> gone;
  each_instance([&](Instance* instance) {
    instance->scheduler->drain(out);
    instance->queues.clear();
    instance->serve_at = kNever;
    around_->events.update(instance);
    if (mask_ == built_mask_) {
      instance->own.turn = Turn();
      instance->own.manage(now);
      make_scheduler(instance);
    }
  });
  if (mask_ == built_mask_) return;
  gone = instances_.take_all();
  if (only_) gone.push_back(std::move(only_));
  for (auto& instance : gone) {
    busy_until_ = std::max(busy_until_, instance->wire->busy_until());
    last_out_ = std::max(last_out_, instance->line.last());
    around_->events.update(instance.get());
    if (!instance->line.empty()) leaving_.push_back(std::move(instance));
  }
  built_mask_ = mask_;
  if (mask_.empty()) only_ = make_instance(now);
}

void Pipe::adopt(const FlowSet* set, Time now) {
  each_instance([&](Instance* instance) {
    auto tell = [&](Queue* queue) {
      if (queue->set != set) return;
      queue->manage(now);
      instance->scheduler->adopt(queue);
    };
    tell(&instance->own);
    instance->queues.each(tell);
  });
}

void Pipe::flush() {
  auto empty = [&](Instance* instance) {
    PacketList all;
    if (instance->scheduler) {
      instance->scheduler->drain(&all);
      instance->queues.clear();
      instance->own.turn = Turn();
      instance->scheduler->adopt(&instance->own);
    }
    while (!all.empty()) exit_.drop(all.pop(), Cause::kFlushed);
    while (!instance->line.empty()) exit_.drop(instance->line.pop(), Cause::kFlushed);
    instance->serve_at = kNever;
    around_->events.update(instance);
  };
  each_instance(empty);
  for (const auto& instance : leaving_) empty(instance.get());
  leaving_.clear();
}

void Pipe::sweep(Time before, Time now) {
  constexpr size_t kBuckets = 64;
  leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(),
                                [](const std::unique_ptr<Instance>& gone) { return gone->line.empty(); }),
                 leaving_.end());
  auto forget_queues = [&](Instance* instance) {
    instance->queues.sweep(kBuckets, [&](Queue* queue) {
      if (!queue->empty() || queue->used >= before) return false;
      instance->scheduler->forget(queue);
      return true;
    });
  };
  if (only_) forget_queues(only_.get());
  instances_.sweep(kBuckets, [&](Instance* instance) {
    forget_queues(instance);
    return instance->used < before && instance->idle(now);
  });
}

bool Pipe::holds_nothing() const {
  bool nothing = true;
  auto look = [&](const Instance* i) { nothing = nothing && i->line.empty() && i->serve_at == kNever; };
  each_instance(look);
  for (const auto& instance : leaving_) look(instance.get());
  return nothing;
}

Pipe::Backlog Pipe::backlog() const {
  Backlog b;
  each_instance([&](const Instance* instance) {
    b.packets += instance->own.packets.count() + instance->scheduler->inner_packets();
    b.bytes += instance->own.packets.bytes() + instance->scheduler->inner_bytes();
    instance->queues.each([&](const Queue* queue) {
      b.packets += queue->packets.count();
      b.bytes += queue->packets.bytes();
    });
    b.line_packets += instance->line.count();
    b.line_bytes += instance->line.bytes();
  });
  for (const auto& instance : leaving_) {
    b.line_packets += instance->line.count();
    b.line_bytes += instance->line.bytes();
  }
  return b;
}

uint64_t Pipe::bandwidth(Time now) const {
  uint64_t found = link_.bandwidth;
  each_instance([&](const Instance* instance) { found = instance->wire->bandwidth(now); });
  return found;
}

}  // namespace nm::emulator
