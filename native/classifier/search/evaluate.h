// The conditions of a rule, on a packet.
#pragma once

#include "../packet/packet.h"
#include "../program/program.h"

namespace nm::classifier {

// What a search needs besides the packet.
struct Evaluation {
  const Edition& edition;
  const Packet& packet;
  const Passport& passport;
  const Row* row;  // the values looked up last in this rule
};

bool holds(Evaluation& evaluation, const Step& step);

}  // namespace nm::classifier
