// A change of a ruleset: commands are carried out on a copy, which is published as a whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../language/words.h"
#include "../model.h"
#include "../problem.h"
#include "../ruleset.h"

namespace nm::classifier {

class Change {
 public:
  explicit Change(Ruleset& ruleset);

  // One command, with or without `ipfw` before it; an empty line and a comment are none. A change in which a command
  // has failed cannot be committed. `offset` is added to the problem's position.
  bool command(std::string_view line, Problem& problem, std::string* output = nullptr, size_t offset = 0);
  // A condition alone (`tcp dst-port 80`) as a rule that allows what it matches.
  bool condition(std::string_view text, Problem& problem);
  // Does what takes time, so that commit() takes none. Fails when the program would be too long.
  bool prepare(Problem& problem);
  // Prepares what is not prepared. Fails also when somebody else's change came in between; nothing is changed then.
  bool commit(Problem& problem);

 private:
  struct Flags {
    bool quiet = false;         // -q, -f
    bool sets = false;          // -S
    bool dynamic = false;       // -d
    bool dynamic_only = false;  // -D
    bool counters = false;      // -a
    bool times = false;         // -t, -T
    bool values_as_ip = false;  // -i
    uint32_t set = kAllSets;
  };
  static constexpr uint32_t kAllSets = 32;

  bool run(Cursor& cursor, std::string& output);
  bool read_flags(Cursor& cursor, Flags& flags);
  bool dispatch(Cursor& cursor, const Flags& flags, std::string& output);

  // rule_commands.cc
  bool add(Cursor& cursor, const Flags& flags, std::string& output);
  bool insert(Rule rule, Cursor& cursor, std::string& output);
  bool provide_tables(const Expression& expression, Cursor& cursor);
  bool remove(Cursor& cursor, const Flags& flags);
  bool flush(Cursor& cursor, const Flags& flags);
  bool zero(Cursor& cursor, const Flags& flags, bool counters);
  bool rule_numbers(Cursor& cursor, const Flags& flags, std::vector<RulePtr>& out);

  // set_commands.cc
  bool set(Cursor& cursor, std::string& output);
  bool switch_sets(Cursor& cursor);
  bool move_set(Cursor& cursor);
  bool swap_sets(Cursor& cursor);
  void change_rule(size_t index, uint32_t set);

  // setting_commands.cc
  bool enable(Cursor& cursor, bool on);
  bool sysctl(Cursor& cursor, std::string& output);

  // table_commands.cc
  bool table(Cursor& cursor, const Flags& flags, std::string& output);
  bool create_table(Cursor& cursor, const std::string& name);
  bool destroy_table(Cursor& cursor, const std::string& name);
  bool add_entries(Cursor& cursor, const Flags& flags, const std::string& name);
  bool delete_entries(Cursor& cursor, const Flags& flags, const std::string& name);
  bool modify_table(Cursor& cursor, const std::string& name);
  bool swap_tables(Cursor& cursor, const std::string& name);
  bool look_up(Cursor& cursor, const Flags& flags, const std::string& name, std::string& output);
  bool each_table(Cursor& cursor, const Flags& flags, const std::string& name, const std::string& verb,
                  std::string& output);
  void list_table(const Table& table, bool as_ip, std::string& output) const;
  void describe_table(const Table& table, std::string& output) const;
  // A table of this change's own. Null, with a problem, when there is none of that name or it is locked.
  Table* edit(Cursor& cursor, const std::string& name);
  const Table* find_table(Cursor& cursor, const std::string& name);
  std::string used_by(std::string_view table) const;

  // show.cc
  bool show(Cursor& cursor, Flags flags, std::string& output);
  void show_states(const Flags& flags, std::string& output);

  Ruleset& ruleset_;
  std::shared_ptr<const Model> base_, replaced_;
  Model model_;
  Edit edit_;                     // what has this is of this change's own making
  bool compiles_ = false;         // more than the tables has been changed
  std::vector<uint32_t> zeroed_;  // rules whose counters begin anew
  std::vector<RulePtr> relogged_;
  size_t table_word_ = 0;  // where the table's name stands in the command
  bool failed_ = false;
  // Null when not prepared.
  std::shared_ptr<const Model> made_;
  std::shared_ptr<Program> program_;  // null also where the program stays
};

}  // namespace nm::classifier
