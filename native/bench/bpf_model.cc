// libpcap's filter on frames in memory: "ip src host 10.0.0.1", which none of them matches.
#include <pcap.h>

#include <cstdlib>
#include <vector>

#include "model.h"

int main(int argc, char** argv) {
  const double warm_up = model::argument(argc, argv, "--warm-up", 0.2);
  const double seconds = model::argument(argc, argv, "--seconds", 1);
  const auto batch = static_cast<uint32_t>(model::argument(argc, argv, "--batch", 512));
  const auto frame = static_cast<uint32_t>(model::argument(argc, argv, "--frame", 60));
  const size_t stride = (frame + 63) / 64 * 64;

  std::vector<uint8_t> frames(batch * stride);
  for (uint32_t i = 0; i < batch; ++i) {
    uint8_t* at = &frames[i * stride];
    at[12] = 8;
    at[14] = 0x45;
    at[23] = 17;
    for (int k = 26; k < 38; ++k) at[k] = static_cast<uint8_t>(std::rand());
    at[26] = static_cast<uint8_t>(11 + std::rand() % 200);
  }
  pcap_t* pcap = pcap_open_dead(DLT_EN10MB, 65535);
  bpf_program program;
  if (pcap_compile(pcap, &program, "ip src host 10.0.0.1", 1, PCAP_NETMASK_UNKNOWN) != 0) return 1;
  pcap_pkthdr header{};
  header.caplen = header.len = frame;

  uint64_t packets = 0, matched = 0;
  const double start = model::now() + warm_up;
  double from = 0, at = 0;
  do {
    uint32_t done = 0;
    for (; done < 16384; done += batch) {
      for (uint32_t i = 0; i < batch; ++i) matched += pcap_offline_filter(&program, &header, &frames[i * stride]) != 0;
    }
    at = model::now();
    if (from != 0) {
      packets += done;
    } else if (at >= start) {
      from = at;
    }
  } while (from == 0 || at < from + seconds);
  if (matched != 0) return 1;
  model::result("rate", static_cast<double>(packets) / (at - from) / 1e6);
}
