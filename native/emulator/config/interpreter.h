// dummynet's commands: pipe, queue, sched and the tunables. They change settings; nothing happens until those are
// applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context.h"

namespace nm::emulator {

// What a command wants to see.
struct ShowRequest {
  enum class What { kPipes, kQueues, kSchedulers } what = What::kPipes;
  std::vector<uint16_t> numbers;  // none: all
};

class Interpreter {
 public:
  Interpreter(Settings settings, FileReader files) : settings_(std::move(settings)), files_(std::move(files)) {}

  // Whether a line is such a command, with or without `ipfw` before it. Lines of blanks and comments are nobody's.
  static bool owns(std::string_view line);

  // Reads one command. False: it is wrong, the problem says where and why, and nothing has changed.
  bool command(std::string_view line, Problem* problem);

  const Settings& settings() const { return settings_; }
  // What is odd about the settings as a whole: queues without a scheduler, weights that do not count.
  std::vector<std::string> doubts() const;
  std::vector<std::string> notes;     // what was taken otherwise than it was written
  std::vector<ShowRequest> requests;  // of the commands `show` and `list`, in their order

 private:
  enum class Object { kPipe, kQueue, kScheduler };
  bool object_command(Object object, Words* words, Problem* problem);
  bool configure(Object object, uint16_t number, bool change, const Context& context);
  bool configure_pipe(uint16_t number, bool change, const Context& context);
  bool configure_queue(uint16_t number, bool change, const Context& context);
  bool configure_scheduler(uint16_t number, bool change, const Context& context);
  bool has(Object object, uint16_t number) const;
  void remove(Object object, uint16_t number);
  bool tunable(Words* words, Problem* problem);
  bool set_tunable(std::string_view name, std::string_view value, const Context& context);

  Settings settings_;
  FileReader files_;
};

}  // namespace nm::emulator
