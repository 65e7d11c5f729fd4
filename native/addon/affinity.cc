#include "affinity.h"

#include "values.h"

#include <cerrno>
#ifdef __linux__
#include <sched.h>
#endif

namespace nm {
namespace {

int pin_thread(double cpu) {
#ifdef __linux__
  if (!(cpu >= 0 && cpu < CPU_SETSIZE)) return EINVAL;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
#else
  (void)cpu;
  return ENOSYS;
#endif
}

}  // namespace

Napi::Value js_pin_thread(const Napi::CallbackInfo& info) {
  const double cpu = to_number(info[0], -1);
  return Napi::Number::New(info.Env(), pin_thread(cpu));
}

}  // namespace nm
