// Where the headers of a frame lie. Any bytes may be given: nothing is read beyond their end, and each field that
// decides where to go on is read once, because others may change the memory meanwhile.
#pragma once

#include <cstdint>

#include "../packet/bytes.h"

namespace nm::traffic {

struct Headers {
  const uint8_t* frame = nullptr;
  uint32_t length = 0;
  uint16_t ether_type = 0;  // behind all VLAN tags; 0: not even an Ethernet header
  uint16_t vlan = 0;        // id of the outermost tag
  uint8_t vlans = 0;
  uint8_t protocol = 0;    // behind all extension headers; only where `network` is set
  bool fragment = false;   // of a packet: only the first one has a transport header
  uint32_t network = 0;    // offset of the IPv4 or IPv6 header, 0: none that is whole
  uint32_t transport = 0;  // offset of what follows it, 0: none
  uint32_t end = 0;        // of the IP packet, within the frame

  bool is_ipv4() const { return network != 0 && ether_type == 0x0800; }
  bool is_ipv6() const { return network != 0 && ether_type == 0x86dd; }
  bool has_ports() const { return transport != 0 && (protocol == 6 || protocol == 17) && end - transport >= 4; }

  void parse(const uint8_t* bytes, uint32_t size);

 private:
  void parse_ipv4(uint32_t at);
  void parse_ipv6(uint32_t at);
};

}  // namespace nm::traffic
