#include "names.h"

#include "../packet/packet.h"

namespace nm::classifier {
namespace {

constexpr Name kProtocolList[] = {
    {"icmp", 1},        {"igmp", 2},       {"ipencap", 4},      {"tcp", 6},    {"egp", 8},         {"igp", 9},
    {"udp", 17},        {"hmp", 20},       {"rdp", 27},         {"dccp", 33},  {"ipv6-route", 43}, {"ipv6-frag", 44},
    {"rsvp", 46},       {"gre", 47},       {"esp", 50},         {"ah", 51},    {"ipv6-icmp", 58},  {"icmp6", 58},
    {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"eigrp", 88},       {"ospf", 89},  {"ospfigp", 89},    {"etherip", 97},
    {"encap", 98},      {"pim", 103},      {"ipcomp", 108},     {"vrrp", 112}, {"carp", 112},      {"l2tp", 115},
    {"sctp", 132},      {"udplite", 136},  {"mpls-in-ip", 137},
};

constexpr Name kServiceList[] = {
    {"tcpmux", 1},
    {"echo", 7},
    {"discard", 9},
    {"daytime", 13},
    {"chargen", 19},
    {"ftp-data", 20},
    {"ftp", 21},
    {"ssh", 22},
    {"telnet", 23},
    {"smtp", 25},
    {"time", 37},
    {"whois", 43},
    {"domain", 53},
    {"bootps", 67},
    {"bootpc", 68},
    {"tftp", 69},
    {"gopher", 70},
    {"finger", 79},
    {"http", 80},
    {"www", 80},
    {"kerberos", 88},
    {"pop3", 110},
    {"sunrpc", 111},
    {"auth", 113},
    {"nntp", 119},
    {"ntp", 123},
    {"epmap", 135},
    {"netbios-ns", 137},
    {"netbios-dgm", 138},
    {"netbios-ssn", 139},
    {"imap", 143},
    {"imap2", 143},
    {"snmp", 161},
    {"snmptrap", 162},
    {"xdmcp", 177},
    {"bgp", 179},
    {"irc", 194},
    {"ldap", 389},
    {"https", 443},
    {"microsoft-ds", 445},
    {"submissions", 465},
    {"isakmp", 500},
    {"exec", 512},
    {"login", 513},
    {"shell", 514},
    {"syslog", 514},
    {"printer", 515},
    {"rip", 520},
    {"route", 520},
    {"ripng", 521},
    {"uucp", 540},
    {"dhcpv6-client", 546},
    {"dhcpv6-server", 547},
    {"rtsp", 554},
    {"nntps", 563},
    {"submission", 587},
    {"ipp", 631},
    {"ldaps", 636},
    {"ldp", 646},
    {"rsync", 873},
    {"ftps-data", 989},
    {"ftps", 990},
    {"telnets", 992},
    {"imaps", 993},
    {"pop3s", 995},
    {"socks", 1080},
    {"openvpn", 1194},
    {"ms-sql-s", 1433},
    {"radius", 1812},
    {"radius-acct", 1813},
    {"nfs", 2049},
    {"nfsd", 2049},
    {"mysql", 3306},
    {"ms-wbt-server", 3389},
    {"sip", 5060},
    {"sip-tls", 5061},
    {"postgresql", 5432},
    {"x11", 6000},
    {"afs3-fileserver", 7000},
    {"http-alt", 8080},
};

constexpr Name kEtherTypeList[] = {
    {"ip", 0x0800},     {"ipv4", 0x0800}, {"ip4", 0x0800},      {"arp", 0x0806},  {"rarp", 0x8035},
    {"vlan", 0x8100},   {"ipx", 0x8137},  {"ipv6", 0x86dd},     {"ip6", 0x86dd},  {"pppoed", 0x8863},
    {"pppoes", 0x8864}, {"mpls", 0x8847}, {"mplsm", 0x8848},    {"qinq", 0x88a8}, {"eapol", 0x888e},
    {"lldp", 0x88cc},   {"ptp", 0x88f7},  {"loopback", 0x9000},
};

constexpr Name kDscpList[] = {
    {"be", 0},    {"cs0", 0},   {"cs1", 8},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"cs2", 16}, {"af21", 18},
    {"af22", 20}, {"af23", 22}, {"cs3", 24}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"cs4", 32}, {"af41", 34},
    {"af42", 36}, {"af43", 38}, {"cs5", 40}, {"va", 44},   {"ef", 46},   {"cs6", 48},  {"cs7", 56},
};

constexpr Name kTcpFlagList[] = {{"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04}, {"psh", 0x08},
                                 {"ack", 0x10}, {"urg", 0x20}, {"ece", 0x40}, {"cwr", 0x80}};
constexpr Name kTcpOptionList[] = {{"mss", 1}, {"window", 2}, {"sack", 4}, {"ts", 8}, {"cc", 16}};
constexpr Name kIpOptionList[] = {{"lsrr", 1}, {"ssrr", 2}, {"rr", 4}, {"ts", 8}};
constexpr Name kTosList[] = {
    {"lowdelay", 0x10}, {"throughput", 0x08}, {"reliability", 0x04}, {"mincost", 0x02}, {"congestion", 0x03}};
constexpr Name kFragmentList[] = {{"rf", 1}, {"df", 2}, {"mf", 4}, {"offset", 8}};
constexpr Name kExtensionList[] = {{"frag", shape::kFragmentHeader},
                                   {"hopopt", shape::kHopByHop},
                                   {"route", shape::kRouting},
                                   {"rthdr0", shape::kRouting0},
                                   {"rthdr2", shape::kRouting2},
                                   {"dstopt", shape::kDestination},
                                   {"ah", shape::kAh},
                                   {"esp", shape::kEsp}};

}  // namespace

const Names kProtocols(kProtocolList);
const Names kServices(kServiceList);
const Names kEtherTypes(kEtherTypeList);
const Names kDscps(kDscpList);
const Names kTcpFlags(kTcpFlagList);
const Names kTcpOptions(kTcpOptionList);
const Names kIpOptions(kIpOptionList);
const Names kTosBits(kTosList);
const Names kFragmentBits(kFragmentList);
const Names kExtensionHeaders(kExtensionList);

}  // namespace nm::classifier
