#include "varlink/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "support/run.h"
#include "varlink/client.h"

namespace reeve::varlink {
namespace {

using test::run;

constexpr std::string_view kText = R"(interface io.example.Test
method Echo(text: string) -> (text: string)
method Count(to: int) -> (value: int)
method Wait() -> ()
method Missing() -> ()
error Nope(why: string)
)";

struct Running {
  explicit Running(int& count) : count_(count) { ++count_; }
  ~Running() { --count_; }
  int& count_;
};

// A server on a socket in a directory of its own, and raw client sockets to it.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_), nullptr);
    service_.add(kText, {{"Echo", [](Call& call) { return echo(call); }},
                         {"Count", [](Call& call) { return count(call); }},
                         {"Wait", [this](Call&) { return wait(loop_, waiting_); }}});
    auto listening = listen_unix(path(), 0600);
    ASSERT_TRUE(listening);
    ServerLimits limits;
    limits.frame_bytes = 4096;
    limits.frame_milliseconds = 50;
    limits.write_milliseconds = 50;
    server_ = std::make_unique<Server>(loop_, std::move(*listening), service_, limits, [this](int) {
      Admission admission;
      if (admit_) admission.context = std::make_unique<ConnectionContext>();
      else admission.refusal = Reply::failure("io.example.Test.Nope", R"({"why":"full"})");
      return admission;
    });
  }
  void TearDown() override {
    server_.reset();
    ::unlink(path().c_str());
    ::rmdir(directory_);
  }
  std::string path() const { return std::string(directory_) + "/s"; }

  static Task<Reply> echo(Call& call) {
    co_return Reply{R"({"text":")" + call.parameters.text("text") + "\"}", ""};
  }
  static Task<Reply> count(Call& call) {
    const int64_t to = *call.parameters.integer("to");
    if (!call.more) co_return Reply::failure("org.varlink.service.ExpectedMore");
    for (int64_t i = 0; i < to; ++i) {
      std::string text = "{\"value\":" + std::to_string(i) + "}";
      co_await call.send(text);
    }
    co_return Reply{"{\"value\":" + std::to_string(to) + "}", ""};
  }
  static Task<Reply> wait(Loop& loop, int& waiting) {
    const Running running(waiting);
    co_await sleep(loop, 3'600'000);
    co_return Reply{};
  }

  // Sends bytes and reads until `frames` replies came or the connection ended.
  Task<std::string> exchange(std::string bytes, int frames) {
    auto fd = co_await connect_unix(loop_, path(), 1000);
    EXPECT_TRUE(fd);
    Readiness ready(loop_, fd->get());
    if (!bytes.empty() && ::send(fd->get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
      co_return "send failed";
    std::string got;
    while (std::count(got.begin(), got.end(), '\0') < frames) {
      char buffer[65536];
      const ssize_t count = ::recv(fd->get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (count > 0) got.append(buffer, static_cast<size_t>(count));
      else if (count == 0 || errno != EAGAIN) co_return got + "[end]";
      else co_await ready.readable();
    }
    co_return got;
  }
  std::string say(std::string bytes, int frames = 1) {
    for (char& c : bytes) c = c == '|' ? '\0' : c;
    std::string got = run(loop_, exchange(std::move(bytes), frames));
    for (char& c : got) c = c == '\0' ? '|' : c;
    return got;
  }

  char directory_[32] = "/tmp/reeve-server.XXXXXX";
  Loop loop_;
  bool admit_ = true;
  int waiting_ = 0;
  Service service_{{"test", "1"}};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, answers_a_call) {
  EXPECT_EQ(say(R"({"method":"io.example.Test.Echo","parameters":{"text":"hi"}}|)"),
            R"({"parameters":{"text":"hi"}}|)");
}

TEST_F(ServerTest, answers_pipelined_calls_in_order) {
  std::string calls, replies;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    calls += R"({"method":"io.example.Test.Echo","parameters":{"text":")" + n + "\"}}|";
    replies += R"({"parameters":{"text":")" + n + "\"}}|";
  }
  EXPECT_EQ(say(calls, 500), replies);
}

TEST_F(ServerTest, streams_with_more_and_refuses_without) {
  EXPECT_EQ(say(R"({"method":"io.example.Test.Count","parameters":{"to":1},"more":true}|)", 2),
            R"({"parameters":{"value":0},"continues":true}|{"parameters":{"value":1}}|)");
  EXPECT_NE(
      say(R"({"method":"io.example.Test.Count","parameters":{"to":1}}|)").find("ExpectedMore"),
      std::string::npos);
}

TEST_F(ServerTest, does_not_answer_oneway) {
  EXPECT_EQ(say(R"({"method":"io.example.Test.Echo","parameters":{"text":"a"},"oneway":true}|)"
                R"({"method":"io.example.Test.Echo","parameters":{"text":"b"}}|)"),
            R"({"parameters":{"text":"b"}}|)");
}

