#include "loss.h"

namespace nm::emulator {

Loss::Loss(const LossSettings& settings, const Dice& dice) : dice_(dice) {
  change(settings);
}

void Loss::change(const LossSettings& s) {
  good_ = Probability(s.good);
  to_bad_ = Probability(s.to_bad);
  bad_ = Probability(s.bad);
  to_good_ = Probability(s.to_good);
  active_ = !s.none();
  bursty_ = s.to_bad > 0;
  if (!bursty_) in_bad_ = false;
}

bool Loss::drops() {
  if (!bursty_) return dice_.roll(good_);
  if (dice_.roll(in_bad_ ? to_good_ : to_bad_)) in_bad_ = !in_bad_;
  return dice_.roll(in_bad_ ? bad_ : good_);
}

}  // namespace nm::emulator
