// What became of the packets of generators: verifies checksums and follows the numbers of each stream.
#pragma once

#include <memory>
#include <unordered_map>

#include "marker.h"
#include "sequence.h"
#include "verify.h"

namespace nm::traffic {

class Audit {
 public:
  // Damaged packets must not fill the memory: so many streams are followed.
  static constexpr size_t kMostStreams = 1024;

  struct Totals : SequenceCounts {
    uint64_t corrupt = 0;
    uint64_t unnumbered = 0;
    uint64_t untracked = 0;  // of streams beyond the limit
    uint64_t streams = 0;
  };

  // False for a damaged packet.
  bool add(const Headers& headers) {
    if (is_corrupt(verify(headers))) {
      ++corrupt_;
      return false;
    }
    Marker marker;
    if (!marker.read(headers)) {
      ++unnumbered_;
      return true;
    }
    if (last_ == nullptr || marker.stream != last_stream_) find(marker.stream);
    if (last_ != nullptr)
      last_->add(marker.number);
    else
      ++untracked_;
    return true;
  }

  Totals totals() const {
    Totals sum;
    sum.corrupt = corrupt_;
    sum.unnumbered = unnumbered_;
    sum.untracked = untracked_;
    sum.streams = streams_.size();
    for (const auto& [id, sequence] : streams_) {
      const SequenceCounts& one = sequence->counts();
      sum.received += one.received;
      sum.lost += one.lost;
      sum.reordered += one.reordered;
      sum.duplicated += one.duplicated;
      sum.restarts += one.restarts;
    }
    return sum;
  }

 private:
  void find(uint32_t stream) {
    auto found = streams_.find(stream);
    if (found == streams_.end()) {
      last_ = nullptr;
      if (streams_.size() >= kMostStreams) return;
      found = streams_.emplace(stream, std::make_unique<Sequence>()).first;
    }
    last_stream_ = stream;
    last_ = found->second.get();
  }

  std::unordered_map<uint32_t, std::unique_ptr<Sequence>> streams_;
  Sequence* last_ = nullptr;  // packets of one generator tend to follow each other
  uint32_t last_stream_ = 0;
  uint64_t corrupt_ = 0;
  uint64_t unnumbered_ = 0;
  uint64_t untracked_ = 0;
};

}  // namespace nm::traffic
