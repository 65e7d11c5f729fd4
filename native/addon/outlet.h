// What comes out of a box on the clock of JavaScript's, until it is fetched.
#pragma once

#include <cstdint>
#include <vector>

#include "../emulation/box.h"

namespace nm {

class Outlet final : public Box::Exit {
 public:
  // Whose packets these are.
  void attach(Box* box) { box_ = box; }

  void out(Box::Direction direction, emulator::Packet* packet, Time at) override;
  void add(Box::Direction direction, const uint8_t* data, uint32_t length, uint32_t id, Time at);
  // As many packets as there is room for, `most` at most. A place is four numbers: offset in `bytes`, length, id, 1 for
  // out. Their number; or, where not even one fits, minus the bytes that the first one needs.
  int64_t fetch(uint8_t* bytes, size_t room, double* times, uint32_t* places, size_t most);
  // Bytes of what waits here, and of what has been fetched since nothing did.
  size_t bytes() const { return bytes_.size(); }

 private:
  struct Record {
    Time time;
    size_t offset;
    uint32_t length, id;
    bool out;
  };
  Box* box_ = nullptr;
  std::vector<uint8_t> bytes_;
  std::vector<Record> records_;
  size_t fetched_ = 0;  // of the records
};

}  // namespace nm
