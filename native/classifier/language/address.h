// Addresses as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../table/u128.h"

namespace nm::classifier {

bool read_ip4(std::string_view text, uint32_t& out);
bool read_ip6(std::string_view text, U128& out);
// Six groups of one or two hexadecimal digits, between colons (or hyphens).
bool read_mac(std::string_view text, uint64_t& out);

std::string show_ip4(uint32_t address);
std::string show_ip6(const U128& address);  // RFC 5952
std::string show_mac(uint64_t address);

}  // namespace nm::classifier
