// What happens to packets behind the wire: they take longer, get lost, damaged, doubled, overtaken. Each of these
// follows its own sequence of random numbers.
#pragma once

#include "dice.h"
#include "drop_sink.h"
#include "settings.h"

namespace nm::emulator {

class Impairments {
 public:
  Impairments(uint64_t seed, uint16_t pipe);
  void change(const LinkSettings& settings);
  // None of them ever does anything.
  bool none() const { return none_; }

  // Before the wire: the profile's extra time on it. `*lost`: the packet will not arrive.
  Time extra(bool* lost);
  // Whether bit errors destroy a packet of so many bits.
  bool destroys(uint64_t bits);
  // Flips a bit behind the Ethernet header.
  void maybe_corrupt(Packet* packet);
  // Added to the link's delay; may be negative.
  Time jitter();
  bool reorders() { return reorder_.roll(settings_.reorder); }
  bool duplicates() { return duplicate_.roll(settings_.duplicate); }

  uint64_t corrupted = 0, duplicated = 0, reordered = 0;

 private:
  struct Die {
    explicit Die(const Dice& d) : dice(d) {}
    bool roll(const Probability& p) { return !p.zero() && dice.roll(p); }
    Dice dice;
  };
  struct {
    Probability reorder, duplicate, corrupt;
    std::shared_ptr<const Profile> profile;
    JitterSettings jitter;
    double log_bit_ok = 0;  // ln(1 - ber)
  } settings_;
  Die profile_, errors_, corrupt_, jitter_, reorder_, duplicate_;
  bool none_ = true;
};

}  // namespace nm::emulator
