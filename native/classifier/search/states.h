// Dynamic state: flows that rules with keep-state, limit, ... have seen, for as long as they live. Bounded; on the
// clock that is given, in ns. Shared by the threads of a ruleset: callers hold the lock, around a group of frames.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "../model.h"
#include "../packet/packet.h"
#include "../table/table.h"

namespace nm::classifier {

// Both directions of a flow have the same key but for the order of the ends.
struct FlowKey {
  U128 src, dst;
  uint32_t ports = 0;  // source << 16 | destination
  uint8_t protocol = 0;
  uint8_t family = 0;

  FlowKey reversed() const {
    FlowKey key = *this;
    key.src = dst;
    key.dst = src;
    key.ports = ports << 16 | ports >> 16;
    return key;
  }
  friend bool operator==(const FlowKey& a, const FlowKey& b) {
    return a.src == b.src && a.dst == b.dst && a.ports == b.ports && a.protocol == b.protocol && a.family == b.family;
  }
};

// False when the packet is not IP.
bool flow_of(const Packet& packet, FlowKey& key);

class States {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  struct State {
    FlowKey key;        // as its first packet had it
    uint32_t rule = 0;  // id of the rule that made it
    uint32_t name = 0;  // of the flow: an index that the ruleset gives
    Row row{};          // what that rule had looked up last
    int64_t expires = 0;
    uint64_t packets = 0;
    uint64_t bytes = 0;
    uint32_t tcp = 0;  // flags seen: forward, backward << 8; acknowledged << 16, << 17
    uint32_t ack_forward = 0;
    uint32_t ack_backward = 0;
    uint32_t parent = kNone;
    uint32_t next = kNone;  // in the bucket, or among those free
    uint32_t older = kNone, newer = kNone;
    uint8_t lifetime = 0;
    bool used = false;
  };

  void configure(const Settings& settings);
  std::mutex& mutex() { return mutex_; }

  // The state of a packet's flow, brought up to date; null if there is none that lives. `name` is kAnyName for any.
  static constexpr uint32_t kAnyName = 0xffffffff;
  const State* find(const Packet& packet, const FlowKey& key, uint32_t name, int64_t now);

  struct Limit {
    uint8_t fields = 0;  // LimitField, 0: none
    uint32_t most = 0;
  };
  // False when there is no room, or the limit is reached.
  bool install(const Packet& packet, const FlowKey& key, uint32_t name, uint32_t rule, const Row& row,
               const Limit& limit, int64_t now);

  // Forgets the states of rules for which `gone(id)`.
  template <class Gone>
  void forget(Gone gone) {
    for (uint32_t i = 0; i < states_.size(); ++i) {
      if (states_[i].used && gone(states_[i].rule)) remove(i);
    }
  }
  template <class Visit>
  void each(Visit visit) {
    reap(now_);
    for (const State& state : states_) {
      if (state.used) visit(state);
    }
  }
  // Those that live, at the last time seen.
  uint32_t count();
  uint64_t refused() const { return refused_; }
  int64_t now() const { return now_; }

 private:
  enum Lifetime : uint8_t { kSyn, kAck, kFin, kRst, kUdp, kShort, kLifetimes };
  struct ParentKey {
    FlowKey key;
    uint32_t rule;
    friend bool operator==(const ParentKey& a, const ParentKey& b) { return a.rule == b.rule && a.key == b.key; }
  };
  struct ParentHash {
    size_t operator()(const ParentKey& key) const;
  };
  struct Parent {
    ParentKey key;
    uint32_t children = 0;
    uint32_t next_free = kNone;
  };

  static uint64_t hash(const FlowKey& key);
  uint32_t locate(const FlowKey& key, uint32_t name, bool& forward) const;
  uint32_t parent_of(const FlowKey& key, uint32_t rule, uint8_t fields);
  void touch(uint32_t index, const Packet& packet, bool forward, int64_t now);
  void live(uint32_t index, Lifetime lifetime, int64_t now);
  void unlink_age(uint32_t index);
  void remove(uint32_t index);
  void reap(int64_t now);
  void grow_buckets();

  std::mutex mutex_;
  std::array<int64_t, kLifetimes> lifetimes_{};
  uint32_t most_ = 0;
  uint32_t count_ = 0;
  uint64_t refused_ = 0;
  int64_t now_ = 0;
  std::vector<State> states_;
  uint32_t free_ = kNone;
  std::vector<uint32_t> buckets_;
  // One list for each lifetime: in each, the oldest expires first.
  std::array<uint32_t, kLifetimes> oldest_, newest_;
  std::vector<Parent> parents_;
  uint32_t free_parent_ = kNone;
  std::unordered_map<ParentKey, uint32_t, ParentHash> parent_index_;
};

}  // namespace nm::classifier
