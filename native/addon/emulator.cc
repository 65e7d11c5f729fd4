#include "emulator.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

#include "../emulator/report.h"
#include "../packet/vnet_header.h"
#include "../traffic/clock.h"
#include "failure.h"
#include "rule_log.h"
#include "ruleset.h"
#include "typed_array.h"

namespace nm {
namespace {

using runner::Gate;
using runner::Stop;
using runner::Worker;

constexpr double kMostTime = 9007199254740992;  // 2^53
constexpr size_t kMostFile = 64 << 20;

std::string text_of(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

bool time_of(const Napi::Value& value, Time* out) {
  const double time = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(time >= 0 && time <= kMostTime)) return false;
  *out = static_cast<Time>(time);
  return true;
}

// Files that commands name: profiles and traces.
bool read_file(const std::string& path, std::string* contents, std::string* why) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) {
    *why = std::strerror(errno);
    return false;
  }
  char part[65536];
  size_t n;
  while ((n = std::fread(part, 1, sizeof part, file)) > 0 && contents->size() <= kMostFile) contents->append(part, n);
  const bool good = std::ferror(file) == 0 && contents->size() <= kMostFile;
  if (!good) *why = contents->size() > kMostFile ? "it is longer than 64 MB" : std::strerror(errno);
  (void)std::fclose(file);
  return good;
}

// Paths that are not absolute begin at the folder.
emulator::FileReader reader_of(std::string folder) {
  return [folder = std::move(folder)](const std::string& path, std::string* contents, std::string* why) {
    const bool absolute = path.empty() || path[0] == '/' || folder.empty();
    return read_file(absolute ? path : folder + "/" + path, contents, why);
  };
}

// Memory that packets in flight and in queues will need, so that no page has to be found for them while they come.
uint64_t memory_of(const emulator::Settings& settings, uint64_t most) {
  double bytes = 0;
  for (const auto& [number, pipe] : settings.pipes) {
    bytes += static_cast<double>(pipe.link.bandwidth) * static_cast<double>(pipe.link.delay) / 8e9;
  }
  return bytes < static_cast<double>(most) ? static_cast<uint64_t>(bytes * 1.1) : most;
}

void add_times(std::string* out, const char* name, const emulator::Histogram& times) {
  *out += std::string(",\"") + name + R"(":{"times":)" + std::to_string(times.total()) + R"(,"p50":)" +
          std::to_string(times.quantile(0.5)) + R"(,"p90":)" + std::to_string(times.quantile(0.9)) + R"(,"p99":)" +
          std::to_string(times.quantile(0.99)) + R"(,"most":)" + std::to_string(times.most()) + "}";
}

void add_lane(std::string* out, const runner::Lane& lane) {
  const runner::LaneCounts& c = lane.counts();
  const bool is_out = lane.direction() == Box::Direction::kOut;
  *out += std::string(R"({"direction":")") + (is_out ? "out" : "in") + R"(","packets":)" + std::to_string(c.packets) +
          R"(,"bytes":)" + std::to_string(c.bytes) + R"(,"outPackets":)" + std::to_string(c.out_packets) +
          R"(,"outBytes":)" + std::to_string(c.out_bytes) + R"(,"straight":)" + std::to_string(c.straight) +
          R"(,"waiting":{"packets":)" + std::to_string(lane.backlog().count()) + R"(,"bytes":)" +
          std::to_string(lane.backlog().bytes()) + R"(},"noRoom":)" + std::to_string(c.no_room) + R"(,"bad":)" +
          std::to_string(c.bad) + R"(,"first":)" + std::to_string(c.first) + R"(,"last":)" + std::to_string(c.last);
  add_times(out, "late", c.late);
  *out += "}";
}

void add_box(std::string* out, Box* box) {
  *out += R"("emulator":)" + emulator::report(box->emulator()) + R"(,"denied":)" + std::to_string(box->denied()) +
          R"(,"inside":)" + std::to_string(box->inside());
}

}  // namespace

void NativeEmulator::Outlet::out(Box::Direction direction, emulator::Packet* packet, Time at) {
  add(direction, packet->data(), packet->length, packet->id, at);
  box->release(packet);
}

void NativeEmulator::Outlet::add(Box::Direction direction, const uint8_t* data, uint32_t length, uint32_t id, Time at) {
  records.push_back({at, bytes.size(), length, id, direction == Box::Direction::kOut});
  bytes.insert(bytes.end(), data, data + length);
}

