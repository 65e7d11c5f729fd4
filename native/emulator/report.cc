#include "report.h"

#include "json.h"

namespace nm::emulator {
namespace {

struct Sum {
  uint64_t packets = 0, bytes = 0, flows = 0;
};

void counts(Json* json, const char* name, uint64_t packets, uint64_t bytes) {
  json->key(name).open('{').field("packets", packets).field("bytes", bytes).close('}');
}

void drops(Json* json, const Drops& a, const Drops& b) {
  json->key("drops").open('{');
  for (int i = 0; i < kCauses; ++i) {
    const auto cause = static_cast<Cause>(i);
    if (a[cause] + b[cause] > 0) json->field(name_of(cause), a[cause] + b[cause]);
  }
  json->close('}');
}

Time mean(Time sum, uint64_t n) {
  return n ? sum / static_cast<Time>(n) : 0;
}

void pipe_report(Json* json, const Emulator& emulator, const Pipe& pipe) {
  const LinkCounts& c = pipe.counts();
  const Pipe::Backlog backlog = pipe.backlog();
  const Impairments& impairments = pipe.impairments();
  uint64_t flow_count = 0;
  pipe.each_instance([&](const Instance*) { ++flow_count; });
  json->open('{').field("number", pipe.number()).field("scheduler", name_of(pipe.type()));
  json->field("bandwidth", pipe.bandwidth(emulator.now())).field("delay", pipe.link().delay);
  counts(json, "arrived", pipe.own().packets, pipe.own().bytes);
  counts(json, "sent", c.packets, c.bytes);
  counts(json, "out", c.out_packets, c.out_bytes);
  counts(json, "waiting", backlog.packets, backlog.bytes);
  counts(json, "delayed", backlog.line_packets, backlog.line_bytes);
  json->field("flows", flow_count).field("marked", pipe.own().sink.marked).field("corrupted", impairments.corrupted);
  json->field("duplicated", impairments.duplicated).field("reordered", impairments.reordered);
  json->key("wait").open('{').field("mean", mean(c.waited_sum, c.packets)).field("most", c.waited_most).close('}');
  const Histogram& h = c.transit;
  json->key("transit").open('{').field("packets", h.total()).field("sum", c.transit_sum);
  json->field("least", h.total() ? c.transit_least : 0);
  json->field("mean", mean(c.transit_sum, h.total())).field("most", c.transit_most);
  json->field("p50", h.quantile(0.5)).field("p90", h.quantile(0.9)).field("p99", h.quantile(0.99)).close('}');
  drops(json, pipe.own().sink.drops, pipe.exit().drops);
  json->close('}');
}

// What waits in the queues of a flow set.
Sum waiting_of(const Emulator& emulator, const FlowSet& set) {
  Sum sum;
  const Pipe* pipe = emulator.pipe(set.settings.scheduler);
  if (!pipe) return sum;
  pipe->each_instance([&](const Instance* instance) {
    instance->queues.each([&](const Queue* queue) {
      if (queue->set != &set) return;
      ++sum.flows;
      sum.packets += queue->packets.count();
      sum.bytes += queue->packets.bytes();
    });
  });
  return sum;
}

void queue_report(Json* json, const Emulator& emulator, uint16_t number, const FlowSet& set) {
  const Sum waiting = waiting_of(emulator, set);
  json->open('{').field("number", number).field("pipe", set.settings.scheduler).field("weight", set.settings.weight);
  counts(json, "arrived", set.packets, set.bytes);
  counts(json, "waiting", waiting.packets, waiting.bytes);
  json->field("flows", waiting.flows).field("marked", set.sink.marked);
  drops(json, set.sink.drops, Drops());
  json->close('}');
}

std::string address(const FlowKey& key, bool source) {
  std::string text;
  if (key.family == 6) {
    const uint64_t* words = source ? key.source6 : key.target6;
    char part[8];
    for (int i = 0; i < 8; ++i) {
      std::snprintf(part, sizeof part, "%x", static_cast<unsigned>(words[i / 4] >> (48 - 16 * (i % 4)) & 0xffff));
      text += (i ? ":" : "") + std::string(part);
    }
    return text;
  }
  const uint32_t ip = source ? key.source4 : key.target4;
  for (int i = 3; i >= 0; --i) text += std::to_string(ip >> (8 * i) & 255) + (i ? "." : "");
  return text;
}

}  // namespace

std::string report(const Emulator& emulator) {
  Json json;
  const PacketPool& pool = emulator.pool();
  json.open('{').field("time", emulator.now());
  json.key("memory").open('{').field("held", pool.memory().held()).field("limit", pool.memory().limit());
  json.field("packets", pool.packets()).close('}');
  drops(&json, emulator.drops(), Drops());
  json.key("pipes").open('[');
  for (const auto& [number, settings] : emulator.settings().pipes) {
    if (const Pipe* pipe = emulator.pipe(number)) pipe_report(&json, emulator, *pipe);
  }
  json.close(']').key("queues").open('[');
  for (const auto& [number, settings] : emulator.settings().queues) {
    if (const FlowSet* set = emulator.queue(number)) queue_report(&json, emulator, number, *set);
  }
  return json.close(']').close('}').text();
}

std::string flows(const Emulator& emulator, uint16_t number, size_t most) {
  Json json;
  json.open('[');
  const Pipe* pipe = emulator.pipe(number);
  size_t count = 0;
  auto tell = [&](const FlowKey& key, const Queue& queue) {
    if (count++ >= most) return;
    json.open('{').field("queue", queue.set->number).field("protocol", key.protocol);
    json.field("source", address(key, true)).field("sourcePort", key.source_port);
    json.field("target", address(key, false)).field("targetPort", key.target_port);
    json.field("packets", queue.arrived_packets).field("bytes", queue.arrived_bytes).field("dropped", queue.dropped);
    json.field("waiting", queue.packets.count()).close('}');
  };
  if (pipe) {
    pipe->each_instance([&](const Instance* instance) {
      if (instance->own.arrived_packets) tell(instance->key, instance->own);
      instance->queues.each([&](const Queue* queue) { tell(queue->key, *queue); });
    });
  }
  return json.close(']').text();
}

}  // namespace nm::emulator
