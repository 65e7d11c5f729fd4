#include "watcher.h"

#include <utility>

#include "events.h"
#include "port.h"

namespace nm {

Watcher* Watcher::open(std::shared_ptr<Environment> environment, NativePort* port, int fd, int* error) {
  auto* watcher = new Watcher();
  *error = uv_poll_init(environment->loop(), &watcher->handle_, fd);
  if (*error != 0) {
    delete watcher;  // libuv does not know it
    return nullptr;
  }
  watcher->handle_.data = watcher;
  watcher->environment_ = std::move(environment);
  watcher->port_ = port;
  return watcher;
}

int Watcher::start(short events) {
  int wanted = 0;
  if (events & kPollIn) wanted |= UV_READABLE;
  if (events & kPollOut) wanted |= UV_WRITABLE;
  return uv_poll_start(&handle_, wanted, on_event);
}

void Watcher::on_event(uv_poll_t* handle, int status, int events) {
  auto* watcher = static_cast<Watcher*>(handle->data);
  uv_poll_stop(handle);  // one shot: readiness is level-triggered and would come back before anyone looked
  short revents = 0;
  if (status != 0) revents |= kPollErr;  // UV_EBADF: libuv's way to say POLLERR
  if (events & UV_READABLE) revents |= kPollIn;
  if (events & UV_WRITABLE) revents |= kPollOut;
  if (watcher->port_) watcher->port_->woken(revents);
}

void Watcher::close() {
  port_ = nullptr;
  environment_->handle_closing();
  uv_close(handle(), [](uv_handle_t* closed) {
    auto* watcher = static_cast<Watcher*>(closed->data);
    std::shared_ptr<Environment> environment = std::move(watcher->environment_);
    delete watcher;
    environment->handle_closed();
  });
}

}  // namespace nm
