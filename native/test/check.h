// The smallest test harness that prints TAP: one program per file, one TEST per rule.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*run)();
};
inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}
inline int& failures() {
  static int n = 0;
  return n;
}
struct Register {
  Register(const char* name, void (*run)()) { tests().push_back({name, run}); }
};
inline void fail(const char* file, int line, const char* text) {
  ++failures();
  std::printf("# %s:%d: failed: %s\n", file, line, text);
}

}  // namespace check

#define TEST(id, name)                                  \
  static void id();                                     \
  static const check::Register register_##id(name, id); \
  static void id()

#define CHECK(condition)                                           \
  do {                                                             \
    if (!(condition)) check::fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define REQUIRE(condition)                         \
  do {                                             \
    if (!(condition)) {                            \
      check::fail(__FILE__, __LINE__, #condition); \
      return;                                      \
    }                                              \
  } while (0)

int main() {
  int n = 0, bad = 0;
  for (const check::Test& t : check::tests()) {
    const int before = check::failures();
    t.run();
    const bool ok = check::failures() == before;
    bad += !ok;
    std::printf("%s %d - %s\n", ok ? "ok" : "not ok", ++n, t.name);
    std::fflush(stdout);
  }
  std::printf("1..%d\n", n);
  return bad != 0;
}
