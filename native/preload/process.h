// What this process is to the preload library: idle until a netmap descriptor turns up.
#pragma once

#include <atomic>

namespace nm {

namespace detail {
enum State { kUnknown, kIdle, kActive };
extern std::atomic<State> state;
extern thread_local int inside;
}  // namespace detail

// No netmap descriptor has been seen in this process. All that most programs ever ask.
inline bool idle() {
  return detail::state.load(std::memory_order_relaxed) != detail::kActive;
}
// From now on calls are looked at. Never taken back.
void activate();

// While one lives, this thread's calls come from the engine and not from the program.
class Inside {
 public:
  Inside() { ++detail::inside; }
  ~Inside() { --detail::inside; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

// The call is none of ours: nothing to look at, or the engine's own.
inline bool passes() {
  return idle() || detail::inside > 0;
}

// We are in a child that shares the parent's memory (vfork), or one that was made behind our back: its descriptors are
// its own, but our tables are the parent's.
bool in_shared_memory();

// Brings descriptors that were inherited across exec into the tables, once. Nothing looks for them when a program
// starts: that would cost all programs time.
void take_inheritance();

// As passes(), for calls that may be the first to meet an inherited descriptor and could not tell by its kind.
inline bool wait_passes() {
  const detail::State state = detail::state.load(std::memory_order_relaxed);
  if (__builtin_expect(state == detail::kIdle, 1)) return true;
  if (state == detail::kUnknown) take_inheritance();
  return passes();
}

// A descriptor that may be one of the engine's doors. Allocates nothing.
bool looks_like_door(int fd);

}  // namespace nm