TEST_F(ServerTest, names_what_is_wrong_with_a_call) {
  struct Case {
    std::string call, in_reply;
  };
  const Case cases[] = {
      {R"({"method":"io.example.Test.Nothing"}|)", "MethodNotFound"},
      {R"({"method":"io.other.Do"}|)", "InterfaceNotFound"},
      {R"({"method":"io.example.Test.Missing"}|)", "MethodNotImplemented"},
      {R"({"method":"io.example.Test.Echo"}|)", R"({"parameter":"text"})"},
      {R"({"method":"io.example.Test.Echo","parameters":{"text":"a","b":1}}|)",
       R"({"parameter":"b"})"},
      {R"({"method":"io.example.Test.Echo","parameters":{"text":1}}|)", R"({"parameter":"text"})"},
      {R"({"method":"io.example.Test.Echo","parameters":[]}|)", R"({"parameter":"parameters"})"},
      {R"({"method":"io.example.Test.Echo","more":1}|)", R"({"parameter":"more"})"},
      {R"({"method":"io.example.Test.Echo","bogus":1}|)", R"({"parameter":"bogus"})"},
      {R"({"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"x"}}|)",
       "InterfaceNotFound"},
      {R"({"method":"org.varlink.service.GetInfo"}|)", "io.example.Test"},
  };
  for (const Case& c : cases)
    EXPECT_NE(say(c.call).find(c.in_reply), std::string::npos) << c.call << say(c.call);
}

TEST_F(ServerTest, ends_the_connection_on_broken_frames_with_an_error) {
  for (const std::string frame :
       {"|", "||||", "nonsense|", "[1]|", "{\"method\":\"\xff\"}|", R"({"a":1,"a":2}|)"}) {
    const std::string got = say(frame, 2);
    EXPECT_NE(got.find("InvalidParameter"), std::string::npos) << frame;
    EXPECT_TRUE(got.ends_with("[end]")) << got;
  }
  const std::string huge = say(std::string(5000, 'x'), 2);
  EXPECT_NE(huge.find("longer than"), std::string::npos);
  EXPECT_TRUE(huge.ends_with("[end]"));
}

TEST_F(ServerTest, half_a_frame_has_a_deadline) { EXPECT_EQ(say("{\"method\":", 1), "[end]"); }

TEST_F(ServerTest, refuses_at_accept_with_a_word) {
  admit_ = false;
  EXPECT_EQ(say("", 2), R"({"error":"io.example.Test.Nope","parameters":{"why":"full"}}|[end])");
}

Task<void> call_and_leave(Loop& loop, std::string path, const int& waiting) {
  auto fd = co_await connect_unix(loop, path, 1000);
  EXPECT_TRUE(fd);
  const std::string call = std::string(R"({"method":"io.example.Test.Wait"})") + '\0';
  EXPECT_EQ(::send(fd->get(), call.data(), call.size(), 0), static_cast<ssize_t>(call.size()));
  while (waiting == 0) co_await sleep(loop, 1);
  fd->reset();
  while (waiting > 0) co_await sleep(loop, 1);
}

TEST_F(ServerTest, cancels_the_call_of_a_peer_that_left) {
  run(loop_, call_and_leave(loop_, path(), waiting_));
  EXPECT_EQ(server_->connections(), 0u);
}

Task<void> never_reads(Loop& loop, std::string path, Server& server) {
  auto fd = co_await connect_unix(loop, path, 1000);
  EXPECT_TRUE(fd);
  std::string call =
      R"({"method":"io.example.Test.Count","parameters":{"to":1000000},"more":true})";
  call += '\0';
  EXPECT_GT(::send(fd->get(), call.data(), call.size(), 0), 0);
  for (int i = 0; i < 400 && server.connections() == 0; ++i) co_await sleep(loop, 1);
  EXPECT_EQ(server.connections(), 1u);
  for (int i = 0; i < 2000 && server.connections() > 0; ++i) co_await sleep(loop, 1);
}

TEST_F(ServerTest, a_reader_that_does_not_read_has_a_deadline) {
  run(loop_, never_reads(loop_, path(), *server_));
  EXPECT_EQ(server_->connections(), 0u);
}

Task<Result<ClientReply>> late_call(Loop& loop, std::string path, std::string parameters) {
  co_return co_await call_once(loop, path, "io.example.Test.Wait", parameters, 5);
}

TEST_F(ServerTest, a_call_that_is_not_answered_in_time_is_a_timeout_wherever_it_stands) {
  const auto unanswered = run(loop_, late_call(loop_, path(), "{}"));
  ASSERT_FALSE(unanswered);
  EXPECT_EQ(unanswered.error().code, Code::timeout);
  // Nobody reads what the socket has no room for.
  const std::string deaf = path() + "-deaf";
  const auto listening = listen_unix(deaf, 0600);
  ASSERT_TRUE(listening);
  const std::string huge = "{\"text\":\"" + std::string(2'000'000, 'x') + "\"}";
  const auto unsent = run(loop_, late_call(loop_, deaf, huge));
  ::unlink(deaf.c_str());
  ASSERT_FALSE(unsent);
  EXPECT_EQ(unsent.error().code, Code::timeout);
}

Task<void> accept_and_leave(Loop& loop, Fd listening) {
  Acceptor acceptor(loop, std::move(listening));
  const Fd fd = co_await acceptor.accept();
}

TEST_F(ServerTest, a_call_whose_server_leaves_is_no_timeout) {
  const std::string hasty = path() + "-hasty";
  auto listening = listen_unix(hasty, 0600);
  ASSERT_TRUE(listening);
  TaskSet tasks(loop_);
  tasks.spawn(accept_and_leave(loop_, std::move(*listening)));
  const auto reply = run(loop_, call_once(loop_, hasty, "io.example.Test.Wait", "{}", 60'000));
  ::unlink(hasty.c_str());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::unavailable);
}

}  // namespace
}  // namespace reeve::varlink
