#include "report.h"

#include "../engine/report.h"
#include "../packet/checksum.h"
#include "failure.h"
#include "values.h"

namespace nm {
namespace {

Napi::Number number(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Array to_js(Napi::Env env, const std::vector<uint32_t>& numbers) {
  Napi::Array out = Napi::Array::New(env, numbers.size());
  for (uint32_t i = 0; i < numbers.size(); ++i) out.Set(i, number(env, numbers[i]));
  return out;
}

Napi::Object counters_to_js(Napi::Env env, const Counters& counters) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("txPackets", number(env, counters.tx_packets));
  out.Set("txBytes", number(env, counters.tx_bytes));
  out.Set("rxPackets", number(env, counters.rx_packets));
  out.Set("rxBytes", number(env, counters.rx_bytes));
  out.Set("dropFull", number(env, counters.drop_full));
  out.Set("dropBusy", number(env, counters.drop_busy));
  out.Set("dropBad", number(env, counters.drop_bad));
  out.Set("dropUnroutable", number(env, counters.drop_unroutable));
  return out;
}

Napi::Object port_to_js(Napi::Env env, const PortReport& port) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("name", port.name);
  out.Set("kind", port.kind);
  out.Set("ended", port.ended);
  out.Set("switchName", port.switch_name);
  out.Set("portIndex", number(env, port.port_index));
  out.Set("memId", number(env, port.mem_id));
  out.Set("txRings", number(env, port.tx_rings));
  out.Set("rxRings", number(env, port.rx_rings));
  out.Set("txSlots", number(env, port.tx_slots));
  out.Set("rxSlots", number(env, port.rx_slots));
  out.Set("memoryBytes", number(env, port.memory_bytes));
  out.Set("txUsed", to_js(env, port.tx_used));
  out.Set("rxUsed", to_js(env, port.rx_used));
  out.Set("owners", to_js(env, port.owners));
  out.Set("counters", counters_to_js(env, port.counters));
  return out;
}

}  // namespace

Napi::Value js_engine_report(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  EngineReport report;
  Status status = engine_report(&report);
  if (!status.ok()) return to_js(env, status);
  Napi::Object out = Napi::Object::New(env);
  out.Set("folder", report.folder);
  out.Set("present", report.present);
  out.Set("layoutVersion", number(env, report.layout_version));
  out.Set("maxSwitches", number(env, report.max_switches));
  out.Set("maxPorts", number(env, report.max_ports));
  out.Set("bufSize", number(env, report.buf_size));
  Napi::Array ports = Napi::Array::New(env, report.ports.size());
  for (uint32_t i = 0; i < report.ports.size(); ++i) ports.Set(i, port_to_js(env, report.ports[i]));
  out.Set("ports", ports);
  Napi::Array reclaimed = Napi::Array::New(env, report.reclaimed.size());
  for (uint32_t i = 0; i < report.reclaimed.size(); ++i) {
    Napi::Object port = Napi::Object::New(env);
    port.Set("name", report.reclaimed[i].name);
    port.Set("pid", number(env, report.reclaimed[i].pid));
    port.Set("at", number(env, report.reclaimed[i].at));
    reclaimed.Set(i, port);
  }
  out.Set("reclaimed", reclaimed);
  return out;
}

Napi::Value js_engine_folder(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path;
  Status status = engine_folder(&path);
  Napi::Object out = Napi::Object::New(env);
  out.Set("path", path);
  out.Set("failure", to_js(env, status));
  return out;
}

Napi::Value js_checksum(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    return env.Undefined();
  }
  Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
  double offset = to_number(info[1], -1);
  double length = to_number(info[2], -1);
  uint32_t initial = to_uint(info[3]);
  if (!(offset >= 0 && length >= 0 && offset + length <= static_cast<double>(bytes.ByteLength()))) {
    return env.Undefined();
  }
  return Napi::Number::New(
      env, internet_sum(bytes.Data() + static_cast<size_t>(offset), static_cast<size_t>(length), initial));
}

}  // namespace nm
