// Executables, the turnstile, the command line, and the program as reeved sees it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "async/unix_socket.h"
#include "attest/executable.h"
#include "attest/options.h"
#include "attest/subject.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "support/run.h"
#include "support/temp_dir.h"
#include "varlink/client.h"

namespace reeve {
namespace {

using test::run;

// A process that runs this file until its end.
class Runner {
 public:
  explicit Runner(const std::string& program, std::vector<std::string> words = {"60"}) {
    std::string name = program;
    std::vector<char*> arguments{name.data()};
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    char* none[] = {nullptr};
    EXPECT_EQ(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments.data(), none), 0);
    pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // posix_spawn returns once the program runs.
  }
  ~Runner() { stop(); }
  void stop() {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(std::exchange(pid, 0), nullptr, 0);
  }
  pid_t pid = 0;
  Fd pidfd;
};

std::string digest_of(const std::string& path) { return hex(sha256(test::read_whole(path))); }

const std::string kSleep = std::filesystem::canonical("/bin/sleep").string();

TEST(Executables, tell_path_and_digest_of_the_running_file) {
  Loop loop;
  Executables executables(loop, 1 << 30);
  const Runner runner(kSleep);
  const ExecutableFacts facts = run(loop, executables.read(runner.pid));
  EXPECT_EQ(facts.path, kSleep);
  EXPECT_EQ(facts.sha256, digest_of(kSleep));
  EXPECT_EQ(facts.problem, "");
  EXPECT_EQ(run(loop, executables.read(runner.pid)).sha256, facts.sha256);
  EXPECT_EQ(executables.kept(), 1u);
}

// W3: a link is not what runs, and a file that took the name's place is not either.
TEST(Executables, W3_links_and_replaced_files_do_not_hide_what_runs) {
  Loop loop;
  Executables executables(loop, 1 << 30);
  const test::TempDir directory;
  ASSERT_EQ(::symlink(kSleep.c_str(), (directory / "agent").c_str()), 0);
  const Runner linked(directory / "agent");
  EXPECT_EQ(run(loop, executables.read(linked.pid)).path, kSleep);

  const std::string own = directory / "own";
  std::filesystem::copy_file(kSleep, own);
  const Runner runner(own);
  EXPECT_EQ(run(loop, executables.read(runner.pid)).path, own);
  ASSERT_EQ(::rename(own.c_str(), (directory / "moved").c_str()), 0);
  std::filesystem::copy_file("/bin/true", own);
  const ExecutableFacts facts = run(loop, executables.read(runner.pid));
  EXPECT_EQ(facts.path, directory / "moved") << "the kernel follows the file";
  EXPECT_EQ(facts.sha256, digest_of(kSleep));
  ASSERT_EQ(::unlink((directory / "moved").c_str()), 0);
  const ExecutableFacts deleted = run(loop, executables.read(runner.pid));
  EXPECT_FALSE(deleted.path) << "no file of the host has that name";
  EXPECT_EQ(deleted.sha256, digest_of(kSleep)) << "it is still what runs";
}

TEST(Executables, notice_a_change_and_keep_to_the_size) {
  Loop loop;
  Executables executables(loop, 1 << 30);
  const test::TempDir directory;
  const std::string own = directory / "own";
  std::filesystem::copy_file(kSleep, own);
  {
    const Runner runner(own);
    EXPECT_EQ(run(loop, executables.read(runner.pid)).sha256, digest_of(own));
    EXPECT_EQ(::open(own.c_str(), O_WRONLY), -1) << "a running file cannot be written to";
  }
  std::ofstream(own, std::ios::app) << "more";
  const Runner runner(own);
  EXPECT_EQ(run(loop, executables.read(runner.pid)).sha256, digest_of(own));
  EXPECT_EQ(executables.kept(), 2u);
  Executables small(loop, 16);
  const ExecutableFacts facts = run(loop, small.read(runner.pid));
  EXPECT_FALSE(facts.sha256);
  EXPECT_NE(facts.problem, "");
  EXPECT_FALSE(run(loop, executables.read(0x3fffff)).sha256);
}

TEST(Subject, is_found_by_its_pidfd) {
  Runner runner(kSleep);
  EXPECT_EQ(pid_of(runner.pidfd.get()), runner.pid);
  EXPECT_TRUE(subject_alive(runner.pidfd.get()));
  runner.stop();
  EXPECT_FALSE(pid_of(runner.pidfd.get()));
  EXPECT_FALSE(subject_alive(runner.pidfd.get()));
  EXPECT_FALSE(pid_of(0));
  EXPECT_EQ(pid_in_fdinfo("pos:\t0\nPid:\t17\nNSpid:\t17\n"), 17);
  for (const char* none :
       {"", "Pid:\t-1\n", "Pid:\t0\n", "Pid:\n", "Pid:\t1x\n", "Pid:\t99999999999\n"})
    EXPECT_FALSE(pid_in_fdinfo(none)) << none;
}

Task<void> pass_through(Turnstile& stile, int& inside, Waiter<>& until) {
  const Turnstile::Pass pass = co_await stile.enter();
  ++inside;
  co_await until;
  --inside;
}

TEST(Turnstile, lets_a_few_through_and_the_next_in_the_place_of_who_was_dropped) {
  Loop loop;
  Turnstile stile(loop, 1);
  int inside = 0;
  Waiter<> first(loop), third(loop), unused(loop);
  Resolver<> end_first = first.resolver(), end_third = third.resolver(),
             end_unused = unused.resolver();
  TaskSet tasks(loop);
  auto dropped = std::make_unique<TaskSet>(loop);
  tasks.spawn(pass_through(stile, inside, first));
  loop.turn();
  dropped->spawn(pass_through(stile, inside, unused));
  tasks.spawn(pass_through(stile, inside, third));
  for (int i = 0; i < 3; ++i) loop.turn();
  EXPECT_EQ(inside, 1);
  dropped.reset();
  end_first.resolve({});
  for (int i = 0; i < 5; ++i) loop.turn();
  EXPECT_EQ(inside, 1) << "the third is in";
  end_third.resolve({});
  for (int i = 0; i < 5; ++i) loop.turn();
  EXPECT_EQ(inside, 0);
}

Result<AttesterOptions> options(std::vector<std::string> words) {
  words.insert(words.begin(), "reeve-attest");
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  ::optind = 0;
  return read_attester_options(static_cast<int>(words.size()), list.data());
}

TEST(AttesterOptions, are_read) {
  const auto read =
      options({"--peer-uid", "64101", "--no-engines", "--engine", "podman=/x", "--largest", "2"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->peer_uid, 64101u);
  EXPECT_EQ(read->engines, (std::map<std::string, std::string>{{"podman", "/x"}}));
  EXPECT_EQ(read->largest, 2u * 1024 * 1024);
  EXPECT_EQ(options({})->engines.size(), 2u);
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"x"},
                                             {"--peer-uid", "x"},
                                             {"--peer-uid", "4294967295"},
                                             {"--engine", "x"},
                                             {"--engine", "=/x"},
                                             {"--engine", "x=y"},
                                             {"--largest", "0"},
                                             {"--largest", "-1"},
                                             {"--largest", "65537"}}) {
    EXPECT_FALSE(options(wrong)) << wrong.front();
  }
}

