// Waiter and Resolver: one value, once, from whoever will know it to the one coroutine that waits.
//
// The waiter lies in the coroutine's frame, the resolver with the request, the table or the timer.
// Either may die first: a resolver without its waiter does nothing; a waiter without its resolver
// gets nullopt.
//
//   Waiter<int> waiter(loop);
//   table.add(waiter.resolver());
//   const std::optional<int> value = co_await waiter;
#pragma once

#include <optional>
#include <utility>

#include "async/task.h"

namespace reeve {

template <class T>
class Waiter;

template <class T = Unit>
class [[nodiscard]] Resolver {
 public:
  Resolver() = default;
  Resolver(Resolver&& other) noexcept : waiter_(std::exchange(other.waiter_, nullptr)) { relink(); }
  Resolver& operator=(Resolver&& other) noexcept {
    if (this != &other) {
      abandon();
      waiter_ = std::exchange(other.waiter_, nullptr);
      relink();
    }
    return *this;
  }
  ~Resolver() { abandon(); }

  // False once the waiter has its value, or died.
  bool wanted() const { return waiter_ != nullptr; }
  void resolve(T value) {
    if (waiter_ == nullptr) return;
    Waiter<T>* waiter = std::exchange(waiter_, nullptr);
    waiter->resolver_ = nullptr;
    waiter->settle(std::optional<T>(std::move(value)));
  }

 private:
  friend class Waiter<T>;
  explicit Resolver(Waiter<T>* waiter) : waiter_(waiter) { relink(); }
  void relink() {
    if (waiter_ != nullptr) waiter_->resolver_ = this;
  }
  void abandon() {
    if (waiter_ == nullptr) return;
    Waiter<T>* waiter = std::exchange(waiter_, nullptr);
    waiter->resolver_ = nullptr;
    waiter->settle(std::nullopt);
  }
  Waiter<T>* waiter_ = nullptr;
};

template <class T = Unit>
class Waiter final {
 public:
  explicit Waiter(Loop& loop) : loop_(loop) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    if (resolver_ != nullptr) resolver_->waiter_ = nullptr;
  }

  // To be called once; at most one resolver exists.
  Resolver<T> resolver() {
    settled_ = false;
    return Resolver<T>(this);
  }

  bool await_ready() const noexcept { return settled_; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    waiting_ = &handle.promise();
  }
  std::optional<T> await_resume() {
    waiting_ = nullptr;
    return std::exchange(value_, std::nullopt);
  }

 private:
  friend class Resolver<T>;
  void settle(std::optional<T> value) {
    // Not assigned: g++ 12 with sanitizers takes an optional of an optional for uninitialised.
    value_.reset();
    if (value) value_.emplace(std::move(*value));
    settled_ = true;
    if (waiting_ != nullptr) loop_.ready(*waiting_);
  }

  Loop& loop_;
  Resolver<T>* resolver_ = nullptr;
  ReadyNode* waiting_ = nullptr;
  std::optional<T> value_;
  bool settled_ = true;  // nothing asked for yet: ready, and empty
};

}  // namespace reeve
