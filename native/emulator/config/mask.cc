// Masks: which packets are one flow.
#include "../units.h"
#include "context.h"

namespace nm::emulator {
namespace {

constexpr uint64_t kAll = ~uint64_t{0};

struct Field {
  const char* name;
  int bits;
};
constexpr Field kFields[] = {{"dst-ip", 32},   {"src-ip", 32},   {"dst-ip6", 128}, {"src-ip6", 128},
                             {"dst-port", 16}, {"src-port", 16}, {"proto", 8},     {"flow-id", 20}};

// 0xff.., /n, n, or four bytes with dots. As the high bits of 128 for IPv6.
bool read_bits(std::string_view text, const Field& field, uint64_t* high, uint64_t* low, Problem* problem) {
  *low = 0;
  if (!text.empty() && text[0] == '/') {  // a prefix: the n high bits. (dummynet takes the low ones for IPv4.)
    uint64_t n;
    if (!parse_whole(text.substr(1), 0, static_cast<uint64_t>(field.bits), &n, problem)) return false;
    if (field.bits == 128) {
      *high = n >= 64 ? kAll : n == 0 ? 0 : kAll << (64 - n);
      *low = n <= 64 ? 0 : kAll << (128 - n);
    } else {
      *high = n == 0 ? 0 : (kAll << (64 - n)) >> (64 - field.bits);
    }
    return true;
  }
  if (field.bits == 128) return problem->set("write the mask of an IPv6 address as /n, for example /64");
  const uint64_t most = (uint64_t{1} << field.bits) - 1;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    uint64_t value = 0;
    for (const char c : text.substr(2)) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
      if (digit < 0 || text.size() > 10) return problem->set("'" + std::string(text.substr(0, 40)) + "' is no number");
      value = value << 4 | static_cast<uint64_t>(digit);
    }
    if (value > most) {
      return problem->set("'" + std::string(text) + "' is too large: the field has " + std::to_string(field.bits) +
                          " bits");
    }
    *high = value;
    return true;
  }
  if (field.bits == 32 && text.find('.') != std::string_view::npos) {
    uint64_t value = 0;
    size_t at = 0;
    for (int i = 0; i < 4; ++i) {
      const size_t dot = i == 3 ? text.size() : text.find('.', at);
      uint64_t byte;
      if (dot == std::string_view::npos) return problem->set("an IPv4 mask has four bytes: 255.255.255.0");
      if (!parse_whole(text.substr(at, dot - at), 0, 255, &byte, problem)) return false;
      value = value << 8 | byte;
      at = dot + 1;
    }
    *high = value;
    return true;
  }
  return parse_whole(text, 0, most, high, problem);
}

void set_all(FlowKey* mask) {
  *mask = FlowKey();
  for (int i = 0; i < 2; ++i) mask->source6[i] = mask->target6[i] = kAll;
  mask->source4 = mask->target4 = 0xffffffff;
  mask->source_port = mask->target_port = 0xffff;
  mask->protocol = 0xff;
  mask->flow_label = 0xfffff;
}

void set_field(int index, uint64_t high, uint64_t low, FlowKey* mask) {
  switch (index) {
    case 0:
      mask->target4 = static_cast<uint32_t>(high);
      break;
    case 1:
      mask->source4 = static_cast<uint32_t>(high);
      break;
    case 2:
      mask->target6[0] = high;
      mask->target6[1] = low;
      break;
    case 3:
      mask->source6[0] = high;
      mask->source6[1] = low;
      break;
    case 4:
      mask->target_port = static_cast<uint16_t>(high);
      break;
    case 5:
      mask->source_port = static_cast<uint16_t>(high);
      break;
    case 6:
      mask->protocol = static_cast<uint8_t>(high);
      break;
    default:
      mask->flow_label = static_cast<uint32_t>(high);
  }
}

}  // namespace

bool read_mask(const Context& context, FlowKey* mask) {
  *mask = FlowKey();
  Words& words = *context.words;
  const size_t start = words.place();
  bool any = false;
  for (;;) {
    if (words.accept("all")) {
      const uint16_t set = mask->set;
      set_all(mask);
      mask->set = set;
      any = true;
      continue;
    }
    int index = 0;
    while (index < 8 && !same_word(words.peek(), kFields[index].name)) ++index;
    if (index == 8) {
      // `queue` followed by a number is a size: the next word of the command.
      Words ahead = words;
      uint64_t number;
      Problem none;
      if (!ahead.accept("queue")) break;
      if (!ahead.done() && parse_whole(ahead.peek().substr(0, 1), 0, 9, &number, &none)) break;
      words.take();
      mask->set = 0xffff;
      any = true;
      continue;
    }
    words.take();
    if (words.done()) return context.problem->set("a mask is missing, for example 0xffffffff or /24", words.place());
    uint64_t high, low;
    Problem why;
    if (!read_bits(words.take(), kFields[index], &high, &low, &why)) return context.bad(why.message);
    set_field(index, high, low, mask);
    any = true;
  }
  if (!any) {
    return context.problem->set(
        "a mask is missing: all, queue, or dst-ip, src-ip, dst-ip6, src-ip6, dst-port, src-port, proto, flow-id with a "
        "mask or /n",
        start);
  }
  if (mask->empty()) context.note("the mask is all zero: it makes one flow of everything");
  FlowKey packets = *mask;
  packets.set = 0;
  if (!packets.empty()) mask->family = 0xff;
  return true;
}

}  // namespace nm::emulator
