#include "drop_events.h"

#include "../emulation/box.h"
#include "typed_array.h"

namespace nm {

Napi::Value drop_events(Napi::Env env, const std::vector<emulator::Drop>& drops, double missed) {
  std::vector<double> numbers;
  numbers.reserve(7 * drops.size());
  for (const emulator::Drop& drop : drops) {
    const bool out = drop.port == static_cast<uint8_t>(Box::Direction::kOut);
    for (double number : {static_cast<double>(drop.time), 1.0 * drop.pipe, 1.0 * drop.queue,
                          1.0 * static_cast<int>(drop.cause), 1.0 * drop.length, 1.0 * drop.id, out ? 1.0 : 0.0}) {
      numbers.push_back(number);
    }
  }
  Napi::Array out = Napi::Array::New(env, 2);
  out.Set(0u, Napi::Number::New(env, missed));
  out.Set(1u, new_typed_array(env, numbers));
  return out;
}

}  // namespace nm
