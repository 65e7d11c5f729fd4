// Sends a packet, or a few at once, and measures how long the answers take.
#pragma once

#include <cstdint>
#include <vector>

#include "../device/device.h"
#include "filler.h"
#include "histogram.h"
#include "receiver.h"
#include "sender.h"

namespace nm::traffic {

struct PingSpec {
  uint64_t count = UINT64_MAX;   // questions
  uint32_t burst = 1;            // questions at once
  int64_t interval = 0;          // ns from one burst to the next; 0: the next one follows the last answer
  int64_t timeout = 1000000000;  // ns until a question counts as lost
  uint32_t stream = 0;           // of our markers
  int64_t patience = 0;          // ns: a wait for the next question that is longer is left to the caller
  // How it waits for answers: looking all the time, or in the device's poll.
  Waiting waiting = Waiting::kSpin;
};

struct PingCounters {
  uint64_t sent = 0;
  uint64_t answered = 0;
  uint64_t lost = 0;
  uint64_t late = 0;    // answers to questions that had been given up
  uint64_t others = 0;  // packets that are no answers
  uint64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
};

class Pinger {
 public:
  Pinger(PingSpec spec, Filler filler, TxRing tx, std::vector<RxRing> rx);

  void begin(int64_t now) { due_ = now; }
  // Goes on until `until`, or until there is a reason to pause. Returns an errno.
  int run(Device& device, int64_t until, Pause* pause);
  // What a measurement costs that waits for nothing: makes a question and keeps it, syncs both ways, looks. `n` times.
  int measure_overhead(Device& device, uint32_t n);

  bool waiting() const { return open_ > 0; }
  int64_t wait(int64_t now) const { return due_ - now; }
  const PingCounters& counters() const { return counters_; }
  const Histogram& round_trip() const { return round_trip_; }
  const Histogram& overhead() const { return overhead_; }
  TxRing& tx() { return tx_; }
  std::vector<RxRing>& rx() { return rx_; }

 private:
  int ask(Device& device, int64_t now);
  bool listen(int64_t* now);
  bool answers(uint32_t number);

  const PingSpec spec_;
  Filler filler_;
  TxRing tx_;
  std::vector<RxRing> rx_;
  PingCounters counters_;
  Histogram round_trip_, overhead_;
  // Of the questions that were asked last: the number of the first, which of them have an answer, how many have none.
  uint32_t number_ = 0;
  std::vector<bool> answered_;
  uint32_t open_ = 0;
  int64_t asked_at_ = 0;
  int64_t due_ = 0;
};

}  // namespace nm::traffic
