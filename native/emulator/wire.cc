#include "wire.h"

#include "constant_wire.h"
#include "opportunity_wire.h"
#include "settings.h"
#include "table_wire.h"
#include "tick_wire.h"

namespace nm::emulator {

std::unique_ptr<Wire> Wire::make(const LinkSettings& s, Time now) {
  if (s.trace && s.trace->kind() == Trace::Kind::kTable) return std::make_unique<TableWire>(s.trace, now);
  if (s.trace) return std::make_unique<OpportunityWire>(s.trace, now);
  if (s.tick) return std::make_unique<TickWire>(s.bandwidth, s.burst * 8, s.gift, s.tick, s.delay);
  return std::make_unique<ConstantWire>(s.bandwidth, s.burst * 8);
}

}  // namespace nm::emulator
