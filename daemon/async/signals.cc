#include "async/signals.h"

#include <uv.h>

namespace reeve {

struct SignalWatch::Handle {
  uv_signal_t uv;
  Loop* loop;
  std::function<void()> function;

  static void fire(uv_signal_t* signal, int) {
    auto* self = static_cast<Handle*>(signal->data);
    Loop& loop = *self->loop;
    if (self->function) self->function();
    loop.drain();
  }
  static void closed(uv_handle_t* signal) { delete static_cast<Handle*>(signal->data); }
};

SignalWatch::SignalWatch(Loop& loop, int signal_number, std::function<void()> function)
    : handle_(new Handle{{}, &loop, std::move(function)}) {
  uv_signal_init(loop.raw(), &handle_->uv);
  handle_->uv.data = handle_;
  uv_signal_start(&handle_->uv, Handle::fire, signal_number);
}

SignalWatch::~SignalWatch() {
  handle_->function = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv), Handle::closed);
}

}  // namespace reeve
