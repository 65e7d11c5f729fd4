// What a ruleset consists of, before it is compiled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rule.h"
#include "table/table.h"

namespace nm::classifier {

constexpr int64_t kSecond = 1000000000;

struct Settings {
  bool enabled = true;
  bool one_pass = true;
  uint32_t autoinc_step = 100;
  uint32_t verbose_limit = 0;  // logamount where a rule gives none; 0: no end
  uint32_t max_states = 16384;
  // Of dynamic states, in ns.
  int64_t syn_lifetime = 20 * kSecond;
  int64_t ack_lifetime = 300 * kSecond;
  int64_t fin_lifetime = 1 * kSecond;
  int64_t rst_lifetime = 1 * kSecond;
  int64_t udp_lifetime = 10 * kSecond;
  int64_t short_lifetime = 5 * kSecond;
};

struct Model {
  std::vector<RulePtr> rules;  // by number, then by age; without the default rule
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables;
  uint32_t disabled_sets = 0;
  Settings settings;
};

}  // namespace nm::classifier
