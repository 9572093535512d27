// The functions of reeve.h against a false daemon: whole, half, huge and hostile answers.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <vector>

#include "reeve.hpp"
#include "support/temp_dir.h"
#include "unit/libclient/environment.h"
#include "unit/libclient/scripted_server.h"

extern "C" int reeve_c99_test(const char* path, const char* jwt);

namespace reeve {
namespace {

using test::Peer;
using test::ScriptedServer;

constexpr int kLong = 10000, kShort = 30;  // milliseconds
constexpr const char* kMethod = "io.reeve.Agent.WhoAmI";

class ConnectionTest : public testing::Test {
 protected:
  void serve(ScriptedServer::Script script) {
    server_.emplace(directory_ / "s", std::move(script));
    ASSERT_EQ(connection_.connect(server_->path().c_str(), kLong), REEVE_OK) << reeve_detail();
  }
  reeve_error call(const char* parameters = nullptr, int timeout_ms = kLong) {
    return connection_.call(kMethod, parameters, timeout_ms, reply_);
  }
  // What comes of a call that is answered with these bytes, and then the end.
  reeve_error answered_with(const std::string& bytes) {
    server_.reset();
    serve([bytes](Peer& peer) {
      peer.call();
      peer.raw(bytes);
    });
    return call();
  }

  test::Environment environment_;
  test::TempDir directory_;
  std::optional<ScriptedServer> server_;
  Connection connection_;
  Reply reply_;
};

TEST_F(ConnectionTest, carries_calls_and_replies_one_after_the_other) {
  serve([](Peer& peer) {
    peer.call();
    peer.reply(R"({"workload":"w","evidence":{}})");
    peer.call();
    peer.error("io.reeve.Agent.Denied", R"({"reason":"no_rule"})");
    peer.call();
    peer.raw(std::string("{}") + '\0');
  });
  ASSERT_EQ(call(), REEVE_OK);
  EXPECT_EQ(reply_.error(), "");
  EXPECT_EQ(reply_.parameters(), R"({"workload":"w","evidence":{}})");
  EXPECT_FALSE(reply_.continues());
  ASSERT_EQ(call(R"({"a":"é"})"), REEVE_OK);
  EXPECT_EQ(reply_.error(), "io.reeve.Agent.Denied");
  EXPECT_EQ(reply_.parameters(), R"({"reason":"no_rule"})");
  ASSERT_EQ(call(), REEVE_OK);
  EXPECT_EQ(reply_.error(), "");
  EXPECT_EQ(reply_.parameters(), "{}");
  const std::vector<std::string> calls = server_->calls();
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0], R"({"method":"io.reeve.Agent.WhoAmI","parameters":{}})");
  EXPECT_EQ(calls[1], R"({"method":"io.reeve.Agent.WhoAmI","parameters":{"a":"é"}})");
}

TEST_F(ConnectionTest, reads_a_stream_to_its_end) {
  serve([](Peer& peer) {
    peer.call();
    peer.raw(test::reply_frame(R"({"n":1})", true) + test::reply_frame(R"({"n":2})", true));
    peer.reply(R"({"n":3})");
    peer.call();
    peer.reply("{}");
  });
  EXPECT_EQ(connection_.next(kLong, reply_), REEVE_END);
  ASSERT_EQ(connection_.call_more(kMethod, R"({"session":"s"})", kLong), REEVE_OK);
  EXPECT_EQ(call(), REEVE_BUSY);
  for (const char* expected : {R"({"n":1})", R"({"n":2})", R"({"n":3})"}) {
    ASSERT_EQ(connection_.next(kLong, reply_), REEVE_OK);
    EXPECT_EQ(reply_.parameters(), expected);
    EXPECT_EQ(reply_.continues(), reply_.parameters() != R"({"n":3})");
  }
  EXPECT_EQ(connection_.next(kLong, reply_), REEVE_END);
  EXPECT_EQ(reply_.parameters(), R"({"n":3})") << "a failure leaves the reply as it was";
  EXPECT_EQ(call(), REEVE_OK);
  EXPECT_EQ(server_->calls()[0],
            R"({"method":"io.reeve.Agent.WhoAmI","parameters":{"session":"s"},"more":true})");
}

