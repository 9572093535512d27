// Each coroutine that waits on the outside world, dropped at each of its suspension points: nothing
// is left, nothing is called back, and the next one finds things as they were.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>

#include "async/carry_on.h"
#include "async/fd_watch.h"
#include "async/unix_socket.h"
#include "async/work.h"
#include "support/run.h"
#include "support/temp_dir.h"

namespace reeve {
namespace {

using test::run;

// One more turn of the loop each time, until the task ends by itself.
template <class Make>
void drop_everywhere(Make make, int most = 200) {
  for (int turns = 0; turns < most; ++turns) {
    Loop loop;
    bool ended = false;
    {
      const auto held = make(loop);
      TaskSet tasks(loop);
      tasks.spawn(held->task());
      for (int i = 0; i < turns; ++i) loop.turn();
      ended = tasks.size() == 0;
    }
    for (int i = 0; i < 3; ++i) loop.turn();
    if (ended) return;
  }
}

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    one = Fd(ends[0]);
    two = Fd(ends[1]);
  }
  Fd one, two;
};

Task<void> note(Task<void> task, int& count) {
  co_await task;
  ++count;
}

TEST(ReadinessDrop, who_left_is_not_woken_and_the_next_one_is) {
  Loop loop;
  Pair pair;
  Readiness ready(loop, pair.one.get());
  int woken = 0;
  for (int round = 0; round < 3; ++round) {
    TaskSet leaving(loop);
    leaving.spawn(note(ready.readable(), woken));
    for (int i = 0; i < round; ++i) loop.turn();
  }
  ASSERT_EQ(::write(pair.two.get(), "x", 1), 1);
  for (int i = 0; i < 5; ++i) loop.turn();
  EXPECT_EQ(woken, 0);
  run(loop, note(ready.readable(), woken));
  EXPECT_EQ(woken, 1);
}

TEST(ReadinessDrop, the_three_kinds_of_waiting_do_not_disturb_each_other) {
  Loop loop;
  Pair pair;
  Readiness ready(loop, pair.one.get());
  int readable = 0, writable = 0, hangup = 0;
  TaskSet tasks(loop);
  tasks.spawn(note(ready.readable(), readable));
  tasks.spawn(note(ready.hangup(), hangup));
  {
    TaskSet leaving(loop);
    leaving.spawn(note(ready.writable(), writable));
    loop.drain();
  }
  for (int i = 0; i < 5; ++i) loop.turn();
  EXPECT_EQ(readable + writable + hangup, 0);
  tasks.spawn(note(ready.writable(), writable));
  while (writable == 0) loop.turn();
  EXPECT_EQ(readable + hangup, 0);
  pair.two.reset();
  while (hangup == 0 || readable == 0) loop.turn();
}

TEST(ReadinessDrop, one_that_dies_with_a_waiter_in_it_wakes_it) {
  Loop loop;
  Pair pair;
  auto ready = std::make_unique<Readiness>(loop, pair.one.get());
  int woken = 0;
  TaskSet tasks(loop);
  tasks.spawn(note(ready->readable(), woken));
  loop.turn();
  EXPECT_EQ(woken, 0);
  ready.reset();
  loop.turn();
  EXPECT_EQ(woken, 1) << "with nothing to read, but it is not left waiting for ever";
}

struct Accepting {
  explicit Accepting(Loop& loop)
      : acceptor(loop, *listen_unix(directory / "s", 0600)), path(directory / "s"), loop_(loop) {}
  Task<void> task() { return both(*this); }
  static Task<void> both(Accepting& self) {
    const auto client = co_await connect_unix(self.loop_, self.path, 1000);
    EXPECT_TRUE(client);
    const Fd served = co_await self.acceptor.accept();
    EXPECT_TRUE(served);
  }
  test::TempDir directory;
  Acceptor acceptor;
  std::string path;
  Loop& loop_;
};

TEST(AcceptorDrop, leaves_nothing_wherever_it_is_dropped) {
  drop_everywhere([](Loop& loop) { return std::make_unique<Accepting>(loop); });
}

Task<void> accept_into(Acceptor& acceptor, Fd& fd) { fd = co_await acceptor.accept(); }

TEST(AcceptorDrop, a_connection_that_came_meanwhile_is_the_next_ones) {
  Loop loop;
  const test::TempDir directory;
  Acceptor acceptor(loop, *listen_unix(directory / "s", 0600));
  Fd lost;
  {
    TaskSet leaving(loop);
    leaving.spawn(accept_into(acceptor, lost));
    for (int i = 0; i < 3; ++i) loop.turn();
  }
  const auto client = run(loop, connect_unix(loop, directory / "s", 1000));
  ASSERT_TRUE(client);
  for (int i = 0; i < 3; ++i) loop.turn();
  EXPECT_FALSE(lost);
  EXPECT_TRUE(run(loop, acceptor.accept()));
}

