#include "thread.h"

#include <sched.h>

#include <cerrno>
#include <string>

namespace nm::runner {
namespace {

#ifdef __linux__
int pin(pthread_attr_t* attributes, int core) {
  if (core >= CPU_SETSIZE) return EINVAL;
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  CPU_SET(static_cast<unsigned>(core), &wanted);
  return pthread_attr_setaffinity_np(attributes, sizeof wanted, &wanted);
}
#else
int pin(pthread_attr_t*, int) {
  return ENOTSUP;
}
#endif

int schedule(pthread_attr_t* attributes, int priority) {
  sched_param param = {};
  param.sched_priority = priority;
  int err = pthread_attr_setinheritsched(attributes, PTHREAD_EXPLICIT_SCHED);
  if (err == 0) err = pthread_attr_setschedpolicy(attributes, SCHED_FIFO);
  return err == 0 ? pthread_attr_setschedparam(attributes, &param) : err;
}

std::string describe(const Placement& placement) {
  std::string text;
  if (placement.core >= 0) text = "on core " + std::to_string(placement.core);
  if (placement.realtime > 0) {
    text += (text.empty() ? "" : " ") + ("at real-time priority " + std::to_string(placement.realtime));
  }
  return text;
}

}  // namespace

Status start_thread(const Placement& placement, void* (*main)(void*), void* argument, pthread_t* thread) {
  pthread_attr_t attributes;
  int err = pthread_attr_init(&attributes);
  if (err != 0) return Status::failure(err, "pthread_create");
  if (placement.core >= 0) err = pin(&attributes, placement.core);
  if (err == 0 && placement.realtime > 0) err = schedule(&attributes, placement.realtime);
  if (err == 0) err = pthread_create(thread, &attributes, main, argument);
  (void)pthread_attr_destroy(&attributes);
  if (err == 0) return {};
  return Status::failure(err, "pthread_create", describe(placement));
}

}  // namespace nm::runner