Napi::Function NativeEmulator::define(Napi::Env env) {
  return DefineClass(env, "NativeEmulator",
                     {
                         InstanceMethod<&NativeEmulator::configure>("configure"),
                         InstanceMethod<&NativeEmulator::put>("put"),
                         InstanceMethod<&NativeEmulator::advance>("advance"),
                         InstanceMethod<&NativeEmulator::now>("now"),
                         InstanceMethod<&NativeEmulator::next>("next"),
                         InstanceMethod<&NativeEmulator::fetch>("fetch"),
                         InstanceMethod<&NativeEmulator::flush>("flush"),
                         InstanceMethod<&NativeEmulator::start>("start"),
                         InstanceMethod<&NativeEmulator::stop>("stop"),
                         InstanceMethod<&NativeEmulator::state>("state"),
                         InstanceMethod<&NativeEmulator::heads>("heads"),
                         InstanceMethod<&NativeEmulator::report>("report"),
                         InstanceMethod<&NativeEmulator::flows>("flows"),
                         InstanceMethod<&NativeEmulator::drain_log>("drainLog"),
                         InstanceMethod<&NativeEmulator::watch_drops>("watchDrops"),
                         InstanceMethod<&NativeEmulator::drain_drops>("drainDrops"),
                     });
}

// new NativeEmulator(ruleset, {seed, memory, releaseStart, inside, outside})
NativeEmulator::NativeEmulator(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeEmulator>(info) {
  const Config config(info[1]);
  NativeRuleset* rules = NativeRuleset::from(info[0]);
  rules_ = rules ? rules->rules() : classifier::Ruleset::create({});
  options_.seed = config.count("seed", 1);
  options_.memory = config.count("memory", options_.memory);
  options_.release_start = config.flag("releaseStart");
  inside_ = config.text("inside");
  outside_ = config.text("outside");
  box_ = std::make_unique<Box>(rules_, options_, 1, &outlet_);
  box_->name_ports(inside_, outside_);
  outlet_.box = box_.get();
}

NativeEmulator::~NativeEmulator() {
  stop_threads();
}

void NativeEmulator::stop_threads() {
  for (const auto& worker : workers_) worker->stop(Stop::kDrop);
  for (const auto& worker : workers_) worker->join();
  for (NativePort* port : std::exchange(ports_, {})) port->remove_user(this);
}

void NativeEmulator::leave(NativePort* port) {
  ports_.erase(std::remove(ports_.begin(), ports_.end(), port), ports_.end());
  stop_threads();
}

// configure(commands, folder, trial): {output, notes}, or a problem {message, position}. All of them or none, in all
// threads at one time. A trial only says whether there is a problem.
Napi::Value NativeEmulator::configure(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string commands = text_of(info[0]);
  const emulator::FileReader files = reader_of(text_of(info[1]));
  BoxChange::Refusal refusal;
  // Workers go on while commands are read and compiled.
  BoxChange change(rules_.get(), (workers_.empty() ? *box_ : workers_[0]->box()).emulator().settings(), files);
  bool good = change.read(commands, &refusal);
  const bool trial = info[2].ToBoolean();
  if (good && trial) return Napi::Object::New(env);
  if (good && workers_.empty()) {
    good = change.commit({box_.get()}, box_->emulator().now(), &refusal);
  } else if (good) {
    // Takes no time, so that they stand still for none.
    std::vector<std::unique_ptr<Gate::Visit>> visits;
    std::vector<Box*> boxes;
    for (const auto& worker : workers_) {
      visits.push_back(std::make_unique<Gate::Visit>(&worker->gate()));
      boxes.push_back(&worker->box());
    }
    good = change.commit(boxes, traffic::now_ns(), &refusal);
    for (const auto& worker : workers_) worker->wake();
  }
  if (good) change.clear_up();
  Napi::Object out = Napi::Object::New(env);
  if (!good) {
    out.Set("message", refusal.message);
    out.Set("position", static_cast<double>(refusal.position));
    return out;
  }
  out.Set("output", change.output());
  const std::vector<std::string>& notes = change.notes();
  Napi::Array list = Napi::Array::New(env, notes.size());
  for (uint32_t i = 0; i < notes.size(); ++i) list.Set(i, notes[i]);
  out.Set("notes", list);
  return out;
}

// put(data, places, times, count): frames that come at their times, which do not go back. A place is three numbers:
// offset, length, 1 for out. Each gets the next id. 0 or a negative errno.
Napi::Value NativeEmulator::put(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto result = [&](int value) { return Napi::Number::New(env, value); };
  TypedArray<uint8_t> data(env, info[0]);
  TypedArray<uint32_t> places(env, info[1]);
  TypedArray<double> times(env, info[2]);
  const size_t count = info[3].IsNumber() ? info[3].As<Napi::Number>().Uint32Value() : 0;
  if (!workers_.empty()) return result(-EBUSY);
  if (!places.has(3 * count) || !times.has(count)) return result(-EINVAL);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* place = places.data() + 3 * i;
    if (place[0] > data.length() || place[1] > data.length() - place[0] || place[1] == 0) return result(-EINVAL);
    if (!(times.data()[i] >= 0 && times.data()[i] <= kMostTime)) return result(-EINVAL);
  }
  for (size_t i = 0; i < count; ++i) {
    const uint32_t* place = places.data() + 3 * i;
    const auto direction = place[2] ? Box::Direction::kOut : Box::Direction::kIn;
    const auto at = std::max(static_cast<Time>(times.data()[i]), box_->emulator().now());
    const classifier::Frame frame{data.data() + place[0], place[1], place[1]};
    uint8_t passes = 0;
    const uint32_t id = next_id_++;
    box_->advance(at);
    box_->put(&frame, 1, direction, 0, at, &passes, id);
    if (passes) outlet_.add(direction, frame.data, frame.length, id, at);
  }
  return result(0);
}

