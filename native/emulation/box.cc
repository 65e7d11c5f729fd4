#include "box.h"

namespace nm {

using classifier::Action;
using classifier::Passport;
using classifier::Verdict;
using emulator::Outcome;
using emulator::Packet;
using emulator::Target;

namespace {

Target target_of(const Verdict& verdict) {
  return verdict.action == Action::kPipe ? Target::kPipe : Target::kQueue;
}

}  // namespace

Box::Box(std::shared_ptr<classifier::Ruleset> rules, const emulator::EmulatorOptions& options, uint32_t lane,
         Exit* exit)
    : rules_(std::move(rules)), matcher_(rules_, lane), emulator_(options, this), exit_(exit) {
  emulator_.set_cookies(this);
}

void Box::name_ports(std::string_view inside, std::string_view outside) {
  inside_ = rules_->port(inside);
  outside_ = rules_->port(outside);
}

// Frames from the inside are out.
classifier::Path Box::path(Direction direction) const {
  const bool out = direction == Direction::kOut;
  return {direction, out ? inside_ : outside_, out ? outside_ : inside_};
}

bool Box::configure(std::string_view commands, const emulator::FileReader& files, Time now, Refusal* refusal,
                    std::string* output, std::vector<std::string>* notes) {
  BoxChange change(rules_.get(), emulator_.settings(), files);
  if (!change.read(commands, refusal) || !change.commit({this}, now, refusal)) return false;
  change.clear_up();
  *output += change.output();
  *notes = change.notes();
  return true;
}

uint32_t Box::keep(const Passport& passport) {
  if (free_.empty()) {
    kept_.push_back(passport);
    return static_cast<uint32_t>(kept_.size());
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  kept_[index] = passport;
  return index + 1;
}

void Box::forget(uint32_t cookie) {
  free_.push_back(cookie - 1);
}

uint32_t Box::copy(uint32_t cookie) {
  const Passport passport = kept_[cookie - 1];
  return keep(passport);
}

void Box::put(const classifier::Frame* frames, size_t count, Direction direction, uint8_t flags, Time now,
              uint8_t* passes, uint32_t id) {
  const classifier::Path way = path(direction);
  if (verdicts_.size() < count) verdicts_.resize(count);
  const bool again = !rules_->program()->settings.one_pass;
  if (again) passports_.assign(count, Passport());
  matcher_.classify(frames, count, way, now, verdicts_.data(), again ? passports_.data() : nullptr);
  emulator::Mark mark;
  mark.port = static_cast<uint8_t>(direction);
  mark.flags = flags;
  mark.id = id;
  for (size_t i = 0; i < count; ++i) {
    Verdict verdict = verdicts_[i];
    passes[i] = 0;
    for (;;) {
      if (verdict.action == Action::kAllow || verdict.action == Action::kDeny) {
        passes[i] = verdict.action == Action::kAllow;
        denied_ += passes[i] == 0;
        break;
      }
      const bool goes_on = again && !verdict.one_pass;
      mark.cookie = goes_on ? keep(passports_[i]) : 0;
      const Outcome outcome =
          emulator_.submit(target_of(verdict), verdict.target, frames[i].data, frames[i].length, mark, now);
      if (outcome == Outcome::kTaken) break;
      if (mark.cookie) forget(mark.cookie);
      if (outcome == Outcome::kDropped) break;
      if (!goes_on) {
        passes[i] = 1;
        break;
      }
      verdict = matcher_.resume(frames[i], way, now, passports_[i]);
    }
  }
}

void Box::leave(Packet* packet, Time at) {
  const auto direction = static_cast<Direction>(packet->port);
  while (packet->cookie) {
    const uint32_t index = packet->cookie - 1;
    const classifier::Frame frame{packet->data(), packet->length, packet->length};
    const Verdict verdict = matcher_.resume(frame, path(direction), at, kept_[index]);
    if (verdict.action == Action::kAllow || verdict.action == Action::kDeny || verdict.one_pass) {
      packet->cookie = 0;
      free_.push_back(index);
    }
    if (verdict.action == Action::kAllow) break;
    if (verdict.action == Action::kDeny) {
      ++denied_;
      emulator_.release(packet);
      return;
    }
    if (emulator_.submit(target_of(verdict), verdict.target, packet, at) != Outcome::kPass) return;
  }
  exit_->out(direction, packet, at);
}

}  // namespace nm
