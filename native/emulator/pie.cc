#include "pie.h"

#include <algorithm>

#include "ecn.h"

namespace nm::emulator {
namespace {

constexpr uint64_t kFewBytes = 2 * 800;  // in a queue so short nothing is dropped early

// RFC 8033: small probabilities are changed by small steps.
double damping(double p) {
  if (p < 1e-6) return 2048;
  if (p < 1e-5) return 512;
  if (p < 1e-4) return 128;
  if (p < 1e-3) return 32;
  if (p < 1e-2) return 8;
  if (p < 1e-1) return 2;
  return 1;
}

double seconds(Time ns) {
  return static_cast<double>(ns) * 1e-9;
}

}  // namespace

void Pie::reset(const PieSettings& settings, Time now) {
  *this = Pie();
  burst_left_ = settings.max_burst;
  next_ = now + settings.update;
  running_ = !settings.on_off;
}

Time Pie::delay_of(const PacketList& queue, const PieSettings& settings) const {
  if (queue.empty()) return 0;
  if (settings.timestamps) return sojourn_;
  return static_cast<Time>(static_cast<double>(queue.bytes()) * cycle_time_ / static_cast<double>(kCycle));
}

void Pie::step(Time delay, const PieSettings& settings) {
  double d = settings.alpha * seconds(delay - settings.target) + settings.beta * seconds(delay - old_delay_);
  d /= damping(p_);
  if (settings.cap_drop && p_ >= 0.1) d = std::min(d, 0.02);
  p_ = std::min(1.0, std::max(0.0, p_ + d));
  if (delay == 0 && old_delay_ == 0) p_ -= p_ / 64;
  if (p_ < 1e-9) p_ = 0;
  if (burst_left_ > 0) burst_left_ = std::max<Time>(0, burst_left_ - settings.update);
  if (p_ == 0 && delay < settings.target / 2 && old_delay_ < settings.target / 2) burst_left_ = settings.max_burst;
  old_delay_ = delay;
}

void Pie::catch_up(const PacketList& queue, const PieSettings& settings, Time now) {
  if (next_ > now) return;
  const Time delay = delay_of(queue, settings);
  constexpr int kMostSteps = 100000;
  int steps = 0;
  for (; next_ <= now; next_ += settings.update) {
    const double before = p_;
    const Time burst_before = burst_left_;
    const bool steady = delay == old_delay_;
    step(delay, settings);
    // Nothing changes any more, or so slowly that it is not worth the time.
    if ((steady && p_ == before && burst_left_ == burst_before) || ++steps == kMostSteps) {
      next_ += (now - next_) / settings.update * settings.update;
    }
  }
}

bool Pie::early_drop(const PacketList& queue, const PieSettings& settings, Dice* dice) {
  if (burst_left_ > 0) return false;
  if ((old_delay_ < settings.target / 2 && p_ < 0.2) || queue.bytes() <= kFewBytes) return false;
  if (!settings.derandomize) return dice->uniform() < p_;
  accumulated_ = p_ == 0 ? 0 : accumulated_ + p_;
  if (accumulated_ < 0.85) return false;
  if (accumulated_ < 8.5 && dice->uniform() >= p_) return false;
  accumulated_ = 0;
  return true;
}

bool Pie::admit(Packet* packet, const PacketList& queue, double share, const PieSettings& settings, Time now,
                Dice* dice, DropSink* sink) {
  if (settings.on_off && !running_) {
    if (share < 1.0 / 3) return true;
    reset(settings, now);
    running_ = true;
  }
  catch_up(queue, settings, now);
  if (!early_drop(queue, settings, dice)) return true;
  if (settings.ecn && p_ < settings.max_ecn && mark_congestion(packet->data(), packet->length)) {
    ++sink->marked;
    return true;
  }
  sink->drop(packet, Cause::kPie);
  return false;
}

void Pie::left(const Packet& packet, const PacketList& queue, const PieSettings& settings, Time now) {
  if (!running_) return;
  catch_up(queue, settings, now);
  sojourn_ = now - packet.time;
  const uint64_t before = queue.bytes() + packet.length;
  if (measuring_) {
    cycle_bytes_ += packet.length;
    if (cycle_bytes_ >= kCycle) {
      const auto time =
          static_cast<double>(now - cycle_start_) * static_cast<double>(kCycle) / static_cast<double>(cycle_bytes_);
      cycle_time_ = cycle_time_ == 0 ? time : 0.75 * cycle_time_ + 0.25 * time;
      measuring_ = false;
    }
  }
  if (!measuring_ && before >= kCycle) {
    measuring_ = true;
    cycle_start_ = now;
    cycle_bytes_ = 0;
  }
  if (settings.on_off && queue.empty()) running_ = false;
}

}  // namespace nm::emulator
