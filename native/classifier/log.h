// What rules with `log` have matched: a bounded ring from the matching thread to the one that reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "classifier.h"
#include "rule.h"

namespace nm::classifier {

struct LogEntry {
  int64_t time = 0;
  uint32_t rule = 0;  // id
  uint16_t number = 0;
  Rule::Verb verb = Rule::Verb::kAllow;
  Direction direction = Direction::kIn;
  uint32_t argument = 0;  // of the action
  uint16_t recv = 0;
  uint16_t xmit = 0;
  uint32_t length = 0;  // of the frame
  uint32_t kept = 0;    // bytes of it that are here
  const uint8_t* data = nullptr;
};

// One writer, one reader.
class Log {
 public:
  // Nothing is allocated before the first entry.
  Log(uint32_t entries, uint32_t snaplen) : capacity_(entries), snaplen_(snaplen) {}

  void write(const LogEntry& entry, const Frame& frame);

  // Shows each entry and forgets it. The bytes are good until `visit` returns.
  template <class Visit>
  void drain(Visit visit) {
    uint64_t at = read_.load(std::memory_order_relaxed);
    for (const uint64_t end = written_.load(std::memory_order_acquire); at != end; ++at) {
      visit(entries_[at % capacity_]);
      read_.store(at + 1, std::memory_order_release);
    }
  }
  // Entries that found no room.
  uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  bool empty() const { return read_.load(std::memory_order_relaxed) == written_.load(std::memory_order_acquire); }

 private:
  uint64_t capacity_;
  uint32_t snaplen_;
  std::vector<LogEntry> entries_;
  std::vector<uint8_t> bytes_;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> read_{0};
  std::atomic<uint64_t> lost_{0};
};

}  // namespace nm::classifier
