// The functions that ours stand in front of, looked up when first called: a program that never needs one never pays.
#pragma once

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include <atomic>
#include <cerrno>

namespace nm {

template <typename F>
class Real;

template <typename R, typename... A>
class RealBase {
 public:
  constexpr explicit RealBase(const char* name) : name_(name) {}

 protected:
  void* find() {
    void* at = at_.load(std::memory_order_relaxed);
    if (__builtin_expect(at != nullptr, 1)) return at;
    at = dlsym(RTLD_NEXT, name_);
    at_.store(at, std::memory_order_relaxed);
    if (!at) errno = ENOSYS;
    return at;
  }

 private:
  const char* name_;
  std::atomic<void*> at_{nullptr};
};

template <typename R, typename... A>
class Real<R(A...)> : public RealBase<R, A...> {
 public:
  using RealBase<R, A...>::RealBase;
  R operator()(A... a) {
    void* at = this->find();
    return at ? reinterpret_cast<R (*)(A...)>(at)(a...) : R(-1L);
  }
};

// With a variable argument list: some machines pass those in another way.
template <typename R, typename... A>
class Real<R(A..., ...)> : public RealBase<R, A...> {
 public:
  using RealBase<R, A...>::RealBase;
  template <typename Last>
  R operator()(A... a, Last last) {
    void* at = this->find();
    return at ? reinterpret_cast<R (*)(A..., ...)>(at)(a..., last) : R(-1L);
  }
};

namespace real {
inline Real<int(const char*, int, ...)> open{"open"};
inline Real<int(const char*, int, ...)> open64{"open64"};
inline Real<int(int, const char*, int, ...)> openat{"openat"};
inline Real<int(int, const char*, int, ...)> openat64{"openat64"};
inline Real<int(int)> close{"close"};
inline Real<int(unsigned, unsigned, int)> close_range{"close_range"};
inline Real<int(int)> dup{"dup"};
inline Real<int(int, int)> dup2{"dup2"};
inline Real<int(int, int, int)> dup3{"dup3"};
inline Real<int(int, int, ...)> fcntl{"fcntl"};
inline Real<int(int, int, ...)> fcntl64{"fcntl64"};
inline Real<int(int, unsigned long, ...)> ioctl{"ioctl"};
inline Real<void*(void*, size_t, int, int, int, off_t)> mmap{"mmap"};
inline Real<int(void*, size_t)> munmap{"munmap"};
inline Real<int(pollfd*, nfds_t, int)> poll{"poll"};
inline Real<int(pollfd*, nfds_t, const timespec*, const sigset_t*)> ppoll{"ppoll"};
inline Real<int(int, fd_set*, fd_set*, fd_set*, timeval*)> select{"select"};
inline Real<int(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*)> pselect{"pselect"};
inline Real<int(int)> epoll_create1{"epoll_create1"};
inline Real<int(int, int, int, epoll_event*)> epoll_ctl{"epoll_ctl"};
inline Real<int(int, epoll_event*, int, int)> epoll_wait{"epoll_wait"};
inline Real<int(int, epoll_event*, int, int, const sigset_t*)> epoll_pwait{"epoll_pwait"};
inline Real<int(int, epoll_event*, int, const timespec*, const sigset_t*)> epoll_pwait2{"epoll_pwait2"};
inline Real<ssize_t(int, msghdr*, int)> recvmsg{"recvmsg"};
inline Real<int(int, mmsghdr*, unsigned, int, timespec*)> recvmmsg{"recvmmsg"};
}  // namespace real

}  // namespace nm
