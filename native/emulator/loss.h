// Random loss before the queue: a fixed probability, or bursts by a chain of two states.
#pragma once

#include "dice.h"

namespace nm::emulator {

// dummynet's `plr K,p,H,r` (Gilbert-Elliott): K and H are the loss in the good and in the bad state, p and r the
// probabilities of changing to the bad and back to the good one, drawn for each packet before its loss. In the long run
// the share r/(p+r) of the packets meets the good state and (K*r + H*p)/(p+r) are lost; bad runs last 1/r packets on
// average. netem writes the same as `gemodel p r 1-H 1-K`.
struct LossSettings {
  double good = 0;     // K, or the fixed probability
  double to_bad = 0;   // p
  double bad = 0;      // H
  double to_good = 0;  // r
  bool none() const { return good == 0 && to_bad == 0; }
  bool operator==(const LossSettings& o) const {
    return good == o.good && to_bad == o.to_bad && bad == o.bad && to_good == o.to_good;
  }
};

class Loss {
 public:
  Loss(const LossSettings& settings, const Dice& dice);
  void change(const LossSettings& settings);  // the state and the sequence go on
  bool active() const { return active_; }
  bool drops();

 private:
  Dice dice_;
  Probability good_, to_bad_, bad_, to_good_;
  bool active_ = false;
  bool bursty_ = false;
  bool in_bad_ = false;
};

}  // namespace nm::emulator
