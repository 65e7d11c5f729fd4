// What serialises bits: when the next packet may start, and when its last bit is out.
#pragma once

#include <cstdint>
#include <memory>

#include "time.h"

namespace nm::emulator {

struct LinkSettings;

// When a packet is on the wire, rounded up to whole nanoseconds: never earlier than it could be.
struct Sent {
  Time first;  // its first bit starts, `extra` being over
  Time last;   // its last bit is out
};

class Wire {
 public:
  virtual ~Wire() = default;
  // When a packet that waits at `now` may start: `now` or later.
  virtual Time free_at(Time now) = 0;
  // Puts a packet on the wire, at or after free_at(). `waited`: the wire was not idle before it, so it starts when its
  // forerunner ended, which may be a part of a nanosecond before `now`. `extra` ns are spent on it before its bits.
  virtual Sent send(uint64_t bits, Time extra, Time now, bool waited) = 0;
  // Until when what has been sent so far occupies it.
  virtual Time busy_until() const = 0;
  // Of what has been sent so far, the billionths of a bit that are not out at `now`.
  virtual unsigned __int128 work_left(Time now) const {
    return busy_until() > now ? static_cast<unsigned __int128>(busy_until() - now) * bandwidth(now) : 0;
  }
  // Takes the place of another wire at `now`. Returns when what was on that one is out now.
  virtual Time take_over(const Wire& old, Time now) = 0;
  // bit/s at `now`; 0: unlimited.
  virtual uint64_t bandwidth(Time now) const = 0;
  // The delay of a packet whose last bit is out at `at`, where the wire has a say in it; else kNever.
  virtual Time delay(Time) const { return kNever; }

  // What the settings ask for. Traces begin at `now`.
  static std::unique_ptr<Wire> make(const LinkSettings& settings, Time now);
};

}  // namespace nm::emulator
