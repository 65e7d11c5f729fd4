// A persistent port that is on no switch: what it sends goes nowhere, and nothing comes.
#pragma once

#include "data_path.h"

namespace nm {

class UnattachedPath : public DataPath {
 public:
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
};

}  // namespace nm
