// What the emulator costs without any port: pairs of enqueue and dequeue of each scheduler, and packets through a pipe,
// one copy in and one out. On a virtual clock, one core.
//   emulator_model [--flows N] [--seconds S] [--frame BYTES]
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "../emulator/emulator.h"
#include "model.h"

namespace {

using namespace nm::emulator;

// Processor time of this thread: nothing here waits, and others may want the core.
double cpu() {
  timespec ts;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return static_cast<double>(ts.tv_sec) + static_cast<double>(ts.tv_nsec) * 1e-9;
}

// Every flow has a packet waiting at any time; the packets go round.
double pair_ns(SchedulerType type, uint32_t flows, bool mixed, double seconds) {
  PacketPool pool(uint64_t{4} << 30);
  const Time clock = 0;
  DropLog log(&clock);
  FlowSet own(0, QueueSettings(), &pool, &log, Dice(1, 1));
  std::vector<std::unique_ptr<FlowSet>> sets;
  QueuePool room(&pool.memory());
  std::vector<std::unique_ptr<Queue>> queues;
  std::unique_ptr<Scheduler> scheduler = Scheduler::make(type, FairSettings(), &own, 1);
  uint64_t lcg = 1;
  auto random = [&] { return static_cast<uint32_t>((lcg = lcg * 6364136223846793005 + 1442695040888963407) >> 33); };
  QueueSettings settings;
  settings.size = {1u << 20, false};
  for (uint32_t w = 0; w < 64; ++w) {
    settings.weight = mixed ? w + 1 : 1;
    sets.push_back(std::make_unique<FlowSet>(static_cast<uint16_t>(w + 1), settings, &pool, &log, Dice(1, 1)));
  }
  const bool fifo = type == SchedulerType::kFifo;
  for (uint32_t i = 0; i < (fifo ? 1 : flows); ++i) {
    queues.emplace_back(new (&room) Queue(fifo ? &own : sets[i % 64].get(), FlowKey(), 0));
    scheduler->adopt(queues.back().get());
  }
  own.settings = settings;
  for (uint32_t i = 0; i < flows; ++i) {
    for (int n = 0; n < 2; ++n) {
      Packet* p = pool.take(mixed ? 64 + random() % 1437 : 60);
      p->cookie = fifo ? 0 : i;
      scheduler->enqueue(queues[p->cookie].get(), p, 0);
    }
  }
  uint64_t pairs = 0;
  const double start = cpu();
  double elapsed = 0;
  while (elapsed < seconds) {
    for (int i = 0; i < 10000; ++i) {
      Packet* p = scheduler->dequeue(0);
      scheduler->enqueue(queues[p->cookie].get(), p, 0);
    }
    pairs += 10000;
    elapsed = cpu() - start;
  }
  PacketList all;
  scheduler->drain(&all);
  return elapsed * 1e9 / static_cast<double>(pairs);
}

struct CopyOut : Output {
  Emulator* emulator = nullptr;
  uint8_t buffers[256][2112];
  uint64_t packets = 0;
  void leave(Packet* packet, Time) override {
    std::memcpy(buffers[packets++ % 256], packet->data(), packet->length);
    emulator->release(packet);
  }
};

// Packets of batches of 256 a second apart by what the bandwidth takes.
double through_ns(const LinkSettings& link, uint32_t frame, double seconds) {
  auto out = std::make_unique<CopyOut>();
  EmulatorOptions options;
  options.memory = uint64_t{4} << 30;
  Emulator emulator(options, out.get());
  out->emulator = &emulator;
  Settings settings;
  settings.pipes[1].link = link;
  settings.pipes[1].queue.size = {100000, false};
  emulator.apply(settings, 0);
  std::vector<uint8_t> bytes(frame * 256);
  const Time step = link.bandwidth ? static_cast<Time>(link.bits_of(frame) * 256 * kSecond / link.bandwidth) : 25600;
  uint64_t packets = 0;
  Time now = 0;
  // The delay line is full before the clock starts.
  for (Time end = link.delay * 11 / 10; now < end; now += step) {
    emulator.advance(now);
    for (int i = 0; i < 256; ++i) emulator.submit(Target::kPipe, 1, &bytes[frame * i], frame, {}, now);
  }
  const double start = cpu();
  double elapsed = 0;
  while (elapsed < seconds) {
    for (int k = 0; k < 20; ++k, now += step) {
      emulator.advance(now);
      for (int i = 0; i < 256; ++i) emulator.submit(Target::kPipe, 1, &bytes[frame * i], frame, {}, now);
    }
    packets += 20 * 256;
    elapsed = cpu() - start;
  }
  return elapsed * 1e9 / static_cast<double>(packets);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = model::argument(argc, argv, "--seconds", 0.5);
  const auto flows = static_cast<uint32_t>(model::argument(argc, argv, "--flows", 32768));
  const auto frame = static_cast<uint32_t>(model::argument(argc, argv, "--frame", 60));
  const std::pair<const char*, SchedulerType> types[] = {{"fifo", SchedulerType::kFifo},
                                                         {"rr", SchedulerType::kRoundRobin},
                                                         {"wf2q+", SchedulerType::kWf2q},
                                                         {"qfq", SchedulerType::kQfq}};
  std::string result;
  for (const auto& [name, type] : types) {
    const double equal = pair_ns(type, flows, false, seconds), mixed = pair_ns(type, flows, true, seconds);
    std::printf("{\"type\":\"pair\",\"scheduler\":\"%s\",\"flows\":%u,\"ns\":%.1f,\"mixed_ns\":%.1f}\n", name, flows,
                equal, mixed);
    result +=
        ",\"" + std::string(name) + "\":" + std::to_string(equal) + ",\"" + name + " mixed\":" + std::to_string(mixed);
  }
  LinkSettings fast, delayed, both;
  fast.bandwidth = 10000000000;
  delayed.delay = 10 * kMillisecond;
  both.bandwidth = 10000000000;
  both.delay = 100 * kMillisecond;
  const std::pair<const char*, LinkSettings> links[] = {{"bandwidth", fast}, {"delay", delayed}, {"both", both}};
  for (const auto& [name, link] : links) {
    std::printf("{\"type\":\"through\",\"link\":\"%s\",\"frame\":%u,\"ns\":%.1f}\n", name, frame,
                through_ns(link, frame, seconds));
  }
  std::printf("{\"type\":\"result\"%s}\n", result.c_str());
  return 0;
}
