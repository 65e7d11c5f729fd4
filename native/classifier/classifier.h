// The classifier as others see it: ipfw's rules decide about Ethernet frames. It knows packets and time; nothing of
// Node, rings or pipes. What a frame's `pipe` or `queue` is, is the emulator's business.
//
//   Ruleset   rules, tables, sets, ports by name: text commands in, an immutable program out (one, shared by all
//   threads) Matcher   runs that program on frames: one per thread, with its own counters and its own log
//
// A change of the rules is published as a whole; a Matcher takes it up at its next call. No lock is taken on the way of
// a frame, except around dynamic state where the rules keep some.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nm::classifier {

// How a search ends.
enum class Action : uint8_t { kAllow, kDeny, kPipe, kQueue };

// As seen from the inside: frames of the emulator's first port are out, frames to it are in.
enum class Direction : uint8_t { kIn, kOut };

// A frame from its destination address on, without CRC. Where it lies in several buffers, `data` is the first one.
struct Frame {
  uint8_t* data;     // written only by setdscp (then `Verdict::edited`)
  uint32_t present;  // bytes at `data`
  uint32_t length;   // bytes of the whole frame, at least `present`
};

// Where a batch comes from and goes to. Ports are numbers that Ruleset::port() gives to names; 0 is no port.
struct Path {
  Direction direction = Direction::kIn;
  uint16_t recv = 0;
  uint16_t xmit = 0;
};

struct Verdict {
  Action action = Action::kAllow;
  bool one_pass = true;  // pipe, queue: accepted when it comes out; else Matcher::resume() with its passport
  bool edited = false;   // bytes of the frame were changed
  bool logged = false;   // at least one rule with `log` matched
  uint16_t target = 0;   // number of the pipe or queue
  uint16_t number = 0;   // of the rule that decided, 65535 for the default rule
  uint32_t rule = 0;     // its id: unique for the Ruleset's life
};

// What belongs to a frame besides its bytes: tags, mark, call stack, and where the search goes on after a pipe. Plain
// bytes: whoever holds the frame may copy it. A new one is all zero.
struct Passport {
  static constexpr int kTags = 16;
  static constexpr int kCalls = 16;
  uint64_t version = 0;   // of the program that `position` belongs to
  uint32_t rule = 0;      // id of the rule that sent the frame away, 0: none
  uint32_t position = 0;  // of the rule after it
  uint32_t mark = 0;
  uint16_t number = 0;  // of that rule
  uint8_t tag_count = 0;
  uint8_t call_count = 0;
  uint16_t tags[kTags] = {};
  uint16_t calls[kCalls] = {};  // numbers of the rules that called
};

}  // namespace nm::classifier

// Ruleset (ruleset.h):
//   static std::shared_ptr<Ruleset> Ruleset::create(const Options&);   default action, seed, most dynamic states
//   uint16_t port(std::string_view name);                              number of a port's name, the same every time
//   bool apply(std::string_view commands, Problem&, std::string* output);    one command a line, all or none
//   std::unique_ptr<Change> change();      the same in steps, for configurations that are only partly ours:
//     bool Change::command(std::string_view line, Problem&, std::string* output);
//     void Change::commit();
//   static bool Ruleset::owns(std::string_view line);   whether a command is the classifier's (not pipe, queue, sched)
//
// Matcher (matcher.h):
//   Matcher(std::shared_ptr<Ruleset>, uint32_t lane);                  lane: which of the seed's random sequences it
//   draws from void classify(const Frame*, size_t count, const Path&, int64_t now_ns, Verdict*, Passport* = nullptr);
//       `now_ns` counts from anywhere, never backwards: the virtual clock's, or the monotonic one's.
//       Passports (one per frame) are needed where a frame may come back by resume(); without them each begins empty.
//   Verdict resume(const Frame&, const Path&, int64_t now_ns, Passport&);
//       after a pipe or queue whose verdict was not one_pass: goes on at the rule after the one that sent it there.
