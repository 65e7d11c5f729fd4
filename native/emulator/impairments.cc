#include "impairments.h"

#include <cmath>

namespace nm::emulator {
namespace {

// Purposes of the generators. Changing them changes what a seed means.
enum : uint64_t { kProfile = 0x10, kErrors, kCorrupt, kJitter, kReorder, kDuplicate };

constexpr uint32_t kEthernetHeader = 14;

}  // namespace

Impairments::Impairments(uint64_t seed, uint16_t pipe)
    : profile_(Dice(seed, kProfile, pipe)),
      errors_(Dice(seed, kErrors, pipe)),
      corrupt_(Dice(seed, kCorrupt, pipe)),
      jitter_(Dice(seed, kJitter, pipe)),
      reorder_(Dice(seed, kReorder, pipe)),
      duplicate_(Dice(seed, kDuplicate, pipe)) {}

void Impairments::change(const LinkSettings& s) {
  settings_ = {Probability(s.reorder),   Probability(s.duplicate), Probability(s.corrupt), s.profile, s.jitter,
               std::log1p(-s.bit_errors)};
  none_ =
      !s.profile && s.jitter.amount == 0 && s.reorder == 0 && s.duplicate == 0 && s.corrupt == 0 && s.bit_errors == 0;
}

Time Impairments::extra(bool* lost) {
  const double u = profile_.dice.uniform();
  *lost = u >= settings_.profile->loss_level();
  return settings_.profile->extra(u);
}

bool Impairments::destroys(uint64_t bits) {
  if (settings_.log_bit_ok == 0) return false;
  return errors_.dice.uniform() < -std::expm1(static_cast<double>(bits) * settings_.log_bit_ok);
}

void Impairments::maybe_corrupt(Packet* packet) {
  if (!corrupt_.roll(settings_.corrupt) || packet->length == 0) return;
  const uint32_t first = packet->length > kEthernetHeader ? kEthernetHeader : 0;
  const uint64_t bit = corrupt_.dice.below(uint64_t{packet->length - first} * 8);
  packet->data()[first + bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
  ++corrupted;
}

Time Impairments::jitter() {
  const JitterSettings& j = settings_.jitter;
  if (j.amount == 0) return 0;
  const auto amount = static_cast<double>(j.amount);
  double value = 0;
  switch (j.distribution) {
    case Distribution::kUniform:
      value = amount * (2 * jitter_.dice.uniform() - 1);
      break;
    case Distribution::kNormal:
      value = amount * jitter_.dice.normal();
      break;
    case Distribution::kExponential:
      value = -amount * std::log(1 - jitter_.dice.uniform());
      break;
    case Distribution::kPareto:  // shape 3, scaled to the mean `amount`, beginning at 0
      value = 2 * amount * (std::pow(1 - jitter_.dice.uniform(), -1.0 / 3) - 1);
      break;
  }
  constexpr double kMost = 3600e9;
  return static_cast<Time>(std::llround(value > kMost ? kMost : value));
}

}  // namespace nm::emulator
