// libreeve's thread rule, for the thread sanitizer: a connection a thread without any lock, and a
// connection that two threads are in is refused to the second.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "reeve.hpp"
#include "support/temp_dir.h"
#include "unit/libclient/environment.h"
#include "unit/libclient/scripted_server.h"

namespace reeve {
namespace {

using test::Peer;

constexpr int kLong = 10000;  // milliseconds

TEST(Threads, many_with_a_connection_each_do_not_disturb_each_other) {
  const test::Environment environment;
  const test::TempDir directory;
  const test::ScriptedServer server(directory / "s", [](Peer& peer) {
    while (const auto frame = peer.call()) {
      if (frame->find("deny") != std::string::npos) {
        peer.error("io.reeve.Agent.Denied", R"({"reason":"no_rule"})");
      } else {
        peer.reply(R"({"token":{"id":"i","access_token":"a","token_type":"Bearer","scopes":["s"],)"
                   R"("grant":"g"}})");
      }
    }
  });
  std::atomic<int> tokens = 0, refusals = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Connection connection;
      if (connection.connect(server.path().c_str(), kLong) != REEVE_OK) return;
      for (int call = 0; call < 50; ++call) {
        reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
        ask.provider = (i + call) % 2 == 0 ? "files" : "deny";
        Token token;
        const reeve_error error = connection.get_token("h", ask, kLong, token);
        if (error == REEVE_OK && std::string(reeve_token_value(token.get())) == "a") ++tokens;
        const std::string detail = reeve_detail();  // this thread's own
        if (error == REEVE_DENIED && detail == "reason: no_rule") ++refusals;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tokens, 200);
  EXPECT_EQ(refusals, 200);
}

TEST(Threads, a_connection_another_thread_is_in_is_refused) {
  const test::Environment environment;
  const test::TempDir directory;
  std::promise<void> asked, answer;
  const test::ScriptedServer server(directory / "s", [&](Peer& peer) {
    peer.call();
    asked.set_value();
    answer.get_future().wait();
    peer.reply("{}");
    peer.until_closed();
  });
  Connection connection;
  ASSERT_EQ(connection.connect(server.path().c_str(), kLong), REEVE_OK);
  reeve_error first = REEVE_TIMEOUT;
  std::thread other([&] {
    Reply reply;
    first = connection.call("io.reeve.Agent.WhoAmI", nullptr, kLong, reply);
  });
  asked.get_future().wait();
  Reply reply;
  EXPECT_EQ(connection.call("io.reeve.Agent.WhoAmI", nullptr, kLong, reply), REEVE_IN_USE);
  EXPECT_EQ(connection.process(reply), REEVE_IN_USE);
  EXPECT_EQ(connection.close_session("h", kLong), REEVE_IN_USE);
  reeve_free_connection(connection.get());  // does nothing: it is not pulled away
  answer.set_value();
  other.join();
  EXPECT_EQ(first, REEVE_OK);
  EXPECT_FALSE(reply);
}

}  // namespace
}  // namespace reeve
