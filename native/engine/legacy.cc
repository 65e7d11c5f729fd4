#include "legacy.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nm {

namespace {

// A request of the new API with a body of its own.
struct Translated {
  nmreq_header header{};
  union {
    nmreq_register port{};
    nmreq_port_info_get info;
    nmreq_vale_attach attach;
    nmreq_vale_detach detach;
    nmreq_vale_list list;
    nmreq_port_hdr vnet;
    nmreq_vale_newif newif;
    nmreq_vale_polling polling;
  };
};

// Before modes had a field of their own they were bits of the ring number.
uint32_t mode_of(const nmreq& old) {
  const uint32_t mode = old.nr_flags & NR_REG_MASK;
  if (mode != NR_REG_DEFAULT) return mode;
  if (old.nr_ringid & NETMAP_SW_RING) return NR_REG_SW;
  return old.nr_ringid & NETMAP_HW_RING ? NR_REG_ONE_NIC : NR_REG_ALL_NIC;
}

Status translate_register(const nmreq& old, nmreq_header* header, nmreq_register* to) {
  *to = nmreq_register{};
  to->nr_tx_slots = old.nr_tx_slots;
  to->nr_rx_slots = old.nr_rx_slots;
  to->nr_tx_rings = old.nr_tx_rings;
  to->nr_rx_rings = old.nr_rx_rings;
  to->nr_mem_id = old.nr_arg2;
  to->nr_extra_bufs = old.nr_arg3;
  to->nr_ringid = old.nr_ringid & NETMAP_RING_MASK;
  to->nr_mode = mode_of(old);
  to->nr_flags = old.nr_flags & ~uint64_t{NR_REG_MASK};
  if (old.nr_ringid & NETMAP_NO_TX_POLL) to->nr_flags |= NR_NO_TX_POLL;
  if (old.nr_ringid & NETMAP_DO_RX_POLL) to->nr_flags |= NR_DO_RX_POLL;
  if (to->nr_mode == NR_REG_PIPE_MASTER || to->nr_mode == NR_REG_PIPE_SLAVE) {
    // Pipes were numbered, and the number was in the ring field.
    const std::string name =
        std::string(header->nr_name) + (to->nr_mode == NR_REG_PIPE_MASTER ? '{' : '}') + std::to_string(to->nr_ringid);
    if (name.size() >= sizeof header->nr_name) return Status::failure(ENOMEM, "NIOCREGIF", "port name too long");
    std::memcpy(header->nr_name, name.c_str(), name.size() + 1);
    to->nr_mode = NR_REG_ALL_NIC;
    to->nr_ringid = 0;
  }
  return {};
}

void translate_back(const nmreq_register& from, nmreq* old) {
  old->nr_offset = static_cast<uint32_t>(from.nr_offset);
  old->nr_memsize = static_cast<uint32_t>(from.nr_memsize);
  old->nr_tx_slots = from.nr_tx_slots;
  old->nr_rx_slots = from.nr_rx_slots;
  old->nr_tx_rings = from.nr_tx_rings;
  old->nr_rx_rings = from.nr_rx_rings;
  old->nr_arg2 = from.nr_mem_id;
  old->nr_arg3 = from.nr_extra_bufs;
}

Status translate_command(const nmreq& old, Translated* to) {
  switch (old.nr_cmd) {
    case NETMAP_BDG_ATTACH: {
      to->header.nr_reqtype = NETMAP_REQ_VALE_ATTACH;
      to->attach = nmreq_vale_attach{};
      Status s = translate_register(old, &to->header, &to->attach.reg);
      to->attach.reg.nr_mode = old.nr_arg1 & NETMAP_BDG_HOST ? NR_REG_NIC_SW : NR_REG_ALL_NIC;
      return s;
    }
    case NETMAP_BDG_DETACH:
      to->header.nr_reqtype = NETMAP_REQ_VALE_DETACH;
      to->detach = nmreq_vale_detach{};
      return {};
    case NETMAP_BDG_VNET_HDR:
    case NETMAP_VNET_HDR_GET:
      to->header.nr_reqtype = old.nr_cmd == NETMAP_BDG_VNET_HDR ? NETMAP_REQ_PORT_HDR_SET : NETMAP_REQ_PORT_HDR_GET;
      to->vnet = nmreq_port_hdr{};
      to->vnet.nr_hdr_len = old.nr_arg1;
      return {};
    case NETMAP_BDG_NEWIF:
      to->header.nr_reqtype = NETMAP_REQ_VALE_NEWIF;
      to->newif = nmreq_vale_newif{old.nr_tx_slots, old.nr_rx_slots, old.nr_tx_rings, old.nr_rx_rings, old.nr_arg2, 0};
      return {};
    case NETMAP_BDG_DELIF:
      to->header.nr_reqtype = NETMAP_REQ_VALE_DELIF;
      to->header.nr_body = 0;
      return {};
    case NETMAP_BDG_POLLING_ON:
    case NETMAP_BDG_POLLING_OFF: {
      to->header.nr_reqtype =
          old.nr_cmd == NETMAP_BDG_POLLING_ON ? NETMAP_REQ_VALE_POLLING_ENABLE : NETMAP_REQ_VALE_POLLING_DISABLE;
      to->polling = nmreq_vale_polling{};
      const uint32_t mode = old.nr_flags & NR_REG_MASK;
      to->polling.nr_mode = mode == NR_REG_ALL_NIC   ? NETMAP_POLLING_MODE_SINGLE_CPU
                            : mode == NR_REG_ONE_NIC ? NETMAP_POLLING_MODE_MULTI_CPU
                                                     : 0;
      to->polling.nr_first_cpu_id = old.nr_ringid & NETMAP_RING_MASK;
      to->polling.nr_num_polling_cpus = old.nr_arg1;
      return {};
    }
    case NETMAP_PT_HOST_CREATE:
    case NETMAP_PT_HOST_DELETE:
      return Status::failure(ENOMEM, "NIOCREGIF", "passthrough is not supported");  // as the kernel says
    default:
      return Status::failure(EINVAL, "NIOCREGIF", "unknown command " + std::to_string(old.nr_cmd));
  }
}

}  // namespace

