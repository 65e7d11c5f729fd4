#include "packet_source.h"

#include <utility>

namespace nm {
namespace {

using namespace traffic;

// Seven numbers for each field: at, width, shift, covered by the first and by the second checksum, mask (low and high
// half).
constexpr size_t kSpotNumbers = 7;

bool read_spots(const std::vector<double>& numbers, size_t fields, std::vector<Spot>* spots) {
  if (numbers.size() != fields * kSpotNumbers) return false;
  for (size_t f = 0; f < fields; ++f) {
    const double* n = &numbers[f * kSpotNumbers];
    for (size_t k = 0; k < kSpotNumbers; ++k) {
      if (!(n[k] >= -1 && n[k] <= 4294967295.0)) return false;
    }
    Spot spot;
    if (n[0] >= 0) {
      if (n[1] > 8 || n[2] > 63 || n[1] < 0 || n[2] < 0 || n[5] < 0 || n[6] < 0) return false;
      spot.at = static_cast<uint32_t>(n[0]);
      spot.width = static_cast<uint8_t>(n[1]);
      spot.shift = static_cast<uint8_t>(n[2]);
      spot.in_header = n[3] != 0;
      spot.in_packet = n[4] != 0;
      spot.mask = static_cast<uint64_t>(n[6]) << 32 | static_cast<uint64_t>(n[5]);
    }
    spots->push_back(spot);
  }
  return true;
}

FieldSpec read_field(const Config& config) {
  FieldSpec spec;
  const uint32_t kind = config.u32("kind");
  spec.kind = kind <= 3 ? static_cast<FieldKind>(kind) : FieldKind::kRange;
  spec.from = config.bits("from");
  spec.count = config.bits("count", 1);
  spec.step = config.bits("step", 1);
  spec.list = config.longs("list");
  if (spec.kind == FieldKind::kList) {
    if (spec.list.empty()) spec.list.push_back(0);
    spec.count = spec.list.size();
  }
  spec.per_flow = config.flag("perFlow");
  spec.carry = config.flag("carry");
  spec.seed = config.bits("seed", 1);
  return spec;
}

}  // namespace

std::unique_ptr<Filler> make_filler(const Config& config) {
  std::vector<FieldSpec> fields;
  for (const Config& field : config.list("fields")) fields.push_back(read_field(field));
  FrameSet frames;
  for (const Config& frame : config.list("frames")) {
    const std::vector<uint8_t> bytes = frame.bytes("bytes");
    std::vector<Spot> spots;
    if (bytes.size() > UINT32_MAX || !read_spots(frame.doubles("spots"), fields.size(), &spots)) return nullptr;
    if (!frames.add(bytes.data(), static_cast<uint32_t>(bytes.size()), frame.u32("headerSumAt"),
                    frame.u32("packetSumAt"), frame.flag("zeroIsOnes"), std::move(spots))) {
      return nullptr;
    }
  }
  if (frames.frames().empty() || !frames.set_order(config.words("order"))) return nullptr;
  FlowSpec flows;
  flows.count = config.count("flows", 1);
  flows.random = config.flag("randomFlows");
  flows.seed = config.bits("flowSeed", 1);
  return std::make_unique<Filler>(std::move(frames), std::move(fields), flows, config.u32("fragment"));
}

Schedule make_schedule(const Config& config) {
  ScheduleSpec spec;
  spec.gaps = config.doubles("gaps");
  const uint32_t pattern = config.u32("pattern");
  spec.pattern = pattern <= 2 && !spec.gaps.empty() ? static_cast<Pattern>(pattern) : Pattern::kFlatOut;
  for (double& gap : spec.gaps) {
    if (!(gap >= 0 && gap < 1e15)) gap = 0;
  }
  const uint32_t burst = config.u32("burst", 1);
  spec.burst = burst > 0 ? burst : 1;
  spec.seed = config.bits("scheduleSeed", 1);
  return Schedule(std::move(spec));
}

}  // namespace nm
