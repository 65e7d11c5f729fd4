// A port of a VALE switch. The sender does the work: it looks destinations up, copies, publishes and wakes.
#pragma once

#include <memory>

#include "data_path.h"
#include "indirect.h"
#include "staging.h"
#include "vale_inlet.h"

namespace nm {

class ValePath : public DataPath {
 public:
  ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port, uint32_t adapter,
           const IndirectRanges* indirect);
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;

 private:
  // With offsets on a ring, or a header before each frame, every slot takes a longer way, which others must not pay
  // for.
  template <bool kPlain>
  uint32_t send(RingView& ring, uint32_t hwcur, uint32_t head) noexcept;
  bool usable(const RingView& ring, SlotWord word, uint32_t slot, uint32_t fragment);
  bool stage(const RingView& ring, uint32_t fragment, uint32_t len);
  void flush();
  void look_for_dead_receivers();

  ValeSending sending_;
  ValeInlet inlet_;
  const Adapter& adapter_;
  const IndirectRanges* indirect_;
  std::unique_ptr<Staging> staging_;  // where NS_INDIRECT may point anywhere: what it pointed at
  int64_t last_look_ = 0;
};

}  // namespace nm
