#include "async/fd_watch.h"

#include <uv.h>

namespace reeve {

struct FdWatch::Handle {
  uv_poll_t uv;
  Loop* loop;
  std::function<void(int)> function;
  int wanted = 0;

  static void fire(uv_poll_t* poll, int status, int events) {
    auto* self = static_cast<Handle*>(poll->data);
    Loop& loop = *self->loop;
    int seen = 0;
    if (status < 0) seen = self->wanted;
    if ((events & UV_READABLE) != 0) seen |= kReadable;
    if ((events & UV_WRITABLE) != 0) seen |= kWritable;
    if ((events & UV_DISCONNECT) != 0) seen |= kHangup;
    if (self->function) self->function(seen);
    loop.drain();
  }
  static void closed(uv_handle_t* poll) { delete static_cast<Handle*>(poll->data); }
};

FdWatch::FdWatch(Loop& loop, int fd, std::function<void(int)> function)
    : handle_(new Handle{{}, &loop, std::move(function)}) {
  [[maybe_unused]] const int status = uv_poll_init(loop.raw(), &handle_->uv, fd);
  assert(status == 0);
  handle_->uv.data = handle_;
}

FdWatch::~FdWatch() {
  handle_->function = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv), Handle::closed);
}

void FdWatch::want(int events) {
  if (events == wanted_) return;
  wanted_ = handle_->wanted = events;
  int flags = 0;
  if ((events & kReadable) != 0) flags |= UV_READABLE;
  if ((events & kWritable) != 0) flags |= UV_WRITABLE;
  if ((events & kHangup) != 0) flags |= UV_DISCONNECT;
  if (flags == 0) uv_poll_stop(&handle_->uv);
  else uv_poll_start(&handle_->uv, flags, Handle::fire);
}

Readiness::Readiness(Loop& loop, int fd)
    : loop_(loop), watch_(loop, fd, [this](int events) { tell(events); }) {}

Task<void> Readiness::wait(int event, int slot) {
  Waiter<> waiter(loop_);
  resolvers_[slot] = waiter.resolver();
  watch_.want(watch_.wanted() | event);
  co_await waiter;
}

void Readiness::tell(int events) {
  for (int slot = 0; slot < 3; ++slot) {
    const int event = 1 << slot;
    if ((events & event) == 0) continue;
    // Nobody waits: stop asking, or the loop would spin. Writable is rare: asked for anew each
    // time.
    if (!resolvers_[slot].wanted()) watch_.want(watch_.wanted() & ~event);
    else if (event != FdWatch::kReadable) watch_.want(watch_.wanted() & ~event);
    resolvers_[slot].resolve({});
  }
}

}  // namespace reeve
