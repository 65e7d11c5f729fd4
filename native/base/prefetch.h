// Tells the cache what will be needed soon.
#pragma once

namespace nm {

// A hint: the address need not be valid. Always inline, and so has to be whatever calls nothing but this: gcc takes a
// function that only prefetches for one without effect, and leaves its calls out.
[[gnu::always_inline]] inline void prefetch(const void* at) {
  __builtin_prefetch(at);
}

}  // namespace nm
