// Frames of ports that begin with a virtio-net header, as a wire carries them: the header is gone, and what it left to
// do is done. Checksums are completed, large frames become several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "../classifier/classifier.h"

namespace nm::runner {

class Offload {
 public:
  // A new batch.
  void begin() {
    chunk_ = 0;
    used_ = 0;
  }
  // Appends the frame behind a header of `header_size` bytes. Its checksum is completed where it lies, and the header
  // says from then on that nothing is left to do; but what it becomes if it is a large one lies in memory of this class
  // until the next begin(). False when there is no frame, or the header makes no sense.
  bool unpack(uint8_t* data, uint32_t length, uint32_t header_size, std::vector<classifier::Frame>* out);

 private:
  uint8_t* take();

  std::vector<std::unique_ptr<uint8_t[]>> chunks_;
  size_t chunk_ = 0, used_ = 0;  // where the next segment goes
};

}  // namespace nm::runner
