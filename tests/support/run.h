// run: drives a loop until a task has its value; for tests only.
#pragma once

#include "async/task.h"
#include "async/timer.h"

namespace reeve::test {

template <class T>
Task<void> keep(Loop& loop, Task<T> task, std::optional<T>& value) {
  value.emplace(co_await task);
  loop.stop();
}

inline Task<void> keep_unit(Loop& loop, Task<void> task, bool& done) {
  co_await task;
  done = true;
  loop.stop();
}

// The task's value; a test that never ends is ended by meson's timeout.
template <class T>
T run(Loop& loop, Task<T> task) {
  std::optional<T> value;
  TaskSet tasks(loop);
  tasks.spawn(keep<T>(loop, std::move(task), value));
  while (!value) loop.run();
  return std::move(*value);
}

inline void run(Loop& loop, Task<void> task) {
  bool done = false;
  TaskSet tasks(loop);
  tasks.spawn(keep_unit(loop, std::move(task), done));
  while (!done) loop.run();
}

}  // namespace reeve::test
