// What it takes to wake another process and to be woken by it: one byte there and back through two pipes, each end
// asleep in poll(2) meanwhile, as a receiver on a doorbell is.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "model.h"

namespace {

bool take(int fd) {
  pollfd wait{fd, POLLIN, 0};
  char byte;
  return poll(&wait, 1, 1000) == 1 && read(fd, &byte, 1) == 1;
}

bool give(int fd) {
  return write(fd, "x", 1) == 1;
}

}  // namespace

int main(int argc, char** argv) {
  const double warm_up = model::argument(argc, argv, "--warm-up", 0.2);
  const double seconds = model::argument(argc, argv, "--seconds", 1);
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) {
    std::perror("pipe");
    return 1;
  }
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    return 1;
  }
  if (child == 0) {
    close(there[1]);
    while (take(there[0]) && give(back[1])) {
    }
    _exit(0);
  }
  close(there[0]);
  std::vector<double> times;
  times.reserve(1 << 20);
  const double opening = model::now() + warm_up, closing = opening + seconds;
  for (double start = model::now(); start < closing; start = model::now()) {
    if (!give(there[1]) || !take(back[0])) return 1;
    if (start >= opening) times.push_back((model::now() - start) * 1e6);
  }
  close(there[1]);
  waitpid(child, nullptr, 0);
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  std::printf("{\"type\":\"result\",\"p50\":%.3f,\"p99\":%.3f,\"p99.9\":%.3f,\"max\":%.3f}\n", at(0.5), at(0.99),
              at(0.999), at(1));
}
