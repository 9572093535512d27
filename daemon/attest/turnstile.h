// Turnstile: lets a few through at a time; the others wait in the order in which they came.
#pragma once

#include <deque>

#include "async/waiter.h"

namespace reeve {

class Turnstile final {
 public:
  Turnstile(Loop& loop, size_t most) : loop_(loop), free_(most) {}

  // Held while it works; the next one goes when it dies.
  class [[nodiscard]] Pass {
   public:
    explicit Pass(Turnstile* stile) : stile_(stile) {}
    Pass(Pass&& other) noexcept : stile_(std::exchange(other.stile_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (stile_ != nullptr) stile_->leave();
    }

   private:
    Turnstile* stile_;
  };

  Task<Pass> enter() {
    while (free_ == 0) {
      // Who is told to go and is dropped before it goes tells the next one.
      const Turn turn(*this);
      Waiter<> waiter(loop_);
      waiting_.push_back(waiter.resolver());
      co_await waiter;
    }
    --free_;
    co_return Pass(this);
  }

 private:
  struct Turn {
    explicit Turn(Turnstile& stile) : stile_(stile) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (stile_.free_ > 0) stile_.tell_next();
    }
    Turnstile& stile_;
  };
  void leave() {
    ++free_;
    tell_next();
  }
  void tell_next() {
    while (!waiting_.empty()) {
      Resolver<> next = std::move(waiting_.front());
      waiting_.pop_front();
      if (!next.wanted()) continue;
      next.resolve({});
      return;
    }
  }

  Loop& loop_;
  size_t free_;
  std::deque<Resolver<>> waiting_;
};

}  // namespace reeve
