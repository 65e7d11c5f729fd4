// table NAME|all create, destroy, add, delete, ...
#include <algorithm>

#include "../language/address.h"
#include "../language/table_name.h"
#include "change.h"

namespace nm::classifier {
namespace {

constexpr size_t kMostTables = 65535;

constexpr std::string_view kUselessColumns[] = {"fib", "nat", "divert", "netgraph", "ipv4", "ipv6"};

bool read_columns(Cursor& cursor, std::vector<Column>& out) {
  std::string word;
  if (!cursor.need("the kinds of values", word)) return false;
  if (word == "legacy") return true;
  for (std::string_view item : split_list(word)) {
    Column column;
    if (std::find(std::begin(kUselessColumns), std::end(kUselessColumns), item) != std::end(kUselessColumns)) {
      return cursor.fail_last(quoted(item) + " is not supported: no action here uses it");
    }
    if (!find_column(item, column)) {
      return cursor.fail_last(quoted(item) + " is no kind of value: use " + column_names() + " or legacy");
    }
    if (std::find(out.begin(), out.end(), column) != out.end())
      return cursor.fail_last(quoted(item) + " was given twice");
    out.push_back(column);
  }
  return true;
}

// What a key looks like, for a table that nobody has made.
TableType guess_type(std::string_view key) {
  uint64_t number;
  if (read_number(key, 0xffffffff, number)) return TableType::kNumber;
  if (read_mac(key.substr(0, key.find('/')), number)) return TableType::kMac;
  const char first = key.empty() ? '?' : key[0];
  const bool address = (first >= '0' && first <= '9') || key.find(':') != std::string_view::npos;
  return address ? TableType::kAddr : TableType::kIface;
}

}  // namespace

bool Change::table(Cursor& cursor, const Flags& flags, std::string& output) {
  if (flags.set != kAllSets) return cursor.fail("tables belong to no set here: leave out 'set N'");
  std::string name;
  table_word_ = cursor.at();
  if (!cursor.need("the table's name", name)) return false;
  if (name != "all") {
    if (const char* why = bad_table_name(name)) return cursor.fail_last(why);
  }
  std::string verb;
  if (!cursor.need("what to do with the table", verb)) return false;
  if (verb == "list" || verb == "show" || verb == "info" || verb == "detail" || verb == "flush" || verb == "destroy") {
    return each_table(cursor, flags, name, verb, output);
  }
  if (name == "all") return cursor.fail_last("'all' goes with list, info, detail, flush and destroy only");
  if (verb == "create") return create_table(cursor, name);
  if (verb == "add") return add_entries(cursor, flags, name);
  if (verb == "delete") return delete_entries(cursor, flags, name);
  if (verb == "modify") return modify_table(cursor, name);
  if (verb == "swap") return swap_tables(cursor, name);
  if (verb == "lookup") return look_up(cursor, flags, name, output);
  if (verb == "atomic") {
    // Every command is all or nothing here.
    if (cursor.accept("add")) return add_entries(cursor, flags, name);
    if (cursor.accept("delete")) return delete_entries(cursor, flags, name);
    return cursor.fail("'add' or 'delete' was expected");
  }
  if (verb == "lock" || verb == "unlock") {
    if (!find_table(cursor, name)) return false;
    auto changed = std::make_shared<Table>(*model_.tables.find(name)->second);
    changed->locked = verb == "lock";
    changed->edit = edit_;
    model_.tables.find(name)->second = std::move(changed);
    return true;
  }
  return cursor.fail_last(quoted(verb) +
                          " cannot be done with a table: use create, destroy, add, delete, list, info, detail, lookup, "
                          "flush, swap, modify, lock or unlock");
}

bool Change::create_table(Cursor& cursor, const std::string& name) {
  auto made = std::make_shared<Table>();
  made->name = name;
  bool missing = false, flush = false;
  while (!cursor.done()) {
    std::string why;
    if (cursor.accept("type")) {
      std::string word;
      if (!cursor.need("the type", word)) return false;
      if (!read_type(word, made->type, made->flow_fields, why)) return cursor.fail_last(why);
    } else if (cursor.accept("valtype")) {
      if (!read_columns(cursor, made->columns)) return false;
    } else if (cursor.accept("limit")) {
      uint32_t limit;
      if (!cursor.number("the limit", 0, 0xffffffff, limit)) return false;
      made->limit = limit;
    } else if (cursor.accept("algo")) {
      // There is one way to look up each type.
      if (!cursor.need("the algorithm", why)) return false;
    } else if (cursor.accept("locked")) {
      made->locked = true;
    } else if (cursor.accept("missing")) {
      missing = true;
    } else if (cursor.accept("or-flush")) {
      missing = flush = true;
    } else {
      return cursor.fail(quoted(cursor.peek()) +
                         " is no property of a table: use type, valtype, limit, algo, locked, missing or or-flush");
    }
  }
  const auto found = model_.tables.find(name);
  if (found != model_.tables.end()) {
    const Table& old = *found->second;
    if (!missing)
      return cursor.fail_at(table_word_, "there is a table " + quoted(name) + " already: add 'missing' or 'or-flush'");
    if (old.type != made->type || old.flow_fields != made->flow_fields || old.columns != made->columns) {
      return cursor.fail_at(
          table_word_, "there is a table " + quoted(name) + " of another kind already (" + describe_type(old) + ")");
    }
    if (!flush) return true;
  } else if (model_.tables.size() >= kMostTables) {
    return cursor.fail_at(table_word_, "there are 65535 tables already");
  }
  made->edit = edit_;
  model_.tables[name] = std::move(made);
  return true;
}

const Table* Change::find_table(Cursor& cursor, const std::string& name) {
  const auto found = model_.tables.find(name);
  if (found != model_.tables.end()) return found->second.get();
  cursor.fail_at(table_word_, "there is no table " + quoted(name) + ": make it with: table " + name + " create");
  return nullptr;
}

Table* Change::edit(Cursor& cursor, const std::string& name) {
  const Table* table = find_table(cursor, name);
  if (table == nullptr) return nullptr;
  if (table->locked) {
    cursor.fail_at(table_word_, "table " + quoted(name) + " is locked: table " + name + " unlock");
    return nullptr;
  }
  std::shared_ptr<const Table>& place = model_.tables.find(name)->second;
  if (table->edit != edit_) {
    auto copy = std::make_shared<Table>(*table);
    copy->edit = edit_;
    place = std::move(copy);
  }
  // Made by this change, so nobody else looks at it yet.
  return const_cast<Table*>(place.get());
}

bool Change::add_entries(Cursor& cursor, const Flags& flags, const std::string& name) {
  if (cursor.done()) return cursor.fail("the key is missing: table " + name + " add KEY [VALUE] ...");
  if (model_.tables.count(name) == 0) {
    auto made = std::make_shared<Table>();
    made->name = name;
    made->type = guess_type(cursor.peek());
    made->edit = edit_;
    model_.tables.emplace(name, std::move(made));
  }
  Table* table = edit(cursor, name);
  if (table == nullptr) return false;
  const bool alone = cursor.left() == 1;
  while (!cursor.done()) {
    const std::string text = cursor.take();
    TableKey key;
    Row row{};
    std::string why;
    if (!table->read_key(text, ruleset_.names_of_ports(), key, why)) return cursor.fail_last(why);
    if (!alone) {
      std::string value;
      if (!cursor.need("the value", value)) return false;
      if (!table->read_row(value, row, why)) return cursor.fail_last(why);
    }
    if (!table->add(key, row, flags.quiet) && !flags.quiet) {
      return cursor.fail_last(quoted(text) +
                              " is in the table already: delete it first, or say -q to give it the new value");
    }
    if (table->limit != 0 && table->size() > table->limit) {
      return cursor.fail_last("table " + quoted(name) + " is full: its limit is " + to_string(table->limit));
    }
  }
  return true;
}

bool Change::delete_entries(Cursor& cursor, const Flags& flags, const std::string& name) {
  if (cursor.done()) return cursor.fail("the key is missing: table " + name + " delete KEY ...");
  Table* table = edit(cursor, name);
  if (table == nullptr) return false;
  while (!cursor.done()) {
    const std::string text = cursor.take();
    TableKey key;
    std::string why;
    if (!table->read_key(text, ruleset_.names_of_ports(), key, why)) return cursor.fail_last(why);
    if (!table->remove(key) && !flags.quiet) return cursor.fail_last(quoted(text) + " is not in the table");
  }
  return true;
}

bool Change::modify_table(Cursor& cursor, const std::string& name) {
  if (!cursor.accept("limit")) return cursor.fail("only 'limit N' can be modified");
  uint32_t limit;
  if (!cursor.number("the limit", 0, 0xffffffff, limit)) return false;
  Table* table = edit(cursor, name);
  if (table == nullptr) return false;
  table->limit = limit;
  return true;
}

bool Change::swap_tables(Cursor& cursor, const std::string& name) {
  std::string other;
  if (!cursor.need("the other table's name", other)) return false;
  table_word_ = cursor.at() - 1;
  Table* a = edit(cursor, name);
  Table* b = a == nullptr ? nullptr : edit(cursor, other);
  if (b == nullptr) return false;
  if (a->type != b->type || a->flow_fields != b->flow_fields || a->columns != b->columns) {
    return cursor.fail_last("tables of different kinds cannot be swapped: " + describe_type(*a) + ", " +
                            describe_type(*b));
  }
  auto overfull = [](const Table& table, const Table& from) { return table.limit != 0 && from.size() > table.limit; };
  if (overfull(*a, *b) || overfull(*b, *a))
    return cursor.fail_last("a table's limit is lower than what the other one holds");
  a->swap_entries(*b);
  return true;
}

bool Change::look_up(Cursor& cursor, const Flags& flags, const std::string& name, std::string& output) {
  const Table* table = find_table(cursor, name);
  if (table == nullptr) return false;
  std::string text, why;
  TableKey key;
  if (!cursor.need("the key", text)) return false;
  if (!table->read_key(text, ruleset_.names_of_ports(), key, why)) return cursor.fail_last(why);
  // Of this change's own making: nobody else looks at it yet.
  if (table->edit == edit_) const_cast<Table*>(table)->seal();
  const Row* const found = table->find(key);
  if (found == nullptr) return cursor.fail_last(quoted(text) + " is not in the table");
  output += text + " " + table->show_row(*found, flags.values_as_ip) + "\n";
  return true;
}

std::string Change::used_by(std::string_view name) const {
  struct Finder {
    std::string_view name;
    bool operator()(const Expression& e) const {
      if (e.kind == Expression::kTest && e.test.code == Test::kTable && e.test.name == name) return true;
      return std::any_of(e.parts.begin(), e.parts.end(), *this);
    }
  };
  for (const RulePtr& rule : model_.rules) {
    if (Finder{name}(rule->body)) return to_string(rule->number);
  }
  return {};
}

bool Change::destroy_table(Cursor& cursor, const std::string& name) {
  if (!find_table(cursor, name)) return false;
  const std::string rule = used_by(name);
  if (!rule.empty())
    return cursor.fail_at(table_word_, "table " + quoted(name) + " is used by rule " + rule + ": delete that first");
  model_.tables.erase(name);
  return true;
}

bool Change::each_table(Cursor& cursor, const Flags& flags, const std::string& name, const std::string& verb,
                        std::string& output) {
  std::vector<std::string> names;
  if (name == "all") {
    for (const auto& [known, table] : model_.tables) names.push_back(known);
  } else {
    names.push_back(name);
  }
  for (const std::string& one : names) {
    const Table* table = find_table(cursor, one);
    if (table == nullptr) return false;
    if (verb == "destroy") {
      if (!destroy_table(cursor, one)) return false;
    } else if (verb == "flush") {
      Table* own = edit(cursor, one);
      if (own == nullptr) return false;
      own->clear();
    } else if (verb == "list" || verb == "show") {
      if (name == "all") output += "--- table(" + one + ") ---\n";
      list_table(*table, flags.values_as_ip, output);
    } else {
      describe_table(*table, output);
    }
  }
  return true;
}

void Change::list_table(const Table& table, bool as_ip, std::string& output) const {
  table.each([&](const TableKey& key, const Row& row) {
    output += table.show_key(key, ruleset_.ports()) + " " + table.show_row(row, as_ip) + "\n";
  });
}

void Change::describe_table(const Table& table, std::string& output) const {
  std::string columns;
  for (Column column : table.columns) columns += (columns.empty() ? "" : ",") + std::string(column_name(column));
  output += "--- table(" + table.name + ") ---\n type: " + describe_type(table) +
            "\n valtype: " + (columns.empty() ? "legacy" : columns) + "\n items: " + to_string(table.size()) +
            (table.limit != 0 ? "\n limit: " + to_string(table.limit) : "") + (table.locked ? "\n locked" : "") + "\n";
}

}  // namespace nm::classifier