TEST_F(ConnectionTest, waits_on_after_a_streams_timeout) {
  serve([](Peer& peer) {
    peer.call();
    peer.raw(R"({"parameters":{"n":)");
    peer.call();  // never comes; the test lets us go on
  });
  ASSERT_EQ(connection_.call_more(kMethod, nullptr, kLong), REEVE_OK);
  EXPECT_EQ(connection_.next(kShort, reply_), REEVE_TIMEOUT);
  EXPECT_EQ(connection_.next(kShort, reply_), REEVE_TIMEOUT);
  EXPECT_EQ(call(), REEVE_BUSY);
}

TEST_F(ConnectionTest, is_over_after_a_calls_timeout) {
  serve([](Peer& peer) { peer.until_closed(); });
  EXPECT_EQ(call(nullptr, kShort), REEVE_TIMEOUT);
  EXPECT_FALSE(reply_);
  EXPECT_EQ(call(), REEVE_CLOSED);
  EXPECT_EQ(connection_.next(kLong, reply_), REEVE_CLOSED);
}

TEST_F(ConnectionTest, does_not_wait_longer_for_an_answer_that_comes_in_drops) {
  serve([](Peer& peer) {
    peer.call();
    peer.raw("{\"parameters\":{\"a\":\"");
    while (peer.raw("a")) peer.pause(1);
  });
  EXPECT_EQ(call(nullptr, 100), REEVE_TIMEOUT);
}

TEST_F(ConnectionTest, does_not_wait_longer_for_a_daemon_that_takes_nothing) {
  serve([](Peer& peer) { peer.ignore(); });
  const std::string parameters = "{\"a\":\"" + std::string(250000, 'x') + "\"}";
  reeve_error error = REEVE_OK;
  // The socket's buffer takes a first frame or two.
  while (error == REEVE_OK) error = connection_.call(kMethod, parameters.c_str(), kShort, reply_);
  EXPECT_EQ(error, REEVE_TIMEOUT);
}

TEST_F(ConnectionTest, tells_a_half_answer_from_none) {
  EXPECT_EQ(answered_with(""), REEVE_LOST);
  EXPECT_EQ(call(), REEVE_CLOSED);
  EXPECT_EQ(answered_with("{\"parameters\":"), REEVE_PROTOCOL);
  EXPECT_EQ(answered_with("{}"), REEVE_PROTOCOL) << "the NUL is missing";
  EXPECT_EQ(call(), REEVE_CLOSED);
}

TEST_F(ConnectionTest, refuses_what_is_no_reply) {
  const std::string nul(1, '\0');
  for (const char* frame :
       {"", "null", "[]", "x", "{\"parameters\":[]}", "{\"parameters\":1}", "{\"error\":1}",
        "{\"error\":\"\"}", "{\"error\":\"a b\"}", "{\"error\":\"\\u0061\"}",
        "{\"error\":\"\x1b[2J\"}", "{\"continues\":1}", "{\"continues\":true}",
        "{\"parameters\":{\"a\":1,\"a\":2}}", "{\"parameters\":{},\"parameters\":{}}",
        "{\"parameters\":{\"a\":\"\xff\"}}"}) {
    EXPECT_EQ(answered_with(frame + nul), REEVE_PROTOCOL) << frame;
    EXPECT_FALSE(reply_);
  }
  EXPECT_EQ(answered_with("{\"later\":[{}],\"error\":null,\"parameters\":null}" + nul), REEVE_OK);
}

