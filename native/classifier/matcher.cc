#include "matcher.h"

#include <algorithm>

#include "../base/mix.h"
#include "../base/prefetch.h"
#include "ruleset.h"
#include "search/search.h"

namespace nm::classifier {
namespace {

// Frames whose headers are read before the first one is matched, so that what look-ups need is in the cache by then.
constexpr size_t kGroup = 32;
constexpr size_t kAhead = 8;

// What has fewer bytes is in the cache anyway.
constexpr size_t kFetchFrom = 1 << 16;

// These two only fetch, so they must be inline: see prefetch().
template <class Maps>
[[gnu::always_inline]] inline void fetch_from(const Maps& maps, Word word, const Packet* packets, size_t count) {
  Map32::Ahead ahead[kGroup];
  for (size_t i = 0; i < count; ++i) ahead[i] = maps.fetch_slot(packets[i].words[word]);
  for (size_t i = 0; i < count; ++i) ahead[i].fetch_intervals();
}

[[gnu::always_inline]] inline void fetch_for(const Edition& edition, const Packet* packets, size_t count) {
  for (const Fetch& fetch : edition.program->fetches) {
    if (!fetch.in_table) {
      const Map32& map = edition.program->indexes[fetch.number].words();
      if (map.bytes() >= kFetchFrom) fetch_from(map, fetch.word, packets, count);
    } else {
      const auto& map = edition.tables[fetch.number]->words();
      if (map.size() * 16 >= kFetchFrom) fetch_from(map, fetch.word, packets, count);
    }
  }
}

std::unique_lock<std::mutex> lock_states(const Program& program, States& states) {
  return program.keeps_state ? std::unique_lock<std::mutex>(states.mutex()) : std::unique_lock<std::mutex>();
}

}  // namespace

Matcher::Matcher(std::shared_ptr<Ruleset> ruleset, uint32_t lane)
    : ruleset_(std::move(ruleset)),
      random_(mix(ruleset_->options().seed + (lane + uint64_t{1}) * 0x9e3779b97f4a7c15u)),
      log_(ruleset_->options().log_entries, ruleset_->options().log_snaplen) {
  ruleset_->join(this);
}

Matcher::~Matcher() {
  ruleset_->leave(this);
}

void Matcher::adopt() {
  if (ruleset_->version() != edition_->version) ruleset_->update(this);
}

void Matcher::classify(const Frame* frames, size_t count, const Path& path, int64_t now, Verdict* verdicts,
                       Passport* passports) {
  adopt();
  const Program& program = *edition_->program;
  if (!program.settings.enabled) {
    std::fill(verdicts, verdicts + count, Verdict());
    return;
  }
  const SearchPlace place{*edition_, program, counters_.get(), log_, ruleset_->states(), random_, loops_};
  Packet packets[kGroup];
  Passport none;
  for (size_t first = 0; first < count; first += kGroup) {
    const size_t n = std::min(kGroup, count - first);
    for (size_t i = 0; i < n; ++i) {
      if (first + i + kAhead < count) prefetch(frames[first + i + kAhead].data);
      parse(frames[first + i], path, packets[i]);
    }
    fetch_for(*edition_, packets, n);
    const auto lock = lock_states(program, ruleset_->states());
    for (size_t i = 0; i < n; ++i) {
      Passport& passport = passports != nullptr ? passports[first + i] : none;
      if (passports == nullptr) none.mark = none.tag_count = none.call_count = 0;
      packets[i].words[kMark] = passport.mark;
      Search(place, packets[i], passport, now, sequence_++, verdicts[first + i]).run(0);
    }
  }
}

Verdict Matcher::resume(const Frame& frame, const Path& path, int64_t now, Passport& passport) {
  adopt();
  const Program& program = *edition_->program;
  if (!program.settings.enabled) return {};
  uint32_t position = passport.position;
  if (passport.version != program.version) {
    // The rules have changed meanwhile: behind the rule that it was, or where that would be.
    const auto known = program.positions.find(passport.rule);
    position =
        known != program.positions.end() ? known->second + 1 : program.position_after(passport.number, passport.rule);
  }
  position = std::min<uint32_t>(position, static_cast<uint32_t>(program.steps.size()) - 1);
  const SearchPlace place{*edition_, program, counters_.get(), log_, ruleset_->states(), random_, loops_};
  Packet packet;
  parse(frame, path, packet);
  packet.words[kMark] = passport.mark;
  const auto lock = lock_states(program, ruleset_->states());
  Verdict verdict;
  Search(place, packet, passport, now, sequence_++, verdict).run(position);
  return verdict;
}

}  // namespace nm::classifier
