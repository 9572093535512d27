#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/fd_watch.h"
#include "async/unix_socket.h"
#include "async/work.h"
#include "support/run.h"

namespace reeve {
namespace {

using test::run;

Task<bool> echo(Loop& loop, std::string path) {
  auto listening = listen_unix(path, 0666);
  EXPECT_TRUE(listening);
  Acceptor acceptor(loop, std::move(*listening));
  auto client = co_await connect_unix(loop, path, 1000);
  EXPECT_TRUE(client);
  const Fd server = co_await acceptor.accept();
  Readiness ready(loop, server.get());
  EXPECT_EQ(::write(client->get(), "x", 1), 1);
  co_await ready.readable();
  char byte = 0;
  EXPECT_EQ(::read(server.get(), &byte, 1), 1);
  co_await ready.writable();
  client->reset();
  co_await ready.hangup();
  co_return byte == 'x';
}

struct Directory {
  Directory() { EXPECT_NE(::mkdtemp(path), nullptr); }
  ~Directory() {
    ::unlink((std::string(path) + "/s").c_str());
    ::rmdir(path);
  }
  char path[32] = "/tmp/reeve-io.XXXXXX";
};

TEST(UnixSocket, accepts_reads_and_sees_the_hangup) {
  Loop loop;
  const Directory directory;
  EXPECT_TRUE(run(loop, echo(loop, std::string(directory.path) + "/s")));
}

TEST(UnixSocket, says_which_path_it_could_not_reach) {
  Loop loop;
  const auto result = run(loop, connect_unix(loop, "/nowhere/s", 10));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unavailable);
  EXPECT_NE(result.error().text.find("/nowhere/s"), std::string::npos);
  EXPECT_FALSE(listen_unix(std::string(200, 'x'), 0600));
}

TEST(UnixSocket, has_the_mode_asked_for) {
  const Directory directory;
  const std::string path = std::string(directory.path) + "/s";
  auto fd = listen_unix(path, 0660);
  ASSERT_TRUE(fd);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  EXPECT_TRUE(listen_unix(path, 0600)) << "a dead socket is replaced";
}

TEST(Work, runs_elsewhere_and_brings_the_value_back) {
  Loop loop;
  const auto here = pthread_self();
  const bool elsewhere =
      run(loop, work(loop, [here] { return pthread_equal(here, pthread_self()) == 0; }));
  EXPECT_TRUE(elsewhere);
}

TEST(Timer, stopped_or_dropped_does_not_fire) {
  Loop loop;
  int fired = 0;
  Timer stopped(loop, 1, [&] { ++fired; });
  stopped.stop();
  {
    const Timer dropped(loop, 1, [&] { ++fired; });
  }
  Timer kept(loop, 2, [&] {
    fired += 10;
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(fired, 10);
}

}  // namespace
}  // namespace reeve