Status serve_legacy(Device& device, bool regif, nmreq* old) {
  const char* call = regif ? "NIOCREGIF" : "NIOCGINFO";
  if (old->nr_version < kMinApi) {
    return Status::failure(
        EINVAL, call,
        "request of API " + std::to_string(old->nr_version) + ", " + std::to_string(kMinApi) + " or later is served");
  }
  Translated request;
  request.header.nr_version = kApi;
  std::memcpy(request.header.nr_name, old->nr_name, sizeof old->nr_name - 1);
  request.header.nr_body = reinterpret_cast<uint64_t>(&request.port);
  Status s;
  if (!regif) {
    const bool list = old->nr_cmd == NETMAP_BDG_LIST;
    request.header.nr_reqtype = list ? NETMAP_REQ_VALE_LIST : NETMAP_REQ_PORT_INFO_GET;
    if (list) {
      request.list = nmreq_vale_list{old->nr_arg1, 0, old->nr_arg2};
    } else {
      request.info = nmreq_port_info_get{};
      request.info.nr_mem_id = old->nr_arg2;
    }
  } else if (old->nr_cmd == 0) {
    request.header.nr_reqtype = NETMAP_REQ_REGISTER;
    s = translate_register(*old, &request.header, &request.port);
  } else {
    s = translate_command(*old, &request);
  }
  if (s.ok()) s = device.control(&request.header);
  if (!s.ok()) return s;

  switch (request.header.nr_reqtype) {
    case NETMAP_REQ_REGISTER:
      translate_back(request.port, old);
      break;
    case NETMAP_REQ_VALE_ATTACH:
      translate_back(request.attach.reg, old);
      break;
    case NETMAP_REQ_PORT_INFO_GET:
      old->nr_memsize = static_cast<uint32_t>(request.info.nr_memsize);
      old->nr_tx_slots = request.info.nr_tx_slots;
      old->nr_rx_slots = request.info.nr_rx_slots;
      old->nr_tx_rings = request.info.nr_tx_rings;
      old->nr_rx_rings = request.info.nr_rx_rings;
      old->nr_arg2 = request.info.nr_mem_id;
      break;
    case NETMAP_REQ_VALE_LIST:
      std::memset(old->nr_name, 0, sizeof old->nr_name);
      std::memcpy(old->nr_name, request.header.nr_name,
                  std::min(std::strlen(request.header.nr_name), sizeof old->nr_name - 1));
      old->nr_arg1 = request.list.nr_bridge_idx;
      old->nr_arg2 = static_cast<uint16_t>(request.list.nr_port_idx);
      break;
    case NETMAP_REQ_PORT_HDR_SET:
    case NETMAP_REQ_PORT_HDR_GET:
      old->nr_arg1 = static_cast<uint16_t>(request.vnet.nr_hdr_len);
      break;
    case NETMAP_REQ_VALE_NEWIF:
      old->nr_tx_slots = request.newif.nr_tx_slots;
      old->nr_rx_slots = request.newif.nr_rx_slots;
      old->nr_tx_rings = request.newif.nr_tx_rings;
      old->nr_rx_rings = request.newif.nr_rx_rings;
      old->nr_arg2 = request.newif.nr_mem_id;
      break;
    default:
      break;
  }
  return s;
}

}  // namespace nm
