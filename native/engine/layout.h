// What lies in the control file, which all processes of a folder map. Anything here may be overwritten by a peer at any
// time: values are read once, checked, and only then used. Fields that different processes write are on different
// lines.
#pragma once

#include <atomic>
#include <cstdint>

#include "limits.h"
#include "robust_lock.h"

namespace nm {

inline constexpr uint32_t kLayoutVersion = 2;  // raise it with any change of this file: other versions are refused
inline constexpr char kMagic[8] = {'n', 'o', 'd', 'e', '-', 'n', 'm', '\n'};

template <typename T>
using Shared = std::atomic<T>;

inline constexpr uint32_t kNone = 0xffffffff;

// The device's side of one ring. netmap calls it a kring.
struct alignas(128) Kring {
  // Written by the ring's own descriptor.
  Shared<uint32_t> hwcur;  // first slot not yet consumed: tx by the device, rx by the user
  Shared<uint32_t> rhead;  // head, cur and tail as last seen valid
  Shared<uint32_t> rcur;
  Shared<uint32_t> rtail;
  Shared<uint64_t> sent_packets;  // of a tx ring
  Shared<uint64_t> sent_bytes;
  Shared<uint64_t> drop_bad;
  Shared<uint64_t> drop_unroutable;
  // Bits of a slot's ptr that hold its payload's offset, 0 = none; the largest one. Changed under the control lock.
  Shared<uint64_t> offset_mask;
  Shared<uint32_t> offset_max;
  Shared<uint32_t> offset_own;   // asked for by a user of this ring, not taken over from a pipe's other end
  alignas(64) RobustLock guard;  // one sync at a time

