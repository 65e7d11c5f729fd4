// A frame that lies in several places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nm {

struct Piece {
  const uint8_t* data;
  uint32_t len;
};

// Reads pieces from front to back. They may lie in memory that others write: each byte is read once.
class PieceReader {
 public:
  PieceReader(const Piece* pieces, uint32_t count) : piece_(pieces), end_(pieces + count) { settle(); }

  // What is left in one piece, at most `most` bytes: length 0 when there is nothing left at all.
  Piece next(uint32_t most) {
    if (piece_ == end_) return {nullptr, 0};
    const uint32_t left = piece_->len - at_;
    const Piece part{piece_->data + at_, left < most ? left : most};
    at_ += part.len;
    settle();
    return part;
  }

  // Copies the next bytes; fewer than `size` when there are no more.
  uint32_t read(uint8_t* to, uint32_t size) {
    uint32_t done = 0;
    while (done < size) {
      const Piece part = next(size - done);
      if (part.len == 0) break;
      std::memcpy(to + done, part.data, part.len);
      done += part.len;
    }
    return done;
  }

  void skip(uint32_t size) {
    while (size > 0) {
      const Piece part = next(size);
      if (part.len == 0) break;
      size -= part.len;
    }
  }

 private:
  void settle() {
    while (piece_ != end_ && at_ == piece_->len) {
      ++piece_;
      at_ = 0;
    }
  }

  const Piece* piece_;
  const Piece* end_;
  uint32_t at_ = 0;
};

}  // namespace nm
