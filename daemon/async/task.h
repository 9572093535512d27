// Task: a lazy coroutine with one owner. Dropping a Task cancels it: only destructors run.
//
// Rules (g++ 12 and clang 14 need some of them; see HACKING.md):
// - `co_await` stands as a whole statement or initialiser, with named arguments: g++ 12.2 frees
// twice on
//   `co_await f({a, b})`. No capturing lambda as a coroutine. Parameters are taken by value, or by
//   reference to something that outlives the task.
// - No string_view, span, iterator or reference into a shared table across a co_await: look it up
// again after.
// - There is no "finally" after a co_await; what must happen stands in a destructor.
// - Every wait on the outside world has a deadline.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "async/loop.h"
#include "base/result.h"

namespace reeve {

struct Unit {};  // "it happened"

template <class T = void>
class Task;
class TaskSet;

class PromiseCore : public ReadyNode {
 public:
  Loop* loop() const { return loop_; }

 protected:
  template <class>
  friend class Task;
  friend class TaskSet;
  friend void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept;
  Loop* loop_ = nullptr;
  PromiseCore* parent_ = nullptr;  // who awaits this task
  TaskSet* set_ = nullptr;         // or who owns it, and its neighbours there
  PromiseCore* next_in_set_ = nullptr;
  PromiseCore* previous_in_set_ = nullptr;
};

void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept;

template <class Promise>
class PromiseBase : public PromiseCore {
 public:
  PromiseBase() {
    handle_ = std::coroutine_handle<Promise>::from_promise(*static_cast<Promise*>(this));
  }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
      PromiseBase& promise = self.promise();
      if (promise.parent_ != nullptr) promise.loop_->ready(*promise.parent_);
      else if (promise.set_ != nullptr) finish_in_set(*promise.set_, promise);
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  // Tests are built with exceptions; a coroutine of ours never lets one out.
  void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
class TaskPromise final : public PromiseBase<TaskPromise<T>> {
 public:
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public PromiseBase<TaskPromise<void>> {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void take() {}
};

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      drop();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { drop(); }

  explicit operator bool() const { return handle_ != nullptr; }

  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    template <class Parent>
    void await_suspend(std::coroutine_handle<Parent> parent) noexcept {
      promise_type& promise = handle.promise();
      promise.loop_ = parent.promise().loop();
      promise.parent_ = &parent.promise();
      promise.loop_->ready(promise);
    }
    T await_resume() { return handle.promise().take(); }
  };
  // The task stays owned by this object while it is awaited.
  Awaiter operator co_await() noexcept { return {handle_}; }

 private:
  friend class TaskSet;
  void drop() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }
  Handle handle_;
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// Owns background tasks; stands last in its class, so that they are cancelled before what they use
// dies.
class TaskSet final {
 public:
  explicit TaskSet(Loop& loop) : loop_(loop) {}
  ~TaskSet();  // cancels all of them
  TaskSet(const TaskSet&) = delete;
  TaskSet& operator=(const TaskSet&) = delete;

  // Starts the task at the loop's next drain.
  void spawn(Task<void> task);
  size_t size() const { return size_; }
  Loop& loop() { return loop_; }

 private:
  friend void finish_in_set(TaskSet& set, PromiseCore& promise) noexcept;

  Loop& loop_;
  PromiseCore* first_ = nullptr;
  size_t size_ = 0;
};

}  // namespace reeve

// As REEVE_TRY and REEVE_CHECK, inside a coroutine. The expression may be a co_await.
#define CO_TRY(declaration, expression) \
  CO_TRY_AS(REEVE_CONCAT(co_try_, __LINE__), declaration, expression)
#define CO_TRY_AS(name, declaration, expression)  \
  auto name = expression;                         \
  if (!name) co_return ::std::move(name).error(); \
  declaration = *::std::move(name)
#define CO_CHECK(expression) CO_CHECK_AS(REEVE_CONCAT(co_check_, __LINE__), expression)
#define CO_CHECK_AS(name, expression) \
  auto name = expression;             \
  if (!name) co_return ::std::move(name).error()
