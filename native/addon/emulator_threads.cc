// NativeEmulator between ports: its threads.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "../packet/vnet_header.h"
#include "../traffic/clock.h"
#include "emulator.h"
#include "failure.h"
#include "typed_array.h"
#include "values.h"

namespace nm {
namespace {

using runner::Stop;
using runner::Worker;

// Memory that packets in flight and in queues will need, so that no page has to be found for them while they come.
uint64_t memory_of(const emulator::Settings& settings, uint64_t most) {
  double bytes = 0;
  for (const auto& [number, pipe] : settings.pipes) {
    bytes += static_cast<double>(pipe.link.bandwidth) * static_cast<double>(pipe.link.delay) / 8e9;
  }
  return bytes < static_cast<double>(most) ? static_cast<uint64_t>(bytes * 1.1) : most;
}

}  // namespace

void NativeEmulator::stop_threads() {
  for (const auto& worker : workers_) worker->stop(Stop::kDrop);
  for (const auto& worker : workers_) worker->join();
  for (NativePort* port : std::exchange(ports_, {})) port->remove_user(this);
}

void NativeEmulator::leave(NativePort* port) {
  ports_.erase(std::remove(ports_.begin(), ports_.end(), port), ports_.end());
  stop_threads();
}

bool NativeEmulator::read_lane(const Config& config, size_t index, runner::LaneSpec* lane) {
  const Napi::Value from_value = config.get("from"), to_value = config.get("to");
  if (from_value.IsEmpty() || to_value.IsEmpty()) return false;
  NativePort *from = NativePort::from(from_value), *to = NativePort::from(to_value);
  if (!from || !to || !from->device() || !to->device() || !from->mapping() || !to->mapping()) return false;
  lane->direction = index == 0 ? Box::Direction::kOut : Box::Direction::kIn;
  lane->from = from->device();
  lane->to = to->device();
  lane->from_header = std::min(config.u32("fromHeader"), VnetHeader::kLong);
  lane->to_header = std::min(config.u32("toHeader"), VnetHeader::kLong);
  // That both use one region cannot be seen here: the kernel maps it once for each port.
  lane->swap = config.flag("swap");
  auto bind = [&](const char* offsets, const char* heads, const Mapping& mapping,
                  std::vector<runner::WireRing>* rings) {
    const std::vector<double> at = config.doubles(offsets), first = config.doubles(heads);
    if (at.empty() || at.size() != first.size() || at.size() > 256) return false;
    rings->resize(at.size());
    for (size_t k = 0; k < at.size(); ++k) {
      if (!(*rings)[k].bind(mapping, at[k], first[k])) return false;
    }
    return true;
  };
  if (!bind("rings", "heads", *from->mapping(), &lane->rx) || !bind("toRings", "toHeads", *to->mapping(), &lane->tx)) {
    return false;
  }
  for (NativePort* port : {from, to}) {
    ports_.push_back(port);
    mappings_.push_back(port->mapping());
  }
  return true;
}

// start({lanes: [out, in?], threads, spin, cores, realtime, inside, outside}): null or a failure. A lane: {from, to,
// rings, heads, toRings, toHeads, swap, fromHeader, toHeader}.
Napi::Value NativeEmulator::start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const Config config(info[0]);
  if (!config.ok() || !workers_.empty()) return to_js(env, Status::failure(EINVAL, "start"));
  const Status status = start_workers(config);
  if (!status.ok()) {
    stop_threads();
    workers_.clear();
    ports_.clear();
    mappings_.clear();
    return to_js(env, status);
  }
  for (NativePort* port : ports_) port->add_user(this);
  held_ = Napi::Persistent(info[0].As<Napi::Object>());
  return env.Null();
}

Status NativeEmulator::start_workers(const Config& config) {
  const std::vector<Config> lanes = config.list("lanes");
  if (lanes.empty() || lanes.size() > 2) return Status::failure(EINVAL, "start");
  const size_t threads = config.u32("threads", 1) == 2 ? lanes.size() : 1;
  const Time now = traffic::now_ns();
  for (size_t k = 0; k < threads; ++k) {
    // Directions that share nothing draw different random numbers.
    emulator::EmulatorOptions options = options_;
    options.seed += k * 0x9e3779b97f4a7c15;
    options.memory /= threads;
    workers_.push_back(std::make_unique<Worker>(rules_, options, static_cast<uint32_t>(k + 2)));
    Box& box = workers_.back()->box();
    box.name_ports(inside_.empty() ? config.text("inside") : inside_,
                   outside_.empty() ? config.text("outside") : outside_);
    box.adopt(box_->emulator().settings(), now);
    box.emulator().drop_log().turn(watches_drops_);
    box.emulator().reserve(memory_of(box_->emulator().settings(), options.memory));
  }
  for (size_t k = 0; k < lanes.size(); ++k) {
    runner::LaneSpec lane;
    if (!read_lane(lanes[k], k, &lane)) return Status::failure(EINVAL, "start");
    workers_[threads == 2 ? k : 0]->add(std::move(lane));
  }
  const std::vector<double> cores = config.doubles("cores");
  runner::Placement placement;
  placement.realtime = static_cast<int>(std::min(config.u32("realtime"), 99u));
  for (size_t k = 0; k < workers_.size(); ++k) {
    const double core = cores.empty() ? -1 : cores[k % cores.size()];
    placement.core = core >= 0 && core < 65536 ? static_cast<int>(core) : -1;
    Status status = workers_[k]->start(config.flag("spin"), placement);
    if (!status.ok()) return status;
  }
  return {};
}

// stop(drain): asks the threads to end; drain: when everything is out.
Napi::Value NativeEmulator::stop(const Napi::CallbackInfo& info) {
  for (const auto& worker : workers_) worker->stop(to_flag(info[0]) ? Stop::kDrain : Stop::kDrop);
  return info.Env().Undefined();
}

// state(): 0 when it never ran, 1 while a thread runs, 2 when all have ended, or a negative errno that one ended by.
Napi::Value NativeEmulator::state(const Napi::CallbackInfo& info) {
  int state = workers_.empty() ? 0 : 2;
  for (const auto& worker : workers_) {
    if (!worker->ended()) state = 1;
  }
  for (const auto& worker : workers_) {
    if (worker->error()) state = -worker->error();
  }
  return Napi::Number::New(info.Env(), state);
}

// heads(): where rings stand now that the threads have ended: for each lane rx rings, then tx rings. Lets go of the
// ports.
Napi::Value NativeEmulator::heads(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  stop_threads();
  std::vector<double> all;
  for (const auto& worker : workers_) {
    for (const auto& lane : worker->lanes()) {
      for (const auto& ring : lane->rx()) all.push_back(ring.head);
      for (const auto& ring : lane->tx()) all.push_back(ring.head);
    }
  }
  held_.Reset();
  return new_typed_array(env, all);
}

}  // namespace nm
