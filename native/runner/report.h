// What threads have done, as JSON: times in ns, sizes in bytes.
#pragma once

#include <string>

#include "runner.h"

namespace nm::runner {

// {lanes: [{direction, packets, bytes, outPackets, outBytes, straight, waiting: {packets, bytes}, noRoom, bad, first,
//           last, late: {times, p50, p90, p99, most}}],
//  emulator: see emulator/report.h, denied, inside, pauses: as late}
std::string report(const Worker& worker);

// The same of a box without a thread: no lanes, no pauses.
std::string report(const Box& box);

}  // namespace nm::runner
