// A delay profile: what a packet costs on the wire besides its bits (contention, framing, link-level retransmissions),
// as an empirical distribution. dummynet's file format:
//
//   name wifi
//   loss-level 0.9     packets whose draw lies at or above it are lost, after they have taken their time
//   bw 10Mbit/s        of the link, if wanted
//   delay prob         or: prob delay
//   0      0.0         ms, fractions allowed; probability 0..1
//   1.2    0.5
//   10     1.0
//
// The inverse of the distribution is the polygon through the points, and draws are made from the polygon itself:
// dummynet tabulates `samples` points of it in whole milliseconds. Before the first point its delay holds, behind the
// last one that one's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "problem.h"
#include "time.h"

namespace nm::emulator {

class Profile {
 public:
  static std::shared_ptr<const Profile> parse(std::string_view text, Problem* problem);

  const std::string& name() const { return name_; }
  double loss_level() const { return loss_level_; }
  uint64_t bandwidth() const { return bandwidth_; }  // 0: the file has none
  // The extra time at probability u, 0 <= u < 1.
  Time extra(double u) const;

 private:
  struct Point {
    double prob;
    double delay;  // ns
  };
  std::string name_;
  double loss_level_ = 1;
  uint64_t bandwidth_ = 0;
  std::vector<Point> points_;  // sorted by (prob, delay)
};

}  // namespace nm::emulator
