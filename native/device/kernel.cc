// The kernel's netmap: /dev/netmap. On systems that cannot have it, a device that says so.
#include "device.h"

#if defined(__linux__) || defined(__FreeBSD__)

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "../abi/ioctl.h"

namespace nm {
namespace {

constexpr char kPath[] = "/dev/netmap";
constexpr uint16_t kOldestApi = 4;  // versions that a module may answer to, for the message
constexpr uint16_t kNewestApi = 32;

// Asks for the sizes of the default memory region: the one request that names no port and changes nothing.
int ask(int fd, uint16_t version) {
  nmreq_port_info_get body = {};
  nmreq_header header = {};
  header.nr_version = version;
  header.nr_reqtype = NETMAP_REQ_PORT_INFO_GET;
  header.nr_body = reinterpret_cast<uint64_t>(&body);
  return ioctl(fd, kIocControl, &header) == 0 ? 0 : errno;
}

// The API version that the module wants, 0 when it cannot be found out.
uint32_t module_api(int fd) {
  for (uint16_t version = kOldestApi; version <= kNewestApi; ++version) {
    if (ask(fd, version) == 0) return version;
  }
  // Before NIOCCTRL there was NIOCGINFO, which wrote its version over a wrong one.
  nmreq legacy = {};
  legacy.nr_version = kApi;
  (void)ioctl(fd, kIocGetInfo, &legacy);
  return legacy.nr_version == kApi ? 0 : legacy.nr_version;
}

// A module of another version answers every request with EINVAL, which says nothing: so this is asked first.
Status check_api(int fd) {
  int err = ask(fd, kApi);
  if (err == 0) return {};
  if (err != EINVAL && err != ENOTTY && err != EOPNOTSUPP) return Status::failure(err, "NIOCCTRL", kPath);
  uint32_t theirs = module_api(fd);
  return Status::failure(EPROTO, "version",
                         "the netmap module speaks API " +
                             (theirs ? std::to_string(theirs) : std::string("(unknown)")) + ", this library API " +
                             std::to_string(kApi));
}

class KernelDevice final : public Device {
 public:
  explicit KernelDevice(int fd) : fd_(fd) {}
  ~KernelDevice() override {
    // On Linux a live mapping keeps the port registered after close(2): both must go.
    if (mapping_) mapping_->retire();
    ::close(fd_);
  }

  const char* kind() const noexcept override { return "kernel"; }

  Status control(nmreq_header* header) override {
    const int result = ioctl(fd_, kIocControl, header);
    // Some errors of sync loops come as they are, with no minus sign for the C library to see.
    if (result != 0) return Status::failure(result < 0 ? errno : result, "NIOCCTRL");
    return {};
  }

  void lend(const std::shared_ptr<Mapping>& memory) override { lent_ = memory; }

  // The module would map external memory, too, but wrongly where objects do not end with pages: so it stays as it was
  // lent.
  Status map(uint64_t size, std::shared_ptr<Mapping>* out) override {
    if (lent_ && !mapping_) {
      mapping_ = std::move(lent_);
      *out = mapping_;
      return {};
    }
    if (mapping_) return Status::failure(EBUSY, "mmap", "mapped already");
    Status status = Mapping::map(fd_, size, &mapping_);
    *out = mapping_;
    return status;
  }

  int txsync() noexcept override { return ioctl(fd_, kIocTxSync, nullptr) == 0 ? 0 : errno; }
  int rxsync() noexcept override { return ioctl(fd_, kIocRxSync, nullptr) == 0 ? 0 : errno; }

  int poll(short events, int timeout_ms, short* revents) noexcept override {
    pollfd entry = {fd_, events, 0};
    int count = ::poll(&entry, 1, timeout_ms);
    *revents = entry.revents;
    return count < 0 ? errno : 0;
  }

  int fd() const noexcept override { return fd_; }
  short loop_events(short events) const noexcept override { return events; }

  // The module's own poll registers the waiter, so there is nothing to arm. The look beforehand also syncs.
  int arm(short events, short* ready) noexcept override {
    int err;
    do err = poll(events, 0, ready);
    while (err == EINTR);
    return err;
  }
  void disarm() noexcept override {}

  void allow_indirect(const void*, size_t) override {}

 private:
  const int fd_;
  std::shared_ptr<Mapping> mapping_;
  std::shared_ptr<Mapping> lent_;
};

}  // namespace

Status open_kernel(std::unique_ptr<Device>* out) {
  int fd = ::open(kPath, O_RDWR | O_CLOEXEC);
  if (fd < 0) return Status::failure(errno, "open", kPath);
  Status status = check_api(fd);
  if (!status.ok()) {
    ::close(fd);
    return status;
  }
  out->reset(new KernelDevice(fd));
  return {};
}

}  // namespace nm

#else

#include <cerrno>

namespace nm {

Status open_kernel(std::unique_ptr<Device>*) {
  return Status::failure(ENOSYS, "open", "the netmap kernel module exists for Linux and FreeBSD only");
}

}  // namespace nm

#endif