TEST_F(ConnectionTest, takes_large_answers_and_refuses_huge_ones) {
  const size_t limit = size_t{1024} * 1024;
  const std::string frame = "{\"parameters\":{\"a\":\"\"}}";
  const std::string largest =
      "{\"parameters\":{\"a\":\"" + std::string(limit - frame.size(), 'x') + "\"}}";
  EXPECT_EQ(answered_with(largest + '\0'), REEVE_OK);
  EXPECT_EQ(reply_.parameters().size(), limit - std::string("{\"parameters\":}").size());
  EXPECT_EQ(answered_with(largest + ' ' + '\0'), REEVE_PROTOCOL);
  EXPECT_EQ(answered_with(std::string(3 * limit, 'x')), REEVE_PROTOCOL);
}

TEST_F(ConnectionTest, says_why_it_was_refused_at_the_door) {
  std::promise<void> refused;
  serve([&refused](Peer& peer) {
    peer.error("org.varlink.service.PermissionDenied");
    peer.finish();
    refused.set_value();
  });
  refused.get_future().wait();
  ASSERT_EQ(call(), REEVE_OK);
  EXPECT_EQ(reply_.error(), "org.varlink.service.PermissionDenied");
  EXPECT_EQ(call(), REEVE_CLOSED);
}

TEST_F(ConnectionTest, knows_that_a_call_did_not_leave_at_a_door_that_closed) {
  for (const bool more : {false, true}) {
    server_.reset();
    std::promise<void> closed;
    serve([&closed](Peer& peer) {
      peer.finish();
      closed.set_value();
    });
    closed.get_future().wait();
    if (more) {
      ASSERT_EQ(connection_.call_more(kMethod, nullptr, kLong), REEVE_OK);
      EXPECT_EQ(connection_.next(kLong, reply_), REEVE_CLOSED);
    } else {
      EXPECT_EQ(call(), REEVE_CLOSED);
    }
  }
}

TEST_F(ConnectionTest, sends_nothing_on_a_connection_that_has_ended_meanwhile) {
  serve([](Peer& peer) {
    peer.call();
    peer.reply("{}");
  });
  ASSERT_EQ(call(), REEVE_OK);
  server_.reset();
  EXPECT_EQ(call(), REEVE_CLOSED);
}

TEST_F(ConnectionTest, takes_no_answer_to_nothing) {
  serve([](Peer& peer) {
    peer.call();
    peer.raw(test::reply_frame("{}") + test::reply_frame(R"({"stray":true})"));
    peer.until_closed();
  });
  ASSERT_EQ(call(), REEVE_OK);
  EXPECT_EQ(call(), REEVE_CLOSED);
  EXPECT_EQ(server_->calls().size(), 1U);
}

