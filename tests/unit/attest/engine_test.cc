// What engines answer, and engines that hang, lie, talk nonsense or are gone. A thread plays the
// engine on a real socket: what it does cannot be had from a well-behaved one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "async/unix_socket.h"
#include "attest/engine_answer.h"
#include "attest/engines.h"
#include "support/fake_clock.h"
#include "support/run.h"
#include "support/temp_dir.h"

namespace reeve {
namespace {

const std::string kId(64, 'a');
const std::string kImage = "sha256:" + std::string(64, 'b');

std::string container(const std::string& config, const std::string& more = "") {
  return R"({"Id":")" + kId + R"(","Name":"/front","Image":")" + kImage +
         R"(","State":{"Status":"running","Running":true},"Config":{)" + config + "}" + more + "}";
}

TEST(EngineAnswer, names_image_labels_and_container) {
  const auto facts = read_container(
      container(R"("Image":"registry.example/app:1","Labels":{"team":"agents","x":""})"), kId);
  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_EQ(facts->name, "front");
  EXPECT_EQ(facts->image, "registry.example/app:1");
  EXPECT_EQ(facts->digests, std::vector<std::string>{kImage});
  EXPECT_EQ(facts->labels, (std::map<std::string, std::string>{{"team", "agents"}}));
}

TEST(EngineAnswer, leaves_out_what_is_not_plain_or_too_long) {
  const std::string labels = R"("Image":7,"Labels":{"a":1,"b":"x\ny","c\u0000":"x","d":")" +
                             std::string(600, 'x') + R"(","e":"fine","":"x"})";
  const auto facts = read_container(container(labels), kId);
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->image);
  EXPECT_EQ(facts->labels, (std::map<std::string, std::string>{{"e", "fine"}}));
  for (const char* other : {R"("Labels":null)", R"("Labels":[])", R"("Labels":"x")", ""}) {
    const auto without = read_container(container(other), kId);
    ASSERT_TRUE(without) << other;
    EXPECT_TRUE(without->labels.empty());
  }
}

TEST(EngineAnswer, about_another_container_or_a_stopped_one_is_none) {
  EXPECT_FALSE(read_container(container(""), std::string(64, 'c')));
  EXPECT_FALSE(read_container(R"({"Id":")" + kId + R"(","State":{"Running":false}})", kId));
  EXPECT_FALSE(read_container(R"({"Id":")" + kId + R"(","State":{"Running":"true"}})", kId));
  EXPECT_FALSE(read_container(R"({"Id":")" + kId + R"("})", kId));
  for (const char* bad : {"", "{", "[]", "null", "\"x\"", "{\"Id\":1}", "\xff", "{\"Id\":{}}"})
    EXPECT_FALSE(read_container(bad, kId)) << bad;
  EXPECT_FALSE(read_container(std::string(5000, '['), kId));
  EXPECT_FALSE(read_container(container("", R"(,"Id":"again")"), kId)) << "duplicate keys";
}

TEST(EngineAnswer, takes_digests_of_registries) {
  const std::string other = "sha256:" + std::string(64, 'd');
  const auto digests = read_image_digests(R"({"RepoDigests":["a.example/x@)" + other +
                                          R"(","b/x@)" + other + R"(","c@md5:1","d",7]})");
  ASSERT_TRUE(digests);
  EXPECT_EQ(*digests, std::vector<std::string>{other});
  EXPECT_TRUE(read_image_digests("{}")->empty());
  EXPECT_TRUE(read_image_digests(R"({"RepoDigests":null})")->empty());
  EXPECT_FALSE(read_image_digests("garbage"));
}

// Answers each connection with the next text; "hang" keeps it open until the end.
class FakeEngine {
 public:
  explicit FakeEngine(std::vector<std::string> answers)
      : listening_(blocking(path())), thread_([this, answers] {
          for (const std::string& answer : answers) serve(answer);
        }) {}
  ~FakeEngine() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string path() const { return directory_ / "engine.sock"; }
  int served = 0;

