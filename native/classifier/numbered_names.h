// Names (of ports, of flows) and their numbers: from 1 on, the same for the life of a Ruleset.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace nm::classifier {

class NumberedNames {
 public:
  // `of_ports`: names are the same if they differ only in `netmap:` and in options (`@...`).
  explicit NumberedNames(bool of_ports = false) : of_ports_(of_ports) {}

  // The number of a name, a new one if need be; 0 for an empty name or when there are 65535 already.
  uint16_t number(std::string_view name);
  std::string name(uint16_t number) const;
  // Those that match a pattern with `*`, `?`.
  std::vector<uint16_t> matching(std::string_view pattern) const;
  uint32_t count() const;

 private:
  const bool of_ports_;
  mutable std::mutex mutex_;
  std::map<std::string, uint16_t, std::less<>> numbers_;
  std::vector<std::string> names_;
};

bool is_pattern(std::string_view text);
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace nm::classifier
