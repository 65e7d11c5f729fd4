// Rules as a filter of received frames, on the thread of JavaScript.
#pragma once

#include <memory>
#include <vector>

#include "../classifier/matcher.h"
#include "../traffic/frame_filter.h"

namespace nm {

class RuleFilter final : public traffic::FrameFilter {
 public:
  // `recv`: the receiving port, as the ruleset numbers it.
  RuleFilter(std::shared_ptr<classifier::Matcher> matcher, uint16_t recv) : matcher_(std::move(matcher)) {
    path_.recv = recv;
  }

  void judge(const traffic::FrameView* frames, size_t count, int64_t now, uint8_t* pass) override {
    if (frames_.size() < count) {
      frames_.resize(count);
      verdicts_.resize(count);
    }
    for (size_t i = 0; i < count; ++i) frames_[i] = {frames[i].data, frames[i].length, frames[i].length};
    matcher_->classify(frames_.data(), count, path_, now, verdicts_.data());
    for (size_t i = 0; i < count; ++i) pass[i] = verdicts_[i].action == classifier::Action::kAllow ? 1 : 0;
  }

 private:
  std::shared_ptr<classifier::Matcher> matcher_;
  classifier::Path path_;
  std::vector<classifier::Frame> frames_;
  std::vector<classifier::Verdict> verdicts_;
};

}  // namespace nm
