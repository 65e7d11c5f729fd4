// Control requests: the header that NIOCCTRL takes and the body of each request. Pointers travel as uint64_t.
#pragma once

#include <cstdint>

#include "constants.h"
#include "layout.h"

namespace nm {

struct nmreq_header {
  uint16_t nr_version;
  uint16_t nr_reqtype;
  uint32_t nr_reserved;  // must be 0
  char nr_name[kReqNameSize];
  uint64_t nr_options;  // first nmreq_option
  uint64_t nr_body;
};
NM_SIZE(nmreq_header, 88);
NM_FIELD(nmreq_header, nr_version, 0);
NM_FIELD(nmreq_header, nr_reqtype, 2);
NM_FIELD(nmreq_header, nr_reserved, 4);
NM_FIELD(nmreq_header, nr_name, 8);
NM_FIELD(nmreq_header, nr_options, 72);
NM_FIELD(nmreq_header, nr_body, 80);

struct nmreq_register {
  uint64_t nr_offset;   // out: netmap_if in the mapping
  uint64_t nr_memsize;  // out: bytes to map
  uint32_t nr_tx_slots;
  uint32_t nr_rx_slots;
  uint16_t nr_tx_rings;
  uint16_t nr_rx_rings;
  uint16_t nr_host_tx_rings;
  uint16_t nr_host_rx_rings;
  uint16_t nr_mem_id;
  uint16_t nr_ringid;
  uint32_t nr_mode;
  uint32_t nr_extra_bufs;
  uint32_t pad;
  uint64_t nr_flags;
};
NM_SIZE(nmreq_register, 56);
NM_FIELD(nmreq_register, nr_offset, 0);
NM_FIELD(nmreq_register, nr_memsize, 8);
NM_FIELD(nmreq_register, nr_tx_slots, 16);
NM_FIELD(nmreq_register, nr_rx_slots, 20);
NM_FIELD(nmreq_register, nr_tx_rings, 24);
NM_FIELD(nmreq_register, nr_rx_rings, 26);
NM_FIELD(nmreq_register, nr_host_tx_rings, 28);
NM_FIELD(nmreq_register, nr_host_rx_rings, 30);
NM_FIELD(nmreq_register, nr_mem_id, 32);
NM_FIELD(nmreq_register, nr_ringid, 34);
NM_FIELD(nmreq_register, nr_mode, 36);
NM_FIELD(nmreq_register, nr_extra_bufs, 40);
NM_FIELD(nmreq_register, nr_flags, 48);

struct nmreq_port_info_get {
  uint64_t nr_memsize;
  uint32_t nr_tx_slots;
  uint32_t nr_rx_slots;
  uint16_t nr_tx_rings;
  uint16_t nr_rx_rings;
  uint16_t nr_host_tx_rings;
  uint16_t nr_host_rx_rings;
  uint16_t nr_mem_id;
  uint16_t pad[3];
};
NM_SIZE(nmreq_port_info_get, 32);
NM_FIELD(nmreq_port_info_get, nr_memsize, 0);
NM_FIELD(nmreq_port_info_get, nr_tx_slots, 8);
NM_FIELD(nmreq_port_info_get, nr_rx_slots, 12);
NM_FIELD(nmreq_port_info_get, nr_tx_rings, 16);
NM_FIELD(nmreq_port_info_get, nr_rx_rings, 18);
NM_FIELD(nmreq_port_info_get, nr_host_tx_rings, 20);
NM_FIELD(nmreq_port_info_get, nr_host_rx_rings, 22);
NM_FIELD(nmreq_port_info_get, nr_mem_id, 24);

struct nmreq_vale_attach {
  nmreq_register reg;
  uint32_t port_index;
  uint32_t pad1;
};
NM_SIZE(nmreq_vale_attach, 64);
NM_FIELD(nmreq_vale_attach, port_index, 56);

struct nmreq_vale_detach {
  uint32_t port_index;
  uint32_t pad1;
};
NM_SIZE(nmreq_vale_detach, 8);

struct nmreq_vale_list {
  uint16_t nr_bridge_idx;
  uint16_t pad1;
  uint32_t nr_port_idx;
};
NM_SIZE(nmreq_vale_list, 8);
NM_FIELD(nmreq_vale_list, nr_bridge_idx, 0);
NM_FIELD(nmreq_vale_list, nr_port_idx, 4);

struct nmreq_port_hdr {
  uint32_t nr_hdr_len;
  uint32_t pad1;
};
NM_SIZE(nmreq_port_hdr, 8);

struct nmreq_vale_newif {
  uint32_t nr_tx_slots;
  uint32_t nr_rx_slots;
  uint16_t nr_tx_rings;
  uint16_t nr_rx_rings;
  uint16_t nr_mem_id;
  uint16_t pad1;
};
NM_SIZE(nmreq_vale_newif, 16);
NM_FIELD(nmreq_vale_newif, nr_tx_slots, 0);
NM_FIELD(nmreq_vale_newif, nr_rx_slots, 4);
NM_FIELD(nmreq_vale_newif, nr_tx_rings, 8);
NM_FIELD(nmreq_vale_newif, nr_rx_rings, 10);
NM_FIELD(nmreq_vale_newif, nr_mem_id, 12);

struct nmreq_vale_polling {
  uint32_t nr_mode;
  uint32_t nr_first_cpu_id;
  uint32_t nr_num_polling_cpus;
  uint32_t pad1;
};
NM_SIZE(nmreq_vale_polling, 16);
NM_FIELD(nmreq_vale_polling, nr_mode, 0);
NM_FIELD(nmreq_vale_polling, nr_first_cpu_id, 4);
NM_FIELD(nmreq_vale_polling, nr_num_polling_cpus, 8);

struct nmreq_pools_info {
  uint64_t nr_memsize;
  uint16_t nr_mem_id;
  uint16_t pad1[3];
  uint64_t nr_if_pool_offset;
  uint32_t nr_if_pool_objtotal;
  uint32_t nr_if_pool_objsize;
  uint64_t nr_ring_pool_offset;
  uint32_t nr_ring_pool_objtotal;
  uint32_t nr_ring_pool_objsize;
  uint64_t nr_buf_pool_offset;
  uint32_t nr_buf_pool_objtotal;
  uint32_t nr_buf_pool_objsize;
};
NM_SIZE(nmreq_pools_info, 64);
NM_FIELD(nmreq_pools_info, nr_memsize, 0);
NM_FIELD(nmreq_pools_info, nr_mem_id, 8);
NM_FIELD(nmreq_pools_info, nr_if_pool_offset, 16);
NM_FIELD(nmreq_pools_info, nr_if_pool_objtotal, 24);
NM_FIELD(nmreq_pools_info, nr_if_pool_objsize, 28);
NM_FIELD(nmreq_pools_info, nr_ring_pool_offset, 32);
NM_FIELD(nmreq_pools_info, nr_ring_pool_objtotal, 40);
NM_FIELD(nmreq_pools_info, nr_ring_pool_objsize, 44);
NM_FIELD(nmreq_pools_info, nr_buf_pool_offset, 48);
NM_FIELD(nmreq_pools_info, nr_buf_pool_objtotal, 56);
NM_FIELD(nmreq_pools_info, nr_buf_pool_objsize, 60);

struct nmreq_sync_kloop_start {
  uint32_t sleep_us;
  uint32_t pad1;
};
NM_SIZE(nmreq_sync_kloop_start, 8);

// CSB mode: head/cur and hwcur/hwtail in memory shared outside the rings.
struct nm_csb_atok {
  uint32_t head;
  uint32_t cur;
  uint32_t appl_need_kick;
  uint32_t sync_flags;
  uint32_t pad[12];
};
NM_SIZE(nm_csb_atok, 64);
NM_FIELD(nm_csb_atok, appl_need_kick, 8);
NM_FIELD(nm_csb_atok, sync_flags, 12);

struct nm_csb_ktoa {
  uint32_t hwcur;
  uint32_t hwtail;
  uint32_t kern_need_kick;
  uint32_t pad[13];
};
NM_SIZE(nm_csb_ktoa, 64);
NM_FIELD(nm_csb_ktoa, kern_need_kick, 8);

}  // namespace nm
