// run: drives a loop until a task has its value; for tests only.
#pragma once

#include <barrier>
#include <memory>

#include "async/task.h"
#include "async/timer.h"
#include "async/work.h"

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

// All that was begun on the thread pool has ended: its threads (libuv's default number) have met.
inline void drain_pool(Loop& loop) {
  constexpr int threads = 4;
  const auto meeting = std::make_shared<std::barrier<>>(threads);
  int met = 0;
  TaskSet tasks(loop);
  const auto meet = [](Loop& on, std::shared_ptr<std::barrier<>> place, int& count) -> Task<void> {
    auto arrive = [place] {
      place->arrive_and_wait();
      return true;
    };
    co_await work(on, std::move(arrive));
    if (++count == threads) on.stop();
  };
  for (int i = 0; i < threads; ++i) tasks.spawn(meet(loop, meeting, met));
  while (met != threads) loop.run();
}

}  // namespace reeve::test