// A backlog of one: the second is tried again until somebody accepts, the deadline passes, or it is
// dropped.
struct Crowded {
  explicit Crowded(Loop& loop) : path(directory / "s"), loop_(loop) {
    listening = *listen_unix(path, 0600);
    EXPECT_EQ(::listen(listening.get(), 0), 0);
    first = *run(loop, connect_unix(loop, path, 1000));
  }
  Task<void> task() { return connect(*this); }
  static Task<void> connect(Crowded& self) {
    const auto second = co_await connect_unix(self.loop_, self.path, 10);
    EXPECT_TRUE(!second && second.error().code == Code::timeout);
  }
  test::TempDir directory;
  Fd listening, first;
  std::string path;
  Loop& loop_;
};

TEST(ConnectUnixDrop, leaves_nothing_wherever_it_is_dropped) {
  drop_everywhere([](Loop& loop) { return std::make_unique<Crowded>(loop); }, 20);
}

TEST(ConnectUnix, waits_for_a_full_backlog_until_its_deadline) {
  Loop loop;
  Crowded crowded(loop);
  const auto late = run(loop, connect_unix(loop, crowded.path, 10));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::timeout);
  Fd served(::accept(crowded.listening.get(), nullptr, nullptr));
  ASSERT_TRUE(served);
  EXPECT_TRUE(run(loop, connect_unix(loop, crowded.path, 1000)));
}

TEST(ConnectUnix, a_path_that_is_too_long_is_no_path) {
  Loop loop;
  EXPECT_EQ(run(loop, connect_unix(loop, std::string(108, 'x'), 10)).error().code, Code::invalid);
  EXPECT_EQ(run(loop, connect_unix(loop, "", 10)).error().code, Code::invalid);
}

struct Working {
  explicit Working(Loop& loop) : loop_(loop) {}
  Task<void> task() { return twice(*this); }
  static Task<void> twice(Working& self) {
    const std::string first = co_await work(self.loop_, [] { return std::string(100, 'a'); });
    EXPECT_EQ(first.size(), 100u);
    const auto second = co_await work(self.loop_, [] { return std::make_unique<int>(7); });
    EXPECT_EQ(*second, 7);
  }
  Loop& loop_;
};

TEST(WorkDrop, leaves_nothing_wherever_it_is_dropped) {
  drop_everywhere([](Loop& loop) { return std::make_unique<Working>(loop); });
}

Task<void> run_work(Loop& loop, std::shared_ptr<std::atomic<int>> runs,
                    std::shared_ptr<int> owned) {
  // Named: g++ 12 destroys a capturing temporary twice (see task.h).
  auto function = [runs, owned] { return ++*runs + *owned; };
  const int value = co_await work(loop, std::move(function));
  EXPECT_GT(value, 0);
}

TEST(WorkDrop, what_was_begun_runs_to_its_end_with_what_it_owns) {
  const auto runs = std::make_shared<std::atomic<int>>(0);
  const auto owned = std::make_shared<int>(1);
  {
    Loop loop;
    {
      TaskSet leaving(loop);
      leaving.spawn(run_work(loop, runs, owned));
      loop.drain();
    }
    EXPECT_GT(owned.use_count(), 1);
  }  // the loop waits for it
  EXPECT_EQ(runs->load(), 1);
  EXPECT_EQ(owned.use_count(), 1);
}

Task<int> slow(Loop& loop, std::shared_ptr<int> progress) {
  for (int i = 0; i < 3; ++i) {
    co_await sleep(loop, 1);
    ++*progress;
  }
  co_return *progress;
}
Task<void> await_carried(TaskSet& set, Loop& loop, std::shared_ptr<int> progress,
                         std::optional<int>& value) {
  Task<int> task = slow(loop, std::move(progress));
  value = co_await carry_on(set, std::move(task));
}

TEST(CarryOn, brings_the_value_to_who_waits) {
  Loop loop;
  TaskSet carrying(loop), waiting(loop);
  std::optional<int> value;
  waiting.spawn(await_carried(carrying, loop, std::make_shared<int>(0), value));
  while (!value) loop.turn();
  EXPECT_EQ(value, 3);
  EXPECT_EQ(carrying.size(), 0u);
}

TEST(CarryOn, goes_on_when_who_waits_is_dropped) {
  for (int turns = 1; turns < 8; ++turns) {
    Loop loop;
    TaskSet carrying(loop);
    const auto progress = std::make_shared<int>(0);
    std::optional<int> value;
    {
      TaskSet waiting(loop);
      waiting.spawn(await_carried(carrying, loop, progress, value));
      for (int i = 0; i < turns; ++i) loop.turn();
    }
    while (carrying.size() != 0) loop.turn();
    EXPECT_EQ(*progress, 3);
  }
}

TEST(CarryOn, ends_with_its_set) {
  Loop loop;
  auto carrying = std::make_unique<TaskSet>(loop);
  TaskSet waiting(loop);
  const auto progress = std::make_shared<int>(0);
  std::optional<int> value = -1;
  waiting.spawn(await_carried(*carrying, loop, progress, value));
  loop.turn();
  carrying.reset();
  while (waiting.size() != 0) loop.turn();
  EXPECT_FALSE(value);
  EXPECT_LT(*progress, 3);
}

}  // namespace
}  // namespace reeve
