// What a preloaded library costs a program that has no use for it: starting one, and a call that it stands in front of.
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model.h"

namespace {

constexpr int kCalls = 20000;

// What a tenth of them is faster than: what others on the machine take is in the rest.
double tenth(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 10];
}

// Runs the program to its end; what it wrote is its result.
double run(const char* const* argv, const std::string& preload, double* seconds) {
  const char* const environment[] = {preload.c_str(), nullptr};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::exit(1);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child;
  int status = -1;
  const double from = model::now();
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, const_cast<char* const*>(argv),
                                const_cast<char* const*>(environment));
  if (error != 0 || waitpid(child, &status, 0) != child || status != 0) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error ? std::strerror(error) : "failed");
    std::exit(1);
  }
  *seconds = model::now() - from;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  double result = 0;
  if (read(ends[0], &result, sizeof result) < 0) result = 0;
  close(ends[0]);
  return result;
}

// In the program with the library: nanoseconds of an ioctl that comes to nothing.
int calls() {
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    const double from = model::now();
    for (int i = 0; i < kCalls; ++i) (void)ioctl(-1, 0, nullptr);
    best = std::min(best, (model::now() - from) * 1e9 / kCalls);
  }
  return write(STDOUT_FILENO, &best, sizeof best) == sizeof best ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "calls") == 0) return calls();
  const double limit = model::argument(argc, argv, "--seconds", 1);
  const std::string preload = std::string("LD_PRELOAD=") + model::text(argc, argv, "--library", "");
  const char* const nothing[] = {"/bin/true", nullptr};
  const char* const self[] = {"/proc/self/exe", "calls", nullptr};
  std::vector<double> starts, rounds;
  double seconds = 0;
  for (const double end = model::now() + limit; starts.size() < 10 || model::now() < end;) {
    run(nothing, preload, &seconds);
    starts.push_back(seconds * 1e6);
  }
  for (int round = 0; round < 5; ++round) rounds.push_back(run(self, preload, &seconds));
  std::printf("{\"type\":\"result\",\"start\":%.3f,\"call\":%.3f}\n", tenth(starts), tenth(rounds));
  return 0;
}
