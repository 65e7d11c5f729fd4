#include "scheduler.h"

#include "schedulers/fair.h"
#include "schedulers/fifo.h"
#include "schedulers/priority.h"
#include "schedulers/qfq.h"
#include "schedulers/round_robin.h"
#include "schedulers/wf2q.h"

namespace nm::emulator {

uint64_t Scheduler::memory_of(SchedulerType type, const FairSettings& fair) {
  switch (type) {
    case SchedulerType::kFifo:
      return sizeof(Fifo);
    case SchedulerType::kRoundRobin:
      return sizeof(RoundRobin);
    case SchedulerType::kWf2q:
      return sizeof(Wf2q);
    case SchedulerType::kQfq:
      return sizeof(Qfq);
    case SchedulerType::kPriority:
      return sizeof(Priority);
    case SchedulerType::kFqCodel:
    case SchedulerType::kFqPie:
      return Fair::memory_of(fair);
  }
  return 0;
}

std::unique_ptr<Scheduler> Scheduler::make(SchedulerType type, const FairSettings& fair, FlowSet* own, uint64_t seed) {
  switch (type) {
    case SchedulerType::kFifo:
      return std::make_unique<Fifo>();
    case SchedulerType::kRoundRobin:
      return std::make_unique<RoundRobin>();
    case SchedulerType::kWf2q:
      return std::make_unique<Wf2q>();
    case SchedulerType::kQfq:
      return std::make_unique<Qfq>();
    case SchedulerType::kPriority:
      return std::make_unique<Priority>();
    case SchedulerType::kFqCodel:
    case SchedulerType::kFqPie:
      return std::make_unique<Fair>(type == SchedulerType::kFqPie, fair, own, seed);
  }
  return nullptr;
}

}  // namespace nm::emulator
