// Words of ipfw's that are refused, and why.
#include <string_view>

#include "rule_parser.h"

namespace nm::classifier {
namespace {

struct Refusal {
  std::string_view word;
  const char* why;
};

constexpr const char* kSockets = "there are no sockets here to divert to";
constexpr const char* kReply = "frames are passed or dropped, never answered: use deny";
constexpr const char* kNat = "addresses are not translated here";
constexpr const char* kNetgraph = "there is no netgraph here";
constexpr const char* kRoutes = "there is no routing table here";
constexpr const char* kOwner = "frames have no local owner here";

constexpr Refusal kActions[] = {
    {"divert", kSockets},
    {"tee", kSockets},
    {"fwd", "there is no next hop on a link: use the rules of a bridge or an emulator per port"},
    {"forward", "there is no next hop on a link: use the rules of a bridge or an emulator per port"},
    {"netgraph", kNetgraph},
    {"ngtee", kNetgraph},
    {"reject", kReply},
    {"unreach", kReply},
    {"unreach6", kReply},
    {"reset", kReply},
    {"reset6", kReply},
    {"abort", kReply},
    {"abort6", kReply},
    {"nat", kNat},
    {"nat64lsn", kNat},
    {"nat64stl", kNat},
    {"nat64clat", kNat},
    {"nptv6", kNat},
    {"reass", "fragments are not put together here: match them with frag"},
    {"setfib", kRoutes},
    {"tcp-setmss", "options of TCP are not rewritten"},
    {"eaction", "there are no modules to load"},
};

constexpr Refusal kOptions[] = {
    {"fib", kRoutes},
    {"verrevpath", kRoutes},
    {"versrcreach", kRoutes},
    {"antispoof", kRoutes},
    {"ipsec", "frames come as they are on the wire: match esp and ah with proto or ext6hdr"},
    {"uid", kOwner},
    {"gid", kOwner},
    {"jail", kOwner},
    {"sockarg", kOwner},
    {"diverted", kSockets},
    {"diverted-loopback", kSockets},
    {"diverted-output", kSockets},
    {"altq", "there is no ALTQ here: use pipe or queue"},
    {"logdst", "what is logged goes to the callback or the capture that was set up"},
};

template <size_t kCount>
const char* find(const Refusal (&list)[kCount], std::string_view word) {
  for (const Refusal& refusal : list) {
    if (refusal.word == word) return refusal.why;
  }
  return nullptr;
}

}  // namespace

const char* refused_action(std::string_view word) {
  return find(kActions, word);
}
const char* refused_option(std::string_view word) {
  return find(kOptions, word);
}

}  // namespace nm::classifier
