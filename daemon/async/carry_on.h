// carry_on: a task that goes on to its end when whoever awaits it is dropped: for what must not
// stop half-way because a caller hung up.
#pragma once

#include <optional>

#include "async/waiter.h"

namespace reeve {

namespace carry_on_detail {
template <class T>
Task<void> run(Task<T> task, Resolver<T> done) {
  T value = co_await task;
  done.resolve(std::move(value));
}
}  // namespace carry_on_detail

// The task is the set's from now on. nullopt: the set died first, and the task with it.
template <class T>
Task<std::optional<T>> carry_on(TaskSet& set, Task<T> task) {
  Waiter<T> waiter(set.loop());
  set.spawn(carry_on_detail::run<T>(std::move(task), waiter.resolver()));
  std::optional<T> value = co_await waiter;
  co_return value;
}

}  // namespace reeve
