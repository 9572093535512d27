#include "async/timer.h"

#include <uv.h>

namespace reeve {

struct Timer::Handle {
  uv_timer_t uv;
  Loop* loop;
  std::function<void()> function;

  static void fire(uv_timer_t* timer) {
    auto* self = static_cast<Handle*>(timer->data);
    Loop& loop = *self->loop;
    // The function may destroy the Timer, and with it its own state.
    const auto function = std::exchange(self->function, nullptr);
    if (function) function();
    loop.drain();
  }
  static void closed(uv_handle_t* timer) { delete static_cast<Handle*>(timer->data); }
};

Timer::Timer(Loop& loop) : handle_(new Handle{{}, &loop, nullptr}) {
  uv_timer_init(loop.raw(), &handle_->uv);
  handle_->uv.data = handle_;
}

Timer::Timer(Loop& loop, int64_t milliseconds, std::function<void()> function) : Timer(loop) {
  start(milliseconds, std::move(function));
}

Timer::~Timer() {
  handle_->function = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv), Handle::closed);
}

void Timer::start(int64_t milliseconds, std::function<void()> function) {
  handle_->function = std::move(function);
  // libuv's idea of now is that of the last poll.
  uv_update_time(handle_->loop->raw());
  uv_timer_start(&handle_->uv, Handle::fire,
                 milliseconds < 0 ? 0 : static_cast<uint64_t>(milliseconds), 0);
}

void Timer::stop() {
  handle_->function = nullptr;
  uv_timer_stop(&handle_->uv);
}

bool Timer::active() const {
  return uv_is_active(reinterpret_cast<uv_handle_t*>(&handle_->uv)) != 0;
}

Task<void> sleep(Loop& loop, int64_t milliseconds) {
  Waiter<> waiter(loop);
  Resolver<> resolver = waiter.resolver();
  const Timer timer(loop, milliseconds, [&resolver] { resolver.resolve({}); });
  co_await waiter;
}

}  // namespace reeve
