#include "request_copy.h"

#include <algorithm>
#include <cerrno>

#include "../engine/user_memory.h"

namespace nm {

namespace {

size_t body_size(uint16_t type) {
  switch (type) {
    case NETMAP_REQ_REGISTER:
      return sizeof(nmreq_register);
    case NETMAP_REQ_PORT_INFO_GET:
      return sizeof(nmreq_port_info_get);
    case NETMAP_REQ_VALE_ATTACH:
      return sizeof(nmreq_vale_attach);
    case NETMAP_REQ_VALE_DETACH:
      return sizeof(nmreq_vale_detach);
    case NETMAP_REQ_VALE_LIST:
      return sizeof(nmreq_vale_list);
    case NETMAP_REQ_PORT_HDR_SET:
    case NETMAP_REQ_PORT_HDR_GET:
      return sizeof(nmreq_port_hdr);
    case NETMAP_REQ_VALE_NEWIF:
      return sizeof(nmreq_vale_newif);
    case NETMAP_REQ_VALE_POLLING_ENABLE:
    case NETMAP_REQ_VALE_POLLING_DISABLE:
      return sizeof(nmreq_vale_polling);
    case NETMAP_REQ_POOLS_INFO_GET:
      return sizeof(nmreq_pools_info);
    case NETMAP_REQ_SYNC_KLOOP_START:
      return sizeof(nmreq_sync_kloop_start);
    default:
      return 0;
  }
}

size_t option_size(const nmreq_option& option) {
  switch (option.nro_reqtype) {
    case NETMAP_REQ_OPT_EXTMEM:
      return sizeof(nmreq_opt_extmem);
    case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS:
      return std::max<uint64_t>(option.nro_size, sizeof(nmreq_opt_sync_kloop_eventfds));
    case NETMAP_REQ_OPT_CSB:
      return sizeof(nmreq_opt_csb);
    case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
      return sizeof(nmreq_opt_sync_kloop_mode);
    case NETMAP_REQ_OPT_OFFSETS:
      return sizeof(nmreq_opt_offsets);
    default:
      return sizeof(nmreq_option);
  }
}

}  // namespace

int RequestCopy::take(uint64_t user_header) {
  user_header_ = user_header;
  if (!user_header) return EINVAL;
  if (!copy_in(&header_, user_header, sizeof header_)) return EFAULT;
  header_.nr_name[sizeof header_.nr_name - 1] = 0;
  user_body_ = header_.nr_body;
  user_options_ = header_.nr_options;
  if (header_.nr_version < kMinApi || header_.nr_version > kMaxApi || header_.nr_reserved != 0) return EINVAL;
  body_size_ = body_size(header_.nr_reqtype);
  if ((body_size_ != 0) != (user_body_ != 0)) return EINVAL;
  if (!copy_in(body_, user_body_, body_size_)) return EFAULT;
  if (body_size_) header_.nr_body = reinterpret_cast<uint64_t>(body_);
  return take_options();
}

int RequestCopy::take_options() {
  size_t used = 0;
  uint64_t* link = &header_.nr_options;
  for (uint64_t at = user_options_; at != 0;) {
    nmreq_option head;
    if (!copy_in(&head, at, sizeof head)) return EFAULT;
    const size_t size = option_size(head);
    const size_t offset = used;
    if (size > sizeof options_ - body_size_ || offset + size > sizeof options_ - body_size_) {
      list_.clear();  // there may be a loop: nothing to report to
      *link = 0;
      return EMSGSIZE;
    }
    if (!copy_in(options_ + offset, at, size)) return EFAULT;
    used = (offset + size + 7) & ~size_t{7};
    list_.push_back({at, head.nro_next, offset, size});
    nmreq_option* copy = option(list_.back());
    copy->nro_next = 0;
    copy->nro_status = 0;
    *link = reinterpret_cast<uint64_t>(copy);
    link = &copy->nro_next;
    if (head.nro_reqtype > 0 && head.nro_reqtype < NETMAP_REQ_OPT_MAX) {
      for (const Option& before : list_) {
        if (option(before) == copy || option(before)->nro_reqtype != head.nro_reqtype) continue;
        option(before)->nro_status = copy->nro_status = EINVAL;
        return EINVAL;
      }
    }
    at = head.nro_next;
  }
  return 0;
}

int RequestCopy::give_back(bool served) {
  header_.nr_body = user_body_;
  header_.nr_options = user_options_;
  bool good = true;
  if (served) good &= copy_out(user_body_, body_, body_size_);
  for (const Option& o : list_) {
    nmreq_option* copy = option(o);
    copy->nro_next = o.next;
    good &= copy_out(o.user, copy, served && copy->nro_status == 0 ? o.size : sizeof *copy);
  }
  good &= copy_out(user_header_, &header_, sizeof header_);
  return good ? 0 : EFAULT;
}

}  // namespace nm
