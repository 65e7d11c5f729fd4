// Options: a list hanging at nmreq_header.nr_options; each begins with nmreq_option and gets its own status.
#pragma once

#include <cstdint>

#include "request.h"

namespace nm {

struct nmreq_option {
  uint64_t nro_next;
  uint32_t nro_reqtype;
  uint32_t nro_status;  // out: 0 or an errno
  uint64_t nro_size;    // of options with a variable tail
};
NM_SIZE(nmreq_option, 24);
NM_FIELD(nmreq_option, nro_next, 0);
NM_FIELD(nmreq_option, nro_reqtype, 8);
NM_FIELD(nmreq_option, nro_status, 12);
NM_FIELD(nmreq_option, nro_size, 16);

struct nmreq_opt_sync_kloop_eventfds {
  nmreq_option nro_opt;
  struct Pair {
    int32_t ioeventfd;
    int32_t irqfd;
  };
  Pair* eventfds() { return reinterpret_cast<Pair*>(this + 1); }
};
NM_SIZE(nmreq_opt_sync_kloop_eventfds, 24);

struct nmreq_opt_sync_kloop_mode {
  nmreq_option nro_opt;
  uint32_t mode;
  uint32_t pad;
};
NM_SIZE(nmreq_opt_sync_kloop_mode, 32);
NM_FIELD(nmreq_opt_sync_kloop_mode, mode, 24);

struct nmreq_opt_extmem {
  nmreq_option nro_opt;
  uint64_t nro_usrptr;
  nmreq_pools_info nro_info;
};
NM_SIZE(nmreq_opt_extmem, 96);
NM_FIELD(nmreq_opt_extmem, nro_usrptr, 24);
NM_FIELD(nmreq_opt_extmem, nro_info, 32);

struct nmreq_opt_csb {
  nmreq_option nro_opt;
  uint64_t csb_atok;
  uint64_t csb_ktoa;
};
NM_SIZE(nmreq_opt_csb, 40);
NM_FIELD(nmreq_opt_csb, csb_atok, 24);
NM_FIELD(nmreq_opt_csb, csb_ktoa, 32);

struct nmreq_opt_offsets {
  nmreq_option nro_opt;
  uint64_t nro_max_offset;
  uint64_t nro_initial_offset;
  uint32_t nro_offset_bits;
  uint32_t nro_tx_align;
  uint64_t nro_min_gap;
};
NM_SIZE(nmreq_opt_offsets, 56);
NM_FIELD(nmreq_opt_offsets, nro_max_offset, 24);
NM_FIELD(nmreq_opt_offsets, nro_initial_offset, 32);
NM_FIELD(nmreq_opt_offsets, nro_offset_bits, 40);
NM_FIELD(nmreq_opt_offsets, nro_tx_align, 44);
NM_FIELD(nmreq_opt_offsets, nro_min_gap, 48);

}  // namespace nm
