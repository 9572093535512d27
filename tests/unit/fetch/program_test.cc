// The program itself, as reeved sees it: a child process behind a socket.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "crypto/box.h"
#include "crypto/random.h"
#include "support/run.h"
#include "varlink/client.h"
#include "web_server.h"

namespace reeve {
namespace {

using varlink::ClientReply;

const std::string kId = "abcdefghijklmnop";

struct Wanted {
  std::string method = "POST", url, id = kId, body;
  bool hold = false;
  std::string seal_to, authorization;
  int64_t milliseconds = 5000;
  bool inside = true;
};

std::string parameters(const Wanted& wanted) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().member("id", wanted.id).member("hold", wanted.hold);
  if (!wanted.seal_to.empty()) writer.member("seal_to", base64url(wanted.seal_to));
  writer.member("method", wanted.method).member("url", wanted.url);
  writer.key("headers").begin_array();
  if (!wanted.authorization.empty()) {
    writer.begin_object().member("name", "Authorization");
    writer.member("value", wanted.authorization).end_object();
  }
  writer.end_array();
  if (!wanted.body.empty()) writer.member("body", base64url(wanted.body));
  writer.key("limits").begin_object().member("milliseconds", wanted.milliseconds);
  writer.member("bytes", int64_t{65536}).member("loopback_http", wanted.inside);
  writer.member("private_addresses", wanted.inside).end_object().end_object();
  return text;
}

class Program : public ::testing::Test {
 protected:
  ~Program() override { stop(SIGKILL); }

  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {program(),     "--socket",           socket_,
                                      "--spool",     directory_ / "spool", "--ca-file",
                                      web_.ca_file()};
    words.insert(words.end(), more.begin(), more.end());
    spawn(words, -1);
    await_socket();
  }
  // With the socket passed on as a service manager does.
  void start_passed(int listening) {
    spawn({program(), "--spool", directory_ / "spool"}, listening);
  }
  int stop(int signal) {
    if (child_ <= 0) return -1;
    ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }
  void restart() {
    stop(SIGKILL);
    start();
  }
  ClientReply call(const std::string& method, const std::string& text = "{}") {
    auto reply = test::run(loop_, varlink::call_once(loop_, socket_, method, text, 20'000));
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().text);
    return reply ? std::move(*reply) : ClientReply{};
  }
  ClientReply request(const Wanted& wanted) {
    return call("io.reeve.Fetch.Request", parameters(wanted));
  }
  // Calls and does not wait.
  Fd send_only(const Wanted& wanted) {
    auto fd = test::run(loop_, connect_unix(loop_, socket_, 1000));
    EXPECT_TRUE(fd);
    std::string frame =
        R"({"method":"io.reeve.Fetch.Request","parameters":)" + parameters(wanted) + "}";
    frame += '\0';
    EXPECT_EQ(::send(fd->get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
    return std::move(*fd);
  }
  std::string count(const std::string& path) {
    Wanted wanted;
    wanted.method = "GET";
    wanted.url = web_.http("/count" + path);
    return base64url_decode(request(wanted).parameters.text("body")).value_or("?");
  }
  void await_count(const std::string& path, const std::string& number) {
    while (count(path) != number) test::run(loop_, sleep(loop_, 5));
  }
  Wanted held(const std::string& url) {
    Wanted wanted;
    wanted.url = url;
    wanted.hold = true;
    wanted.seal_to = keys_.public_key();
    return wanted;
  }
  std::string opened(const ClientReply& reply) {
    EXPECT_EQ(reply.error, "") << reply.parameters.text("reason");
    const auto sealed = base64url_decode(reply.parameters.text("sealed"));
    const auto plain = sealed ? keys_.open(*sealed) : std::nullopt;
    if (!plain) return "not sealed to us";
    auto json = parse_json(plain->reveal());
    return json ? base64url_decode(json->text("body")).value_or("") : "no JSON";
  }
  std::string own(const std::string& path) const {
    return path + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  test::WebServer& web_ = test::web_server();
  test::TemporaryDirectory directory_;
  std::string socket_ = directory_ / "fetch.sock";
  SealKeys keys_ = SealKeys::random();
  Loop loop_;
  pid_t child_ = -1;

 private:
  static std::string program() {
    const char* const path = ::getenv("REEVE_FETCH");
    return path == nullptr ? "reeve-fetch" : path;
  }
  void spawn(const std::vector<std::string>& words, int passed) {
    std::vector<char*> pointers;
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    child_ = ::fork();
    if (child_ != 0) return;
    // The leak checker traces its own process, which this one forbids.
    ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    if (passed >= 0) {
      ::dup2(passed, 3);
      ::setenv("LISTEN_FDS", "1", 1);
      ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    }
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  void await_socket() {
    for (int i = 0; i < 1000; ++i) {
      if (test::run(loop_, connect_unix(loop_, socket_, 1000))) return;
      test::run(loop_, sleep(loop_, 5));
    }
    FAIL() << "reeve-fetch does not listen";
  }
};

TEST_F(Program, serves_its_interface) {
  start();
  const ClientReply info = call("org.varlink.service.GetInfo");
  EXPECT_EQ(info.parameters.text("product"), "reeve-fetch");
  EXPECT_EQ(info.parameters.strings("interfaces"),
            (std::vector<std::string>{"io.reeve.Fetch", "org.varlink.service"}));
}

TEST_F(Program, carries_a_request) {
  start();
  Wanted wanted;
  wanted.url = web_.https("good", "/echo");
  wanted.body = "a=b";
  const ClientReply reply = request(wanted);
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.parameters.integer("status"), 200);
  const auto body = base64url_decode(reply.parameters.text("body"));
  ASSERT_TRUE(body);
  EXPECT_EQ(parse_json(*body)->text("body"), "a=b");
}

TEST_F(Program, tells_failures_and_bad_parameters_apart) {
  start();
  Wanted wanted;
  wanted.url = "http://example.com/";
  ClientReply reply = request(wanted);
  EXPECT_EQ(reply.error, "io.reeve.Fetch.Failed");
  EXPECT_EQ(reply.parameters.text("reason"), "url");
  wanted.url = web_.https("self_signed", "/");
  reply = request(wanted);
  EXPECT_EQ(reply.parameters.text("reason"), "tls");
  EXPECT_EQ(reply.parameters.boolean("sent"), false);
  wanted.method = "PUT";
  reply = request(wanted);
  EXPECT_EQ(reply.error, "org.varlink.service.InvalidParameter");
  EXPECT_EQ(reply.parameters.text("parameter"), "method");

  Wanted hold = held(web_.http("/"));
  hold.id = "short";
  EXPECT_EQ(request(hold).parameters.text("parameter"), "id");
  hold = held(web_.http("/"));
  hold.seal_to = "";
  EXPECT_EQ(request(hold).parameters.text("parameter"), "seal_to");
  hold.seal_to = std::string(32, '\0');
  EXPECT_EQ(request(hold).parameters.text("parameter"), "seal_to") << "a point of small order";
  EXPECT_EQ(call("io.reeve.Fetch.Acknowledge", R"({"id":"../epoch"})").parameters.text("parameter"),
            "id");
}

TEST_F(Program, guards_addresses_unless_told_otherwise) {
  start();
  Wanted wanted;
  wanted.url = web_.https("good", "/");
  wanted.inside = false;
  EXPECT_EQ(request(wanted).parameters.text("reason"), "address");
}

TEST_F(Program, holds_an_answer_over_kill_9_and_sends_once) {
  start();
  const Wanted wanted = held(web_.http(own("/a")));
  EXPECT_EQ(opened(request(wanted)), "ok");
  const ClientReply before = call("io.reeve.Fetch.Held");
  restart();
  const ClientReply after = call("io.reeve.Fetch.Held");
  EXPECT_EQ(after.parameters.text("epoch"), before.parameters.text("epoch"));
  EXPECT_EQ(after.parameters.strings("held"), std::vector<std::string>{kId});
  EXPECT_EQ(opened(request(wanted)), "ok");
  EXPECT_EQ(count(own("/a")), "1");
  EXPECT_EQ(call("io.reeve.Fetch.Acknowledge", R"({"id":")" + kId + "\"}").error, "");
  EXPECT_EQ(call("io.reeve.Fetch.Held").parameters.strings("held"), std::vector<std::string>{});
  EXPECT_EQ(opened(request(wanted)), "ok");
  EXPECT_EQ(count(own("/a")), "2");
}

TEST_F(Program, goes_on_with_a_held_request_when_the_caller_is_gone) {
  start();
  const Wanted wanted = held(web_.http(own("/slow/200")));
  send_only(wanted).reset();
  await_count(own("/slow/200"), "1");
  EXPECT_EQ(call("io.reeve.Fetch.Held").parameters.strings("held"), std::vector<std::string>{kId});
  EXPECT_EQ(opened(request(wanted)), "late");
  EXPECT_EQ(count(own("/slow/200")), "1");
}

TEST_F(Program, never_sends_again_what_it_was_killed_over) {
  start();
  const Wanted wanted = held(web_.http(own("/slow/20000")));
  const Fd waiting = send_only(wanted);
  await_count(own("/slow/20000"), "1");
  restart();
  const ClientReply reply = request(wanted);
  EXPECT_EQ(reply.parameters.text("reason"), "lost");
  EXPECT_EQ(reply.parameters.boolean("sent"), true);
  EXPECT_EQ(count(own("/slow/20000")), "1");
}

TEST_F(Program, finishes_held_requests_before_it_ends) {
  start();
  const Wanted wanted = held(web_.http(own("/slow/300")));
  const Fd waiting = send_only(wanted);
  await_count(own("/slow/300"), "1");
  EXPECT_EQ(stop(SIGTERM), 0) << "exit status";
  start();
  EXPECT_EQ(opened(request(wanted)), "late");
  EXPECT_EQ(count(own("/slow/300")), "1");
}

TEST_F(Program, ends_at_once_where_nothing_is_held) {
  start();
  Wanted wanted;
  wanted.url = web_.http("/slow/20000");
  const Fd waiting = send_only(wanted);
  test::run(loop_, sleep(loop_, 50));
  EXPECT_EQ(stop(SIGTERM), 0);
}

TEST_F(Program, serves_one_user_only) {
  start({"--peer-uid", std::to_string(::geteuid() + 1)});
  EXPECT_EQ(call("org.varlink.service.GetInfo").error, "org.varlink.service.PermissionDenied");
}

TEST_F(Program, serves_the_socket_it_was_handed) {
  auto listening = listen_unix(socket_, 0600);
  ASSERT_TRUE(listening);
  start_passed(listening->get());
  listening->reset();
  EXPECT_EQ(call("org.varlink.service.GetInfo").parameters.text("product"), "reeve-fetch");
}

TEST_F(Program, tells_the_service_manager_how_it_is) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ / "notify";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const Fd notify(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(notify.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto next = [&] {
    char text[100] = {};
    return std::string(text, static_cast<size_t>(::recv(notify.get(), text, sizeof text, 0)));
  };
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "30000", 1);
  start();
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(next(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(next(), "WATCHDOG=1");
  EXPECT_EQ(next(), "WATCHDOG=1");
  EXPECT_EQ(stop(SIGTERM), 0);
  std::string last;
  while (last != "STOPPING=1") last = next();
}

TEST_F(Program, lets_no_slow_server_delay_the_others_and_takes_so_many_at_once) {
  start();
  Wanted slow;
  slow.url = web_.http(own("/slow/20000"));
  slow.milliseconds = 20'000;
  std::vector<Fd> waiting;
  for (int i = 0; i < 255; ++i) waiting.push_back(send_only(slow));
  await_count(own("/slow/20000"), "255");
  waiting.push_back(send_only(slow));
  Wanted one_more;
  one_more.url = web_.http("/");
  ClientReply reply;
  for (int i = 0; i < 1000 && reply.error.empty(); ++i) reply = request(one_more);
  EXPECT_EQ(reply.error, "io.reeve.Fetch.LimitReached");
  EXPECT_EQ(reply.parameters.text("limit"), "requests");
  EXPECT_EQ(reply.parameters.integer("retry_after"), 1);
  waiting.clear();
  for (int i = 0; i < 1000 && !reply.error.empty(); ++i) {
    test::run(loop_, sleep(loop_, 5));
    reply = request(one_more);
  }
  EXPECT_EQ(reply.error, "") << "places come back when callers hang up";
}

#if !defined(__SANITIZE_ADDRESS__)
// Only root reads another's memory, and this process forbids even its own user's.
TEST_F(Program, leaves_no_secret_in_its_memory) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  start();
  const std::string needle = "needle-" + base64url(random_bytes(12));
  for (const bool hold : {false, true}) {
    for (const std::string& url : {web_.http("/echo"), web_.https("good", "/echo")}) {
      Wanted wanted = held(url);
      wanted.hold = hold;
      wanted.body = needle + std::string(2000, 'x') + needle;
      wanted.authorization = "Bearer " + needle;
      EXPECT_EQ(request(wanted).error, "");
      call("io.reeve.Fetch.Acknowledge", R"({"id":")" + kId + "\"}");
    }
  }
  std::ifstream maps("/proc/" + std::to_string(child_) + "/maps");
  std::ifstream memory("/proc/" + std::to_string(child_) + "/mem", std::ios::binary);
  std::string line;
  int found = 0;
  size_t read = 0;
  while (std::getline(maps, line)) {
    unsigned long begin = 0, end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w')
      continue;
    std::string bytes(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    read += static_cast<size_t>(memory.gcount());
    for (const std::string& text : {needle, base64url(needle).substr(0, 20)}) {
      for (size_t at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1)) {
        ADD_FAILURE() << text << " at " << std::hex << begin + at << " in " << line;
        ++found;
      }
    }
  }
  EXPECT_GT(read, size_t{100'000});
  EXPECT_EQ(found, 0);
}
#endif

TEST_F(Program, leaves_no_core) {
  start();
  std::ifstream limits("/proc/" + std::to_string(child_) + "/limits");
  std::string line;
  bool seen = false;
  while (std::getline(limits, line)) {
    if (!line.starts_with("Max core file size")) continue;
    seen = true;
    EXPECT_NE(line.find(" 0 "), std::string::npos) << line;
  }
  EXPECT_TRUE(seen);
}

TEST_F(Program, says_what_it_is) {
  for (const char* option : {"--help", "--version"}) {
    EXPECT_EQ(
        std::system((std::string(::getenv("REEVE_FETCH")) + " " + option + " > /dev/null").c_str()),
        0);
  }
  EXPECT_NE(std::system((std::string(::getenv("REEVE_FETCH")) + " 2> /dev/null").c_str()), 0);
}

}  // namespace
}  // namespace reeve
