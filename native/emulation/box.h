// A box in the wire: ipfw's rules decide about frames, pipes and queues hold them back. Rules and emulator in one, with
// one language and one clock. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../classifier/matcher.h"
#include "../classifier/ruleset.h"
#include "../emulator/emulator.h"
#include "box_change.h"

namespace nm {

using emulator::Time;

class Box final : private emulator::Output, private emulator::Cookies {
 public:
  using Direction = classifier::Direction;

  // Takes what comes out of pipes. The packet is the exit's until it is handed to release().
  class Exit {
   public:
    virtual ~Exit() = default;
    virtual void out(Direction direction, emulator::Packet* packet, Time at) = 0;
  };

  using Refusal = BoxChange::Refusal;

  // `lane`: of the matcher, see Matcher.
  Box(std::shared_ptr<classifier::Ruleset> rules, const emulator::EmulatorOptions& options, uint32_t lane, Exit* exit);

  // Names of the ports as rules know them.
  void name_ports(std::string_view inside, std::string_view outside);

  // A BoxChange of this box alone, at once. What commands print is appended to `output`.
  bool configure(std::string_view commands, const emulator::FileReader& files, Time now, Refusal* refusal,
                 std::string* output, std::vector<std::string>* notes);

  // The settings of another box, at once and as a whole.
  void adopt(const emulator::Settings& settings, Time now) { emulator_.apply(settings, now); }

  // Frames that go one way. passes[i]: nothing holds frame i back, it is the caller's to send; else it was copied (with
  // `flags` and `id`, which are the caller's), or dropped. Let due packets out first, by advance().
  void put(const classifier::Frame* frames, size_t count, Direction direction, uint8_t flags, Time now, uint8_t* passes,
           uint32_t id = 0);
  void advance(Time now) { emulator_.advance(now); }
  Time next() const { return emulator_.next(); }
  void release(emulator::Packet* packet) { emulator_.release(packet); }

  emulator::Emulator& emulator() { return emulator_; }
  const emulator::Emulator& emulator() const { return emulator_; }
  uint64_t denied() const { return denied_; }
  classifier::Matcher& matcher() { return matcher_; }
  // Packets inside, those included that an exit has not released yet.
  uint64_t inside() const { return emulator_.pool().packets(); }
  // Frames inside that go on with the rules when they come out.
  size_t passports_kept() const { return kept_.size() - free_.size(); }

 private:
  void leave(emulator::Packet* packet, Time at) override;
  void forget(uint32_t cookie) override;
  uint32_t copy(uint32_t cookie) override;
  uint32_t keep(const classifier::Passport& passport);
  classifier::Path path(Direction direction) const;

  std::shared_ptr<classifier::Ruleset> rules_;
  classifier::Matcher matcher_;
  emulator::Emulator emulator_;
  Exit* exit_;
  uint16_t inside_ = 0, outside_ = 0;
  uint64_t denied_ = 0;
  // Of the batch at hand.
  std::vector<classifier::Verdict> verdicts_;
  std::vector<classifier::Passport> passports_;
  // Of packets that go on with the rules behind the one that sent them into a pipe; by cookie - 1.
  std::vector<classifier::Passport> kept_;
  std::vector<uint32_t> free_;
};

}  // namespace nm