 private:
  static Fd blocking(const std::string& path) {
    Fd fd = std::move(*listen_unix(path, 0600));
    ::fcntl(fd.get(), F_SETFL, 0);
    return fd;
  }
  void serve(const std::string& answer) {
    Fd fd(::accept(listening_.get(), nullptr, nullptr));
    if (!fd) return;
    char request[4096];
    if (::recv(fd.get(), request, sizeof request, 0) <= 0) return;
    ++served;
    if (answer == "hang") {
      held_.push_back(std::move(fd));
    } else {
      static_cast<void>(::send(fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
    }
  }
  test::TempDir directory_;
  Fd listening_;
  std::vector<Fd> held_;
  std::thread thread_;
};

std::string http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

Result<ContainerFacts> ask(const std::string& path, long milliseconds = 10'000) {
  return Engine(path, ::geteuid(), milliseconds).container(kId);
}

TEST(Engine, asks_for_the_container_and_its_image) {
  const std::string other = "sha256:" + std::string(64, 'd');
  const FakeEngine engine(
      {http(container(R"("Image":"x")")), http(R"({"RepoDigests":["a@)" + other + "\"]}")});
  const auto facts = ask(engine.path());
  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_EQ(facts->digests, (std::vector<std::string>{kImage, other}));
}

TEST(Engine, an_image_that_is_gone_leaves_the_rest) {
  const FakeEngine engine({http(container(R"("Image":"x")")), http("{}", "404 Not Found")});
  const auto facts = ask(engine.path());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->digests, std::vector<std::string>{kImage});
}

TEST(Engine, that_talks_nonsense_hangs_or_is_gone_says_nothing) {
  for (const std::string& answer :
       {std::string("garbage\n"), http("garbage"), http("{}"), http("{}", "500 Oh"),
        std::string("x"), http(container(""), "404 Not Found"),
        http(container(""), "302 Found\r\nLocation: /"),
        http(std::string(engine_answer_bytes + 1, ' ')),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{")}) {
    const FakeEngine engine({answer});
    EXPECT_FALSE(ask(engine.path())) << answer.substr(0, 60);
  }
  const FakeEngine hanging({"hang"});
  const auto silent = ask(hanging.path(), 50);
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, Code::timeout);
  EXPECT_FALSE(ask("/nonexistent/engine.sock"));
}

// W3: a user's own engine may say anything.
TEST(Engine, W3_of_another_user_is_not_asked) {
  FakeEngine engine({http(container(""))});
  const auto told = Engine(engine.path(), ::geteuid() + 1, 1000).container(kId);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::denied);
  EXPECT_EQ(engine.served, 0);
  if (::geteuid() != 0) return;
  // The file looks right, who listens does not.
  ASSERT_EQ(::chown(engine.path().c_str(), 64321, 64321), 0);
  const auto stranger = Engine(engine.path(), 64321, 1000).container(kId);
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, Code::denied);
  EXPECT_EQ(engine.served, 0);
}

TEST(Engines, keep_answers_by_start_and_leave_a_broken_engine_alone) {
  FakeEngine engine({http(container(R"("Image":"x")")), http("{}", "404 No"), http("garbage")});
  Loop loop;
  test::FakeClock clock;
  Engines engines(loop, clock, {{"podman", engine.path()}}, ::geteuid());
  const ContainerRef first{"podman", kId, "start-1"}, again{"podman", kId, "start-2"};
  EXPECT_TRUE(test::run(loop, engines.container(first)));
  EXPECT_TRUE(test::run(loop, engines.container(first)));
  EXPECT_EQ(engine.served, 2) << "container and image, once";
  EXPECT_FALSE(test::run(loop, engines.container(again)));
  EXPECT_FALSE(test::run(loop, engines.container(again)));
  EXPECT_EQ(engine.served, 3) << "a failure is not repeated at once";
  EXPECT_TRUE(test::run(loop, engines.container(first)));
  for (const ContainerRef& ref :
       {ContainerRef{"docker", kId, "s"}, ContainerRef{"podman", "../x", "s"},
        ContainerRef{"podman", kId.substr(1), "s"}}) {
    EXPECT_FALSE(test::run(loop, engines.container(ref))) << ref.id;
  }
}

}  // namespace
}  // namespace reeve
