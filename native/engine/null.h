// The null port: frames vanish, nothing ever arrives.
#pragma once

#include "data_path.h"

namespace nm {

class NullPath : public DataPath {
 public:
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
};

}  // namespace nm
