// enable, disable, sysctl
#include "change.h"

namespace nm::classifier {
namespace {

constexpr std::string_view kPrefix = "net.inet.ip.fw.";

struct Setting {
  std::string_view name;
  uint32_t least;
  uint32_t most;
  bool Settings::* flag;
  uint32_t Settings::* number;
  int64_t Settings::* seconds;
};

constexpr Setting kSettings[] = {
    {"enable", 0, 1, &Settings::enabled, nullptr, nullptr},
    {"one_pass", 0, 1, &Settings::one_pass, nullptr, nullptr},
    {"autoinc_step", 1, 1000, nullptr, &Settings::autoinc_step, nullptr},
    {"verbose_limit", 0, 0x7fffffff, nullptr, &Settings::verbose_limit, nullptr},
    {"dyn_max", 1, 1u << 24, nullptr, &Settings::max_states, nullptr},
    {"dyn_syn_lifetime", 1, 1000000, nullptr, nullptr, &Settings::syn_lifetime},
    {"dyn_ack_lifetime", 1, 1000000, nullptr, nullptr, &Settings::ack_lifetime},
    {"dyn_fin_lifetime", 1, 1000000, nullptr, nullptr, &Settings::fin_lifetime},
    {"dyn_rst_lifetime", 1, 1000000, nullptr, nullptr, &Settings::rst_lifetime},
    {"dyn_udp_lifetime", 1, 1000000, nullptr, nullptr, &Settings::udp_lifetime},
    {"dyn_short_lifetime", 1, 1000000, nullptr, nullptr, &Settings::short_lifetime},
};

uint32_t value_of(const Settings& settings, const Setting& setting) {
  if (setting.flag) return settings.*setting.flag ? 1 : 0;
  if (setting.number) return settings.*setting.number;
  return static_cast<uint32_t>(settings.*setting.seconds / kSecond);
}

}  // namespace

bool Change::enable(Cursor& cursor, bool on) {
  std::string word;
  if (!cursor.need("what to switch", word)) return false;
  if (word == "firewall") {
    model_.settings.enabled = on;
    return true;
  }
  if (word == "one_pass") {
    model_.settings.one_pass = on;
    return true;
  }
  // Off for good, or of no consequence here.
  if (word == "skipto_cache" ||
      (!on && (word == "dyn_keepalive" || word == "altq" || word == "debug" || word == "verbose"))) {
    return true;
  }
  if (word == "dyn_keepalive") return cursor.fail_last("'dyn_keepalive' is not supported: no frames are made here");
  if (word == "altq") return cursor.fail_last("'altq' is not supported: use pipe or queue");
  if (word == "debug" || word == "verbose") {
    return cursor.fail_last(quoted(word) + " is not supported: what is logged goes to the callback or the capture");
  }
  return cursor.fail_last(quoted(word) + " cannot be switched: there are firewall and one_pass");
}

bool Change::sysctl(Cursor& cursor, std::string& output) {
  std::string word;
  if (!cursor.need("NAME=VALUE", word)) return false;
  const std::string_view text = word;
  const size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals);
  if (name.compare(0, kPrefix.size(), kPrefix) == 0) {
    name.remove_prefix(kPrefix.size());
    for (const Setting& setting : kSettings) {
      if (setting.name != name) continue;
      Settings& settings = model_.settings;
      if (equals == std::string_view::npos) {
        output += std::string(text) + ": " + to_string(value_of(settings, setting)) + "\n";
        return true;
      }
      uint64_t value;
      if (!read_number(text.substr(equals + 1), setting.most, value) || value < setting.least) {
        return cursor.fail_last(quoted(text.substr(equals + 1)) + " is not from " + to_string(setting.least) + " to " +
                                    to_string(setting.most),
                                equals + 1);
      }
      if (setting.flag) settings.*setting.flag = value != 0;
      if (setting.number) settings.*setting.number = static_cast<uint32_t>(value);
      if (setting.seconds) settings.*setting.seconds = static_cast<int64_t>(value) * kSecond;
      return true;
    }
  }
  std::string known;
  for (const Setting& setting : kSettings) known += (known.empty() ? "" : ", ") + std::string(setting.name);
  return cursor.fail_last(quoted(text.substr(0, equals)) + " is no setting of the classifier: there are " +
                          std::string(kPrefix) + "{" + known + "}");
}

}  // namespace nm::classifier
