// Names for numbers: protocols, services, code points, flags.
#pragma once

#include <cstdint>
#include <string_view>

namespace nm::classifier {

struct Name {
  std::string_view text;
  uint32_t value;
};

// A list of names; the first of several for one value is the usual one.
class Names {
 public:
  template <size_t kCount>
  constexpr explicit Names(const Name (&names)[kCount]) : begin_(names), end_(names + kCount) {}

  bool find(std::string_view text, uint32_t& value) const {
    for (const Name* name = begin_; name != end_; ++name) {
      if (name->text != text) continue;
      value = name->value;
      return true;
    }
    return false;
  }
  const Name* begin() const { return begin_; }
  const Name* end() const { return end_; }

 private:
  const Name* begin_;
  const Name* end_;
};

extern const Names kProtocols;  // IP protocols
extern const Names kServices;   // ports
extern const Names kEtherTypes;
extern const Names kDscps;
extern const Names kTcpFlags;    // bits
extern const Names kTcpOptions;  // bits, see tcp_options()
extern const Names kIpOptions;   // bits, see ip_options()
extern const Names kTosBits;
extern const Names kFragmentBits;
extern const Names kExtensionHeaders;  // shape bits

}  // namespace nm::classifier
