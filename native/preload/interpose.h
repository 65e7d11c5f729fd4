// How one of the C library's functions is replaced.
#pragma once

// Defines the exported function `symbol` under a name of its own: the C library's headers declare the originals with
// attributes, exception specifications and inline wrappers that a second definition would have to repeat.
#define INTERPOSE(result, symbol, arguments)                                                                     \
  extern "C" __attribute__((visibility("default"), used)) result interposed_##symbol arguments __asm__(#symbol); \
  result interposed_##symbol arguments
