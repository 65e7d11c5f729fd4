// What is there and what it has done: for people, as dummynet's `show` is, and as JSON.
#pragma once

#include <string>

#include "config/interpreter.h"
#include "emulator.h"

namespace nm::emulator {

// Pipes, queues or schedulers, a few lines each.
std::string show(const Emulator& emulator, const ShowRequest& request);

// Everything, as one object: times in ns, sizes in bytes, rates in bit/s.
//   {time, memory: {held, limit, packets}, drops: {CAUSE: n},
//    pipes: [{number, scheduler, bandwidth, delay, arrived: {packets, bytes}, sent, out, waiting, delayed (the same
//    each),
//             flows, marked, corrupted, duplicated, reordered, wait: {mean, most},
//             transit: {packets, sum, least, mean, most, p50, p90, p99}, drops: {CAUSE: n}}],
//    queues: [{number, pipe, weight, arrived, waiting, flows, marked, drops}]}
// `sent`: their last bit has left; `out`: they are out of the delay line. `wait` is the time from joining the queue to
// the last bit, `transit` that to coming out.
std::string report(const Emulator& emulator);

// The flows of a pipe or of its queues that have queues of their own: [{queue, protocol, source, sourcePort, target,
// targetPort, packets, bytes, dropped, waiting}], at most `most`.
std::string flows(const Emulator& emulator, uint16_t pipe, size_t most);

}  // namespace nm::emulator
