// Who is there: descriptors, ports, switches, regions. All of it under the control lock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../abi/request.h"
#include "control.h"

namespace nm {

// What a port name means to the engine.
struct PortName {
  Kind kind = Kind::kFree;
  std::string full;         // as the ABI has it, without "netmap:"
  std::string switch_name;  // "vale0" of "vale0:a"
  std::string port;         // "a" of "vale0:a", and of "a": then it is the name of an interface
  std::string parent;       // "x" of "x{1"
  bool second_end = false;  // x}1
  std::string peer;         // name of the other end

  static Status parse(const char* name, uint32_t mode, PortName* out);
  static Status no_interface(const std::string& name);
  bool interface() const { return kind == Kind::kVale && switch_name.empty(); }
};

// Geometry of a port, as asked for and as given. Index by kDirRx and kDirTx.
struct Geometry {
  uint32_t rings[2] = {1, 1};
  uint32_t slots[2] = {kDefaultSlots, kDefaultSlots};

  // Zero means the default; too much is cut to the limits, as netmap does.
  static Geometry wanted(Kind kind, uint32_t tx_rings, uint32_t rx_rings, uint32_t tx_slots, uint32_t rx_slots);
};

// How long a sweep waits for a sender to leave a ring; a stopped one keeps it, and it is tried again later.
inline constexpr int kStopTimeoutMs = 100;

class Directory {
 public:
  explicit Directory(Control& control) : control_(control) {}

  // Removes what the dead left behind and what nobody uses. Idempotent, and complete after a death at any point,
  // because what is in use is worked out anew from the living descriptors. With give_up the folder is emptied when
  // nothing is left.
  void sweep(bool give_up);

  // A record for a new descriptor and the door to it.
  Status new_descriptor(uint32_t* index, int* door);
  void drop_descriptor(uint32_t index);
  void remember(uint32_t index);
  // Gives back what registering gave the descriptor: its netmap_if and the extra buffers that hang at it.
  void unbind(uint32_t index);

  // The adapter of this name, kNone if there is none. A persistent port answers to its own name and to those that it
  // has on the switches that it is attached to.
  uint32_t find(const std::string& name) const;
  // As it is opened: a persistent port by its name on the (given) switch.
  std::string name_of(uint32_t adapter) const;
  std::string name_on(uint32_t adapter, uint32_t switch_index) const;
  // Whether a port may come into being under a name that find() does not know. Interfaces (ENXIO) come from
  // new_persistent() only, and their names are taken on every switch (EINVAL).
  Status may_make(const PortName& name) const;

  // What a request means for a port that has to be made. A pipe is as long as its parent unless told otherwise.
  Geometry geometry(const PortName& name, const nmreq_register& request) const;

  // Finds the adapter or makes it (with its peer, in the case of a pipe).
  Status find_or_make(const PortName& name, const Geometry& geometry, uint32_t mem_id, uint32_t extra_bufs,
                      uint32_t* index);

  // Persistent ports, see persistent.cc.
  Status new_persistent(const std::string& name, nmreq_vale_newif* request);
  Status drop_persistent(const std::string& name);
  Status attach(const PortName& name, const nmreq_register& request, uint32_t* port_index);
  Status detach(const PortName& name, uint32_t* port_index);
  Status poll_link(const PortName& name, bool on, const nmreq_vale_polling& request);

  // Makes a monitor of the port `of`, as the request asks; `name` becomes what the monitor is called. EINVAL when
  // nobody has that port open.
  Status make_monitor(const PortName& of, const nmreq_register& request, PortName* name, uint32_t* index);
  // After a monitor has been bound: from now on it sees frames.
  void mark_watched();
  // Buffers that come from a port with offsets have them, too: the monitor's rings say so.
  Status take_offsets(uint32_t monitor);

  // Binds rings of the adapter to the descriptor, as the request asks: makes ring objects, netmap_if, extra buffers.
  Status bind(uint32_t descriptor, uint32_t adapter, const PortName& name, nmreq_register* request);

  // The region with this memory id; 1 is made on demand.
  Status region_by_id(uint32_t mem_id, uint32_t* index);
  // The region of the port's parent or child, if there is one: they share memory.
  uint32_t family_region(const PortName& name) const;
  uint32_t free_region_id() const;
  // A region for the port `parent` and its pipes; `fixed` is its index, kNone for the lowest free one.
  Status new_region(const RegionPlan& plan, const std::string& parent, uint32_t fixed, uint32_t* index);

  uint32_t find_switch(const std::string& name) const;
  bool live(uint32_t adapter) const;    // adapter in use
  bool in_use(uint32_t adapter) const;  // by a descriptor

 private:
  Status new_adapter(const PortName& name, Kind kind, const Geometry& geometry, uint32_t region, uint32_t* index);
  Status join_switch(const PortName& name, uint32_t* switch_index, uint32_t* port_index);
  bool is_switch(uint32_t index, const std::string& name) const;
  void use_own_name(PortName* name) const;
  bool is_open(const Adapter& adapter) const;
  bool any_persistent() const;
  void go_home(Adapter& adapter);
  bool has_pipes(const std::string& parent) const;
  Status move(uint32_t adapter, uint32_t mem_id);
  void leave_switch(uint32_t adapter, Shared<uint32_t>& switch_index, Shared<uint32_t>& port_index);
  Status make_rings(uint32_t adapter, Region& region, const uint32_t first[2], const uint32_t last[2]);
  Status make_ring(Kring& kring, Region& region, uint32_t dir, uint32_t id, uint32_t slots, const uint32_t* bufs);
  bool stop_ring(Kring& kring);
  void settle_pipe(const Adapter& sender, const Adapter& reader, Region& region);
  void free_ring(Kring& kring, Region* region, uint32_t slots, bool with_bufs);
  void count_users();
  void end_monitors();
  void finish_swaps();
  void sweep_adapters();
  void sweep_switches();
  void sweep_attachments();
  void sweep_regions();
  void empty_folder();
  std::vector<uint32_t> region_users() const;  // adapters, by region
  Status check_exclusive(uint32_t adapter, const uint32_t first[2], const uint32_t last[2], uint64_t flags,
                         const std::string& name) const;

  Control& control_;
};

}  // namespace nm
