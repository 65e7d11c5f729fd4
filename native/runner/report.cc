#include "report.h"

#include "../emulator/json.h"
#include "../emulator/report.h"

namespace nm::runner {
namespace {

using emulator::Json;

void add(Json* json, const char* name, const emulator::Histogram& times) {
  json->key(name).open('{').field("times", times.total()).field("p50", times.quantile(0.5));
  json->field("p90", times.quantile(0.9)).field("p99", times.quantile(0.99)).field("most", times.most()).close('}');
}

void add(Json* json, const Lane& lane) {
  const LaneCounts& c = lane.counts();
  json->open('{').field("direction", lane.direction() == Box::Direction::kOut ? "out" : "in");
  json->field("packets", c.packets).field("bytes", c.bytes);
  json->field("outPackets", c.out_packets).field("outBytes", c.out_bytes).field("straight", c.straight);
  const emulator::PacketRing& waiting = lane.backlog();
  json->key("waiting").open('{').field("packets", waiting.count()).field("bytes", waiting.bytes()).close('}');
  json->field("noRoom", c.no_room).field("bad", c.bad).field("first", c.first).field("last", c.last);
  add(json, "late", c.late);
  json->close('}');
}

void add(Json* json, const Box& box) {
  json->key("emulator").raw(emulator::report(box.emulator()));
  json->field("denied", box.denied()).field("inside", box.inside());
}

}  // namespace

std::string report(const Worker& worker) {
  Json json;
  json.open('{').key("lanes").open('[');
  for (const auto& lane : worker.lanes()) add(&json, *lane);
  json.close(']');
  add(&json, worker.box());
  add(&json, "pauses", worker.pauses());
  return json.close('}').text();
}

std::string report(const Box& box) {
  Json json;
  json.open('{').key("lanes").open('[').close(']');
  add(&json, box);
  return json.close('}').text();
}

}  // namespace nm::runner
