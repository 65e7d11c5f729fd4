// Commands of both languages, rules' and links', read and compiled beside boxes that go on working.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../classifier/commands/change.h"
#include "../classifier/ruleset.h"
#include "../emulator/config/interpreter.h"

namespace nm {

class Box;

class BoxChange {
 public:
  struct Refusal {
    std::string message;
    size_t position = 0;  // in bytes of the whole text
  };

  // `settings`: of the links at present.
  BoxChange(classifier::Ruleset* rules, const emulator::Settings& settings, const emulator::FileReader& files);

  // One command a line. False: nothing can come of it. Here is done what takes time.
  bool read(std::string_view commands, Refusal* refusal);
  // Puts it in force, for all boxes with these rules: they must stand still meanwhile. Fails only where somebody else
  // has changed the rules since.
  bool commit(const std::vector<Box*>& boxes, emulator::Time now, Refusal* refusal);

  // The rest, when they go on: what was replaced is let go of, and rules are looked at that cannot work.
  void clear_up();

  // What commands print.
  const std::string& output() const { return output_; }
  // What was taken otherwise than it was written, or cannot work as it stands.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void show(const std::vector<Box*>& boxes);
  void doubt_rules();

  classifier::Ruleset* rules_;
  emulator::Interpreter links_;
  std::unique_ptr<classifier::Change> change_;
  bool changes_rules_ = false, changes_links_ = false;
  std::string output_;
  std::vector<std::string> notes_;
};

}  // namespace nm
