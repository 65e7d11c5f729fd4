// Ring arithmetic against a model: any number of slots, every start, every move.
#include "../engine/ring_sync.h"

#include <cstring>
#include <vector>

#include "check.h"
#include "random.h"

using namespace nm;

namespace {

// A device that has sent everything as soon as it is asked, or has received as much as it is told to.
struct Model : DataPath {
  uint32_t arrived = 0;  // rx: new slots at the next sync
  uint32_t taken = 0;    // slots of the last sync
  uint32_t tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept override {
    taken = (head + r.n - hwcur) % r.n;
    r.kring->hwcur.store(head);
    r.kring->hwtail.store(r.prev(head));
    return r.prev(head);
  }
  uint32_t rx(RingView& r, uint32_t hwcur, uint32_t head) noexcept override {
    taken = (head + r.n - hwcur) % r.n;
    r.kring->hwcur.store(head);
    const uint32_t tail = (r.kring->hwtail.load() + arrived) % r.n;
    r.kring->hwtail.store(tail);
    return tail;
  }
};

struct Bench {
  alignas(128) uint8_t memory[sizeof(netmap_ring) + 64 * sizeof(netmap_slot)];
  alignas(128) uint8_t kring_memory[sizeof(Kring)];
  RingView view;
  Bench(uint32_t n, uint32_t start, bool tx) {
    std::memset(memory, 0, sizeof memory);
    std::memset(kring_memory, 0, sizeof kring_memory);
    view.ring = reinterpret_cast<netmap_ring*>(memory);
    view.slots = view.ring->slots();
    view.kring = reinterpret_cast<Kring*>(kring_memory);
    view.n = n;
    view.buf_total = 100;
    view.buf_size = 2048;
    for (uint32_t i = 0; i < n; ++i) view.slots[i] = netmap_slot{2 + i, 60, 0, 0};
    const uint32_t tail = tx ? (start + n - 1) % n : start;
    view.ring->head = view.ring->cur = start;
    view.ring->tail = tail;
    for (auto* at : {&view.kring->hwcur, &view.kring->rhead, &view.kring->rcur}) at->store(start);
    view.kring->rtail.store(tail);
    view.kring->hwtail.store(tail);
  }
};

uint32_t distance(uint32_t from, uint32_t to, uint32_t n) {
  return (to + n - from) % n;
}

}  // namespace

TEST(tx_moves, "tx: exactly the moves within [head, tail] are valid, for every n, start, head and cur") {
  uint64_t wrong = 0;
  for (uint32_t n = 1; n <= 9; ++n) {
    for (uint32_t start = 0; start < n; ++start) {
      for (uint32_t head = 0; head < n; ++head) {
        for (uint32_t cur = 0; cur < n; ++cur) {
          Bench b(n, start, true);
          Model model;
          b.view.ring->head = head;
          b.view.ring->cur = cur;
          const bool valid = distance(start, head, n) <= distance(start, cur, n);  // both are below n: up to tail
          const bool synced = sync_tx(b.view, model);
          wrong += synced != valid;
          if (valid) wrong += model.taken != distance(start, head, n) || b.view.ring->tail != (head + n - 1) % n;
          if (!valid) wrong += b.view.kring->hwcur.load() != start;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST(rx_moves, "rx: exactly the moves within what was received are valid") {
  uint64_t wrong = 0;
  for (uint32_t n = 1; n <= 8; ++n) {
    for (uint32_t start = 0; start < n; ++start) {
      for (uint32_t held = 0; held < n; ++held) {
        for (uint32_t head = 0; head < n; ++head) {
          for (uint32_t cur = 0; cur < n; ++cur) {
            Bench b(n, start, false);
            Model model;
            model.arrived = held;
            wrong += !sync_rx(b.view, model);
            wrong += distance(b.view.ring->head, b.view.ring->tail, n) != held;
            model.arrived = 0;
            b.view.ring->head = head;
            b.view.ring->cur = cur;
            const uint32_t h = distance(start, head, n), c = distance(start, cur, n);
            const bool valid = h <= c && c <= held;
            wrong += sync_rx(b.view, model) != valid;
            if (valid) wrong += model.taken != h;
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST(long_walk, "a long random walk over rings of any size loses and doubles nothing") {
  Random random(Random::seed());
  for (uint32_t n : {2u, 3u, 7u, 13u, 32u, 61u}) {
    Bench tx(n, random.below(n), true);
    Model model;
    uint64_t filled = 0, sent = 0;
    for (int step = 0; step < 20000; ++step) {
      const uint32_t room = distance(tx.view.ring->head, tx.view.ring->tail, n);
      const uint32_t take = room ? random.below(room + 1) : 0;
      tx.view.ring->head = tx.view.ring->cur = (tx.view.ring->head + take) % n;
      filled += take;
      CHECK(sync_tx(tx.view, model));
      sent += model.taken;
    }
    CHECK(filled == sent);
  }
}

TEST(garbage, "whatever is written into the ring and the kring, indices stay inside and a sync ends") {
  Random random(Random::seed());
  uint64_t wrong = 0;
  for (uint32_t round = 0; round < rounds(100000); ++round) {
    const uint32_t n = 1 + random.below(16);
    Bench b(n, random.below(n), round & 1);
    Model model;
    auto index = [&] { return random.below(4) == 0 ? random.next() : random.below(n + 2); };
    b.view.ring->head = index();
    b.view.ring->cur = index();
    b.view.ring->tail = index();
    for (auto* at : {&b.view.kring->hwcur, &b.view.kring->rhead, &b.view.kring->rtail, &b.view.kring->hwtail}) {
      at->store(index());
    }
    b.view.slots[random.below(n)].buf_idx = random.next();
    for (int i = 0; i < 3; ++i) round & 1 ? sync_tx(b.view, model) : sync_rx(b.view, model);
    wrong += model.taken >= n;
  }
  CHECK(wrong == 0);
}
