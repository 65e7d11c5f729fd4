#include "states.h"

#include <algorithm>

#include "../../base/mix.h"
#include "../../packet/bytes.h"

namespace nm::classifier {
namespace {

constexpr uint32_t kFinFlag = 1, kSynFlag = 2, kRstFlag = 4;
constexpr uint32_t kBothSyn = kSynFlag | kSynFlag << 8;
constexpr uint32_t kBothFin = kFinFlag | kFinFlag << 8;
constexpr uint32_t kAckForward = 1u << 16, kAckBackward = 1u << 17;
constexpr size_t kLeastBuckets = 256;

uint64_t hash_end(const U128& address, uint32_t port) {
  return mix(mix(address.high ^ port) + address.low);
}

}  // namespace

bool flow_of(const Packet& packet, FlowKey& key) {
  if (!packet.has(shape::kIp)) return false;
  const bool six = packet.has(shape::kIp6);
  key.family = six ? 6 : 4;
  key.src = six ? packet.src6() : U128(packet.words[kSrc4]);
  key.dst = six ? packet.dst6() : U128(packet.words[kDst4]);
  key.protocol = packet.protocol();
  key.ports = packet.words[kPorts];
  return true;
}

uint64_t States::hash(const FlowKey& key) {
  // The same for both directions.
  return mix(hash_end(key.src, key.ports >> 16) + hash_end(key.dst, key.ports & 0xffff) + key.protocol);
}

size_t States::ParentHash::operator()(const ParentKey& key) const {
  return static_cast<size_t>(mix(hash_end(key.key.src, key.key.ports) + 3 * hash_end(key.key.dst, key.rule)));
}

void States::configure(const Settings& settings) {
  if (most_ == 0) {
    oldest_.fill(kNone);
    newest_.fill(kNone);
    buckets_.assign(kLeastBuckets, kNone);
  }
  most_ = settings.max_states;
  const std::array<int64_t, kLifetimes> before = lifetimes_;
  lifetimes_ = {settings.syn_lifetime, settings.ack_lifetime, settings.fin_lifetime,
                settings.rst_lifetime, settings.udp_lifetime, settings.short_lifetime};
  if (lifetimes_ == before) return;
  // Those that live get theirs from the last frame on: each list stays in the order in which its states expire.
  for (State& state : states_) {
    if (state.used) state.expires += lifetimes_[state.lifetime] - before[state.lifetime];
  }
}

uint32_t States::locate(const FlowKey& key, uint32_t name, bool& forward) const {
  const FlowKey back = key.reversed();
  for (uint32_t i = buckets_[hash(key) & (buckets_.size() - 1)]; i != kNone; i = states_[i].next) {
    const State& state = states_[i];
    if (name != kAnyName && state.name != name) continue;
    forward = state.key == key;
    if (forward || state.key == back) return i;
  }
  return kNone;
}

const States::State* States::find(const Packet& packet, const FlowKey& key, uint32_t name, int64_t now) {
  now_ = std::max(now_, now);
  bool forward = false;
  uint32_t index;
  // One that has expired hides none of another name.
  while ((index = locate(key, name, forward)) != kNone && states_[index].expires <= now) remove(index);
  if (index == kNone) return nullptr;
  touch(index, packet, forward, now);
  return &states_[index];
}

bool States::install(const Packet& packet, const FlowKey& key, uint32_t name, uint32_t rule, const Row& row,
                     const Limit& limit, int64_t now) {
  now_ = std::max(now_, now);
  reap(now);
  bool forward = false;
  const uint32_t known = locate(key, name, forward);
  if (known != kNone) {
    if (states_[known].expires > now) {
      touch(known, packet, forward, now);
      return true;
    }
    remove(known);
  }
  uint32_t parent = kNone;
  if (limit.fields != 0) {
    parent = parent_of(key, rule, limit.fields);
    if (parents_[parent].children >= limit.most || count_ >= most_) {
      if (parents_[parent].children == 0) {
        parent_index_.erase(parents_[parent].key);
        parents_[parent].next_free = free_parent_;
        free_parent_ = parent;
      }
      ++refused_;
      return false;
    }
    ++parents_[parent].children;
  } else if (count_ >= most_) {
    ++refused_;
    return false;
  }
  uint32_t index = free_;
  if (index != kNone) {
    free_ = states_[index].next;
  } else {
    index = static_cast<uint32_t>(states_.size());
    states_.emplace_back();
  }
  State& state = states_[index];
  state = State();
  state.key = key;
  state.rule = rule;
  state.name = name;
  state.row = row;
  state.parent = parent;
  state.used = true;
  state.lifetime = kLifetimes;  // in no list yet
  if (++count_ > buckets_.size()) grow_buckets();
  uint32_t& bucket = buckets_[hash(key) & (buckets_.size() - 1)];
  state.next = bucket;
  bucket = index;
  touch(index, packet, true, now);
  return true;
}

uint32_t States::parent_of(const FlowKey& key, uint32_t rule, uint8_t fields) {
  ParentKey wanted{};
  wanted.rule = rule;
  wanted.key.family = key.family;
  if (fields & kLimitSrcAddr) wanted.key.src = key.src;
  if (fields & kLimitDstAddr) wanted.key.dst = key.dst;
  if (fields & kLimitSrcPort) wanted.key.ports |= key.ports & 0xffff0000;
  if (fields & kLimitDstPort) wanted.key.ports |= key.ports & 0xffff;
  const auto found = parent_index_.find(wanted);
  if (found != parent_index_.end()) return found->second;
  uint32_t index = free_parent_;
  if (index != kNone) {
    free_parent_ = parents_[index].next_free;
  } else {
    index = static_cast<uint32_t>(parents_.size());
    parents_.emplace_back();
  }
  parents_[index] = {wanted, 0, kNone};
  parent_index_.emplace(wanted, index);
  return index;
}

// What a packet of the flow says about how long it will live.
void States::touch(uint32_t index, const Packet& packet, bool forward, int64_t now) {
  State& state = states_[index];
  ++state.packets;
  state.bytes += packet.frame->length;
  if (state.key.protocol != kProtocolTcp) {
    live(index, state.key.protocol == kProtocolUdp ? kUdp : kShort, now);
    return;
  }
  const uint32_t flags = packet.words[kTcp] & (kFinFlag | kSynFlag | kRstFlag);
  state.tcp |= forward ? flags : flags << 8;
  switch (state.tcp & 0xffff) {
    case kSynFlag:
      live(index, kSyn, now);
      return;
    case kBothSyn:
    case kBothSyn | kFinFlag:
    case kBothSyn | kFinFlag << 8: {
      // Established once both sides have acknowledged something; what is out of sequence doesn't count.
      if (packet.has(shape::kTcp)) {
        const uint32_t ack = load32(packet.data() + packet.l4 + 8);
        uint32_t& last = forward ? state.ack_forward : state.ack_backward;
        if (last == 0 || static_cast<int32_t>(ack - last) >= 0) {
          last = ack;
          state.tcp |= forward ? kAckForward : kAckBackward;
        }
      }
      if ((state.tcp & (kAckForward | kAckBackward)) == (kAckForward | kAckBackward)) {
        state.tcp &= 0xffff;
        live(index, kAck, now);
      } else if (state.lifetime == kLifetimes) {
        live(index, kSyn, now);
      }
      return;
    }
    case kBothSyn | kBothFin:
      live(index, kFin, now);
      return;
    default:
      live(index, kRst, now);
      return;
  }
}

void States::live(uint32_t index, Lifetime lifetime, int64_t now) {
  unlink_age(index);
  State& state = states_[index];
  state.lifetime = lifetime;
  state.expires = now + lifetimes_[lifetime];
  state.older = newest_[lifetime];
  state.newer = kNone;
  (state.older == kNone ? oldest_[lifetime] : states_[state.older].newer) = index;
  newest_[lifetime] = index;
}

void States::unlink_age(uint32_t index) {
  State& state = states_[index];
  if (state.lifetime == kLifetimes) return;
  (state.older == kNone ? oldest_[state.lifetime] : states_[state.older].newer) = state.newer;
  (state.newer == kNone ? newest_[state.lifetime] : states_[state.newer].older) = state.older;
  state.lifetime = kLifetimes;
}

void States::remove(uint32_t index) {
  State& state = states_[index];
  unlink_age(index);
  uint32_t* link = &buckets_[hash(state.key) & (buckets_.size() - 1)];
  while (*link != index) link = &states_[*link].next;
  *link = state.next;
  if (state.parent != kNone && --parents_[state.parent].children == 0) {
    parent_index_.erase(parents_[state.parent].key);
    parents_[state.parent].next_free = free_parent_;
    free_parent_ = state.parent;
  }
  state.used = false;
  state.next = free_;
  free_ = index;
  --count_;
}

void States::reap(int64_t now) {
  for (uint32_t oldest : oldest_) {
    while (oldest != kNone && states_[oldest].expires <= now) {
      const uint32_t next = states_[oldest].newer;
      remove(oldest);
      oldest = next;
    }
  }
}

void States::grow_buckets() {
  buckets_.assign(buckets_.size() * 2, kNone);
  for (uint32_t i = 0; i < states_.size(); ++i) {
    State& state = states_[i];
    // The one being made is linked by its maker.
    if (!state.used || state.lifetime == kLifetimes) continue;
    uint32_t& bucket = buckets_[hash(state.key) & (buckets_.size() - 1)];
    state.next = bucket;
    bucket = i;
  }
}

uint32_t States::count() {
  reap(now_);
  return count_;
}

}  // namespace nm::classifier