  // Written by those who deliver into the ring (under `lock` where there may be several).
  alignas(128) Shared<uint32_t> hwtail;
  Shared<uint32_t> asleep;      // the owner wants a doorbell when something changes
  Shared<uint32_t> generation;  // changes whenever `on` does
  Shared<uint32_t> on;          // bound by some descriptor
  Shared<uint64_t> ring_ofs;    // of the netmap_ring in the region, 0 = none
  Shared<uint32_t> users;       // a sum for sweep(), meaningless outside the control lock
  Shared<uint64_t> packets;     // delivered into an rx ring
  Shared<uint64_t> bytes;
  Shared<uint64_t> drop_full;
  Shared<uint64_t> watched;  // 0 = no monitors; other values change whenever the monitors of this ring do
  alignas(128) RobustLock lock;
  Shared<uint64_t> drop_busy;  // counted by those who did not get the lock
  // Of a zero-copy monitor's ring: the exchange of buffers that is going on, and the ring it is with (finish_swap()).
  Shared<uint64_t> swap;
  Shared<uint64_t> swap_ring;
};

enum class Kind : uint32_t { kFree = 0, kVale, kPipe, kNull, kMonitor };

inline constexpr uint32_t kMaxBound = 64;  // descriptors of one port

// A port: what a name opens. Both ends of a pipe are adapters of their own and live as long as either is open; a
// persistent port has the bare name of an interface, whichever switch it is attached to.
struct alignas(128) Adapter {
  Shared<uint32_t> kind;  // a Kind; set last, cleared first
  Shared<uint32_t> region;
  Shared<uint32_t> region_generation;
  Shared<uint32_t> switch_index;
  Shared<uint32_t> port_index;
  Shared<uint32_t> peer;      // other end of a pipe
  Shared<uint32_t> rings[2];  // by direction, kDirRx and kDirTx
  Shared<uint32_t> slots[2];
  // Of a persistent port, which lives without anybody who has it open: where its memory is when nobody has (an open may
  // take it to another region for a time), and the second switch that it is attached to: then it is a link, which no
  // process opens.
  Shared<uint32_t> persistent;
  Shared<uint32_t> home_region;
  Shared<uint32_t> link_switch;
  Shared<uint32_t> link_port;
  Shared<uint32_t> polling;        // the link is polled, by nobody: see poll_link()
  Shared<uint32_t> vnet_header;    // bytes of the virtio-net header before each frame: 0, 10 or 12
  Shared<uint32_t> serial;         // no other port ever had it
  Shared<uint32_t> monitors_made;  // of this port so far: they are numbered
  // Of a monitor: the port that it watches, kNone once that has gone; what it watches there (NR_MONITOR_*).
  Shared<uint32_t> parent;
  Shared<uint32_t> parent_serial;
  Shared<uint32_t> monitor_flags;
  char name[64];
  Shared<uint32_t> bound[kMaxBound];  // descriptors, kNone = empty
  Kring krings[2][kMaxRings];
};

enum class DescriptorState : uint32_t { kFree = 0, kOpen, kBound };

// An open file description of the device: its door (a FIFO with a lock on it) says whether it still lives.
struct alignas(128) Descriptor {
  Shared<uint32_t> state;
  Shared<uint32_t> generation;
  Shared<uint32_t> pid;  // for show: who opened it
  Shared<uint32_t> adapter;
  Shared<uint32_t> first[2], last[2];  // rings bound, by direction; `last` is excluded
  Shared<uint32_t> extra_bufs;
  Shared<uint64_t> flags;                 // NR_*
  Shared<uint64_t> if_ofs;                // of its netmap_if in the region, 0 = none yet
  Shared<uint32_t> csb;                   // in CSB mode: a sync loop syncs, and nothing else does
  Shared<uint32_t> loop_stop;             // the sync loop shall end; if there is none, the next one shall not begin
  alignas(64) Shared<uint32_t> sleeping;  // wants its door rung; whoever clears it rings
  RobustLock loop;                        // held by the thread that runs the sync loop
};

// Where a region's memory is: in its file, in a file of the program's, or in its file which the program has mapped
// where it had memory of its own.
enum class MemoryKind : uint32_t { kOwn = 0, kForeign, kInPlace };

struct alignas(64) RegionRecord {
  Shared<uint32_t> used;
  Shared<uint32_t> generation;
  Shared<uint64_t> memsize;    // what users map
  Shared<uint64_t> file_size;  // with the bitmaps behind it
  Shared<uint32_t> if_total, if_size;
  Shared<uint32_t> ring_total, ring_size;
  Shared<uint32_t> buf_total, buf_size;
  // Memory that a program brought along (the extmem option): which file it is, where it begins in there, how long it
  // is.
  Shared<uint32_t> memory_kind;  // a MemoryKind
  Shared<uint32_t> memory_page;
  Shared<uint64_t> memory_device, memory_inode, memory_offset, memory_size;
  char parent[64];  // pipes of one parent share its region
};

inline constexpr uint32_t kLearnEntries = 1024;

struct alignas(128) Switch {
  Shared<uint32_t> used;
  Shared<uint32_t> epoch;                                // changes whenever a port joins or leaves
  char name[64];                                         // "vale0"
  alignas(128) Shared<uint64_t> learned[kLearnEntries];  // source address << 16 | port index + 1
  Shared<uint32_t> ports[];                              // adapter index + 1, one per port of the limits
};

// A port whose process ended without closing it.
struct Obituary {
  char name[64];
  Shared<uint64_t> at;  // seconds since 1970
  Shared<uint32_t> pid;
};
inline constexpr uint32_t kObituaries = 16;

struct alignas(128) ControlHeader {
  char magic[8];
  uint32_t layout;
  Limits limits;                     // of this folder; constant once the file is in place
  Shared<uint32_t> dead;             // the last port has gone: the file is no longer in the folder
  Shared<uint32_t> descriptor_mark;  // records below were used at some time
  Shared<uint32_t> adapter_mark;
  Shared<uint32_t> region_mark;
  Shared<uint32_t> switch_mark;
  Shared<uint32_t> serial;       // source of generations
  alignas(128) RobustLock lock;  // everything but the data path
  Shared<uint32_t> reclaimed;    // ports ever; the last of them are below, number k at k % kObituaries
  Obituary obituaries[kObituaries];
};

}  // namespace nm