// advance(time, most): lets everything out that is due by then, or until about `most` bytes have come out. How far the
// clock has gone, or a negative errno. `time` may be Infinity: until nothing is inside.
Napi::Value NativeEmulator::advance(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const double time = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  const double most = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : 0;
  if (!workers_.empty()) return Napi::Number::New(env, -EBUSY);
  if (!(time >= 0)) return Napi::Number::New(env, -EINVAL);
  const bool all = time > kMostTime;
  const Time until = all ? static_cast<Time>(kMostTime) : static_cast<Time>(time);
  while (box_->next() <= until) {
    if (static_cast<double>(outlet_.bytes.size()) >= most) {
      return Napi::Number::New(env, static_cast<double>(box_->emulator().now()));
    }
    box_->advance(box_->next());
  }
  if (!all) box_->advance(until);
  return Napi::Number::New(env, all ? time : static_cast<double>(until));
}

// now(): the clock of JavaScript's.
Napi::Value NativeEmulator::now(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(box_->emulator().now()));
}

// next(): when the next thing is due, Infinity when nothing is inside.
Napi::Value NativeEmulator::next(const Napi::CallbackInfo& info) {
  const Time next = box_->next();
  return Napi::Number::New(
      info.Env(), next == emulator::kNever ? std::numeric_limits<double>::infinity() : static_cast<double>(next));
}

// fetch(bytes, times, places): packets that have come out, as many as there is room for. A place is four numbers:
// offset in `bytes`, length, id, 1 for out. Their number; or, where not even one fits, minus the bytes that the first
// one needs.
Napi::Value NativeEmulator::fetch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const TypedArray<uint8_t> bytes(env, info[0]);
  const TypedArray<double> times(env, info[1]);
  const TypedArray<uint32_t> places(env, info[2]);
  const size_t most = std::min(times.length(), places.length() / 4);
  const std::vector<Outlet::Record>& records = outlet_.records;
  size_t count = 0, used = 0, at = outlet_.fetched;
  for (; at < records.size() && count < most; ++at, ++count) {
    const Outlet::Record& record = records[at];
    if (record.length > bytes.length() - used) break;
    std::memcpy(bytes.data() + used, outlet_.bytes.data() + record.offset, record.length);
    times.data()[count] = static_cast<double>(record.time);
    uint32_t* place = places.data() + 4 * count;
    place[0] = static_cast<uint32_t>(used);
    place[1] = record.length;
    place[2] = record.id;
    place[3] = record.out;
    used += record.length;
  }
  if (count == 0 && at < records.size()) return Napi::Number::New(env, -static_cast<double>(records[at].length));
  outlet_.fetched = at;
  if (at == records.size()) {
    outlet_.bytes.clear();
    outlet_.records.clear();
    outlet_.fetched = 0;
  }
  return Napi::Number::New(env, static_cast<double>(count));
}