// The program, with this process in reeved's part.
class Program : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"--socket", socket_, "--no-engines"};
    words.insert(words.end(), more.begin(), more.end());
    program_ = std::make_unique<Runner>(REEVE_ATTEST, words);
  }
  Task<Result<varlink::ClientReply>> ask(std::string parameters, int descriptor) {
    // The program may still be starting.
    while (!std::filesystem::exists(socket_)) co_await sleep(loop_, 5);
    auto client = co_await varlink::Client::connect(loop_, socket_, 20'000);
    while (!client) {
      co_await sleep(loop_, 5);
      client = co_await varlink::Client::connect(loop_, socket_, 20'000);
    }
    const std::string method = "io.reeve.Attest.Evidence";
    co_return co_await (*client)->call_with(method, parameters, descriptor, 60'000);
  }
  varlink::ClientReply told(const std::string& parameters, int descriptor) {
    auto reply = run(loop_, ask(parameters, descriptor));
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().text);
    return reply ? std::move(*reply) : varlink::ClientReply();
  }

  const test::TempDir directory_;
  const std::string socket_ = directory_ / "attest.sock";
  Loop loop_;
  std::unique_ptr<Runner> program_;
};

TEST_F(Program, answers_for_the_process_whose_pidfd_comes_with_the_call) {
  start();
  Runner subject(kSleep);
  const std::string both = R"({"wanted":["executable","namespaces"]})";
  const auto reply = told(both, subject.pidfd.get());
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.parameters.text("executable"), kSleep);
  EXPECT_EQ(reply.parameters.text("sha256"), digest_of(kSleep));
  EXPECT_EQ(reply.parameters.text("mount_namespace"), "initial");
  EXPECT_EQ(told(both, -1).error, "org.varlink.service.InvalidParameter");
  EXPECT_EQ(told(both, 0).error, "io.reeve.Attest.PeerGone") << "no pidfd";
  EXPECT_EQ(told(R"({"wanted":["keys"]})", subject.pidfd.get()).error,
            "org.varlink.service.InvalidParameter");
  EXPECT_EQ(told(R"({"wanted":["container"]})", subject.pidfd.get()).error,
            "org.varlink.service.InvalidParameter");
  const auto unknown =
      told(R"({"wanted":["container"],"container":{"engine":"podman","id":"x","instance":""}})",
           subject.pidfd.get());
  EXPECT_EQ(unknown.parameters.text("image"), "");
  EXPECT_EQ(unknown.parameters.strings("problems")->size(), 1u);
  subject.stop();
  EXPECT_EQ(told(both, subject.pidfd.get()).error, "io.reeve.Attest.PeerGone");
}

TEST_F(Program, turns_away_everybody_but_reeveds_user) {
  start({"--peer-uid", std::to_string(::getuid() + 1)});
  const auto reply = run(loop_, ask(R"({"wanted":[]})", -1));
  EXPECT_TRUE(!reply || reply->error == "org.varlink.service.PermissionDenied");
}

}  // namespace
}  // namespace reeve
