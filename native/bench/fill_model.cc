// The ring fill of bench/programs/fill.ts in C++: a length into each slot and a number into its buffer.
#include <vector>

#include "model.h"

namespace {

struct Slot {
  uint32_t buffer;
  uint16_t length, flags;
  uint64_t pointer;
};

constexpr uint32_t kSlots = 1024;

}  // namespace

int main(int argc, char** argv) {
  const double warm_up = model::argument(argc, argv, "--warm-up", 0.2);
  const double seconds = model::argument(argc, argv, "--seconds", 1);
  const auto frame = static_cast<uint16_t>(model::argument(argc, argv, "--frame", 60));
  const auto stride = static_cast<size_t>(model::argument(argc, argv, "--stride", 2112));

  uint8_t* buffers = model::shared(kSlots * stride);
  std::vector<Slot> ring(kSlots);
  for (uint32_t i = 0; i < kSlots; ++i) ring[i].buffer = i;
  volatile Slot* slots = ring.data();

  uint32_t number = 0, i = 0;
  uint64_t packets = 0;
  const double start = model::now() + warm_up;
  double from = 0, at = 0;
  do {
    for (uint32_t k = 0; k < 16384; ++k) {
      slots[i].length = frame;
      auto* word = reinterpret_cast<volatile uint32_t*>(buffers + slots[i].buffer * stride);
      word[11] = number++;
      i = i + 1 == kSlots ? 0 : i + 1;
    }
    at = model::now();
    if (from != 0) {
      packets += 16384;
    } else if (at >= start) {
      from = at;
    }
  } while (from == 0 || at < from + seconds);
  model::result("rate", static_cast<double>(packets) / (at - from) / 1e6);
}