Napi::Value NativeEmulator::flush(const Napi::CallbackInfo& info) {
  if (workers_.empty()) box_->emulator().flush();
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    worker->box().emulator().flush();
  }
  return info.Env().Undefined();
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
  for (const auto& worker : workers_) worker->stop(info[0].ToBoolean() ? Stop::kDrain : Stop::kDrop);
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
  Napi::Float64Array out = Napi::Float64Array::New(env, all.size());
  std::copy(all.begin(), all.end(), out.Data());
  return out;
}

// report(): a JSON text: [{lanes: [...], emulator, denied, inside, pauses}], one for each thread.
Napi::Value NativeEmulator::report(const Napi::CallbackInfo& info) {
  std::string text = "[";
  if (workers_.empty()) {
    text += R"({"lanes":[],)";
    add_box(&text, box_.get());
    text += "}";
  }
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    if (text.size() > 1) text += ",";
    text += R"({"lanes":[)";
    for (size_t k = 0; k < worker->lanes().size(); ++k) {
      if (k > 0) text += ",";
      add_lane(&text, *worker->lanes()[k]);
    }
    text += "],";
    add_box(&text, &worker->box());
    add_times(&text, "pauses", worker->pauses());
    text += "}";
  }
  return Napi::String::New(info.Env(), text + "]");
}

// flows(pipe, most): a JSON text, one list for each thread.
Napi::Value NativeEmulator::flows(const Napi::CallbackInfo& info) {
  const uint32_t pipe = info[0].IsNumber() ? info[0].As<Napi::Number>().Uint32Value() : 0;
  const uint32_t most = info[1].IsNumber() ? info[1].As<Napi::Number>().Uint32Value() : 0;
  const auto number = static_cast<uint16_t>(std::min(pipe, 65535u));
  std::string text = "[";
  if (workers_.empty()) text += emulator::flows(box_->emulator(), number, most);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    if (text.size() > 1) text += ",";
    text += emulator::flows(worker->box().emulator(), number, most);
  }
  return Napi::String::New(info.Env(), text + "]");
}

// drainLog(): what rules have logged.
Napi::Value NativeEmulator::drain_log(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (workers_.empty()) return nm::drain_log(env, box_->matcher().log(), *rules_);
  Napi::Array all = Napi::Array::New(env);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    const Napi::Value part = nm::drain_log(env, worker->box().matcher().log(), *rules_);
    if (!part.IsArray()) continue;
    const Napi::Array entries = part.As<Napi::Array>();
    for (uint32_t i = 0; i < entries.Length(); ++i) all.Set(all.Length(), entries.Get(i));
  }
  return all;
}

// watchDrops(on): whether drops are kept one by one, for drainDrops().
Napi::Value NativeEmulator::watch_drops(const Napi::CallbackInfo& info) {
  watches_drops_ = info[0].ToBoolean();
  box_->emulator().drop_log().turn(watches_drops_);
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    worker->box().emulator().drop_log().turn(watches_drops_);
  }
  return info.Env().Undefined();
}

// drainDrops(): [missed, drops]; those in one array, seven numbers each: time, pipe, queue, cause, length, id, 1 for
// out.
Napi::Value NativeEmulator::drain_drops(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<emulator::Drop> drops;
  double missed = 0;
  auto take = [&](emulator::DropLog& log) {
    drops.insert(drops.end(), log.drops().begin(), log.drops().end());
    missed += static_cast<double>(log.missed());
    log.clear();
  };
  if (workers_.empty()) take(box_->emulator().drop_log());
  for (const auto& worker : workers_) {
    const Gate::Visit visit(&worker->gate());
    take(worker->box().emulator().drop_log());
  }
  Napi::Float64Array numbers = Napi::Float64Array::New(env, 7 * drops.size());
  double* at = numbers.Data();
  for (const emulator::Drop& drop : drops) {
    const bool out = drop.port == static_cast<uint8_t>(Box::Direction::kOut);
    for (double number : {static_cast<double>(drop.time), 1.0 * drop.pipe, 1.0 * drop.queue,
                          1.0 * static_cast<int>(drop.cause), 1.0 * drop.length, 1.0 * drop.id, out ? 1.0 : 0.0}) {
      *at++ = number;
    }
  }
  Napi::Array out = Napi::Array::New(env, 2);
  out.Set(0u, Napi::Number::New(env, missed));
  out.Set(1u, numbers);
  return out;
}

}  // namespace nm
