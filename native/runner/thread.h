// How a thread of the runner gets its core.
#pragma once

#include <pthread.h>

#include "../device/status.h"

namespace nm::runner {

struct Placement {
  int core = -1;     // -1: any
  int realtime = 0;  // priority of SCHED_FIFO, from 1 to 99; 0: none
};

// Starts main(argument). Fails when the thread may not run there, or not like that.
Status start_thread(const Placement& placement, void* (*main)(void*), void* argument, pthread_t* thread);

}  // namespace nm::runner
