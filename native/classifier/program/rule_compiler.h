// One rule into steps and ops.
#pragma once

#include <map>
#include <string>

#include "program.h"

namespace nm::classifier {

class RuleCompiler {
 public:
  RuleCompiler(Program& program, const Model& model, NumberedNames& ports, NumberedNames& flows)
      : program_(program), model_(model), ports_(ports), flows_(flows) {}

  bool compile(const Rule& rule, std::string& why);

 private:
  // Where an expression begins: the index of an op, or Op::kMatch or Op::kFail.
  uint16_t emit(const Expression& expression, uint16_t yes, uint16_t no);
  uint16_t emit_test(const Test& test, uint16_t yes, uint16_t no);
  bool emit_set(const Expression& expression, uint16_t yes, uint16_t no, uint16_t& entry);
  uint16_t push(Op op, uint16_t yes, uint16_t no);
  void port_set(const Test& test, Op& op);
  uint32_t table(const std::string& name);
  uint16_t flow_name(const std::string& name, std::string& why);

  Program& program_;
  const Model& model_;
  NumberedNames& ports_;
  NumberedNames& flows_;
  std::map<std::string, uint32_t> tables_;
  uint32_t first_op_ = 0;
  bool too_long_ = false;
};

// A necessary condition of an expression, as selective as can be had in one comparison.
Guard guard_of(const Expression& expression);
// Whether that is all of it.
bool guard_settles(const Expression& expression);

}  // namespace nm::classifier