TEST_F(ConnectionTest, sends_no_malformed_and_no_long_call) {
  serve([](Peer& peer) {
    while (peer.call()) peer.reply("{}");
  });
  for (const char* parameters : {"", "[]", "null", "{", "{\"a\":1,\"a\":2}",
                                 "{},\"method\":\"x.Y\"", "{}}", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(call(parameters), REEVE_INVALID_ARGUMENT) << parameters;
  }
  for (const char* method : {"", "a b", "a\",\"x\":\"", "a\n"}) {
    EXPECT_EQ(connection_.call(method, nullptr, kLong, reply_), REEVE_INVALID_ARGUMENT) << method;
  }
  const std::string huge = "{\"a\":\"" + std::string(300000, 'x') + "\"}";
  EXPECT_EQ(call(huge.c_str()), REEVE_TOO_LONG);
  EXPECT_EQ(call(nullptr, 0), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(call(), REEVE_OK) << "the connection is still good";
  EXPECT_EQ(server_->calls().size(), 1U);
}

TEST_F(ConnectionTest, belongs_to_the_process_that_made_it) {
  serve([](Peer& peer) {
    while (peer.call()) peer.reply("{}");
  });
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = call() == REEVE_FORKED;
    connection_ = Connection();
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(call(), REEVE_OK) << "the child left the parent's connection alone";
}

TEST_F(ConnectionTest, keeps_its_socket_from_programs_it_starts) {
  serve([](Peer& peer) { peer.until_closed(); });
  bool seen = false;
  for (int fd = 3; fd < 100; ++fd) {
    struct sockaddr_un name = {};
    socklen_t size = sizeof(name);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) continue;
    if (server_->path() != name.sun_path) continue;
    seen = true;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(seen);
}

TEST_F(ConnectionTest, goes_on_after_an_interrupted_wait) {
  struct sigaction quiet = {}, before = {};
  quiet.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(SIGUSR1, &quiet, &before), 0);  // without SA_RESTART
  const pthread_t me = ::pthread_self();
  serve([me](Peer& peer) {
    peer.call();
    for (int i = 0; i < 100; ++i) ::pthread_kill(me, SIGUSR1);
    peer.reply("{}");
  });
  EXPECT_EQ(call(), REEVE_OK);
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(Connect, says_that_nobody_listens) {
  const test::Environment environment;
  const test::TempDir directory;
  Connection connection;
  EXPECT_EQ(connection.connect((directory / "s").c_str(), kLong), REEVE_UNAVAILABLE);
  EXPECT_NE(std::string(reeve_detail()).find(directory / "s"), std::string::npos);
  {
    const ScriptedServer gone(directory / "t", [](Peer&) {});
  }
  std::ofstream(directory / "file").put('x');
  EXPECT_EQ(connection.connect((directory / "file").c_str(), kLong), REEVE_UNAVAILABLE);
  std::filesystem::create_directory(directory / std::string(120, 'd'));
  std::ofstream(directory / std::string(120, 'd') + "/s").put('x');
  EXPECT_EQ(connection.connect((directory / std::string(120, 'd') + "/s").c_str(), kLong),
            REEVE_UNAVAILABLE);
  EXPECT_NE(std::string(reeve_detail()).find("too long"), std::string::npos);
}

TEST(Connect, takes_the_socket_from_the_environment) {
  test::Environment environment;
  const test::TempDir directory;
  const ScriptedServer server(directory / "s", [](Peer& peer) { peer.until_closed(); });
  environment.set("REEVE_SOCKET", server.path());
  Connection connection;
  EXPECT_EQ(connection.connect(nullptr, kLong), REEVE_OK) << reeve_detail();
}

TEST(Connect, waits_for_a_full_backlog_no_longer_than_told) {
  const test::Environment environment;
  const test::TempDir directory;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  (directory / "s").copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listening, 0), 0);
  std::vector<Connection> connections(4);
  reeve_error error = REEVE_OK;
  for (Connection& connection : connections) {
    error = connection.connect((directory / "s").c_str(), kShort);
  }
  EXPECT_EQ(error, REEVE_TIMEOUT);
  ::close(listening);
}

TEST(Errors, have_a_text_each) {
  for (int i = REEVE_OK; i <= REEVE_OTHER_ERROR; ++i) {
    if (i > REEVE_IN_USE && i < REEVE_CONSENT_REQUIRED) continue;
    EXPECT_STRNE(reeve_strerror(static_cast<reeve_error>(i)), "an error of a later version") << i;
  }
  EXPECT_STREQ(reeve_strerror(static_cast<reeve_error>(99)), "an error of a later version");
}

TEST(Header, serves_a_program_in_c99) {
  EXPECT_EQ(::reeve_c99_test("/nowhere", "a.b.c"), REEVE_UNAVAILABLE);
}

TEST(Arguments, may_be_missing_without_harm) {
  EXPECT_EQ(reeve_connect("/", 1000, nullptr), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_call(nullptr, kMethod, nullptr, 1, nullptr), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_call_more(nullptr, kMethod, nullptr, 1), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_next(nullptr, 1, nullptr), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_reply_error(nullptr), nullptr);
  EXPECT_STREQ(reeve_reply_parameters(nullptr), "{}");
  EXPECT_EQ(reeve_reply_continues(nullptr), 0);
  reeve_free_reply(nullptr);
  reeve_free_connection(nullptr);
}

}  // namespace
}  // namespace reeve
