// The part of the C++ library that throws and catches, for a library that does neither. The real one would set a
// reserve of memory aside for exceptions in every program that we are loaded into, and brings tables that the dynamic
// linker has to go through: twice the time that loading takes. What would throw (no memory left) ends the program, as
// an exception that nobody catches does.
#include <cstddef>
#include <cstdlib>

extern "C" {

// Names and signatures are those of the Itanium C++ ABI.
void* __cxa_allocate_exception(size_t) noexcept {
  std::abort();
}
void __cxa_free_exception(void*) noexcept {
  std::abort();
}
void __cxa_throw(void*, void*, void (*)(void*)) {
  std::abort();
}
void __cxa_rethrow() {
  std::abort();
}
void* __cxa_begin_catch(void*) noexcept {
  std::abort();
}
void __cxa_end_catch() {
  std::abort();
}
void __cxa_call_terminate(void*) noexcept {
  std::abort();
}
int __gxx_personality_v0(int, int, unsigned long, void*, void*) {
  std::abort();
}
void _Unwind_Resume(void*) {
  std::abort();
}

[[noreturn]] void nm_terminate() noexcept __asm__("_ZSt9terminatev");
void nm_terminate() noexcept {
  std::abort();
}

}  // extern "C"
