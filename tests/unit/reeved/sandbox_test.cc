// What reeved takes from itself, seen from within: each test in a process of its own.
#include "base/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace reeve {
namespace {

// The step that failed, from 1; 0: none; -1: the child died.
int in_child(const std::vector<std::function<bool()>>& steps) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i]()) ::_exit(static_cast<int>(i) + 1);
    }
    ::_exit(0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

bool drop() { return static_cast<bool>(drop_network_and_exec()); }
bool harden() { return static_cast<bool>(harden_process()); }
bool fails(long result, int number) { return result == -1 && errno == number; }

TEST(Sandbox, has_no_socket_but_unix_ones) {
  EXPECT_EQ(
      in_child({harden, drop, [] { return fails(::socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT); },
                [] { return fails(::socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT); },
                [] { return fails(::socket(AF_NETLINK, SOCK_RAW, 0), EAFNOSUPPORT); },
                [] { return fails(::socket(AF_PACKET, SOCK_RAW, 0), EAFNOSUPPORT); },
                [] { return fails(::socket(AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT); },
                [] {
                  // The kernel looks at the low half only.
                  return fails(::syscall(SYS_socket, (1ULL << 32) | AF_INET, SOCK_STREAM, 0),
                               EAFNOSUPPORT);
                },
                [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; },
                [] {
                  int pair[2];
                  return ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
                }}),
      0);
}

TEST(Sandbox, runs_no_other_program) {
  EXPECT_EQ(in_child({harden, drop,
                      [] {
                        char name[] = "/bin/true";
                        char* const arguments[] = {name, nullptr};
                        return fails(::execv(name, arguments), EPERM);
                      },
                      [] {
                        const int fd = ::open("/bin/true", O_RDONLY);
                        char name[] = "true";
                        char* const arguments[] = {name, nullptr};
                        return fails(::syscall(SYS_execveat, fd, "", arguments, nullptr, 0x1000),
                                     EPERM);
                      }}),
            0);
}

TEST(Sandbox, looks_into_no_other_process) {
  EXPECT_EQ(in_child({harden, drop,
                      [] { return fails(::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0), EPERM); },
                      [] { return fails(::ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM); },
                      [] {
                        char byte = 0;
                        iovec local{&byte, 1}, remote{&byte, 1};
                        return fails(::process_vm_readv(::getppid(), &local, 1, &remote, 1, 0),
                                     EPERM);
                      },
                      [] { return fails(::syscall(SYS_io_uring_setup, 1, nullptr), EPERM); },
                      [] { return fails(::syscall(SYS_unshare, 0x10000000), EPERM); },
                      [] { return fails(::syscall(SYS_bpf, 0, nullptr, 0), EPERM); },
                      [] { return fails(::syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM); },
                      [] { return fails(::syscall(SYS_userfaultfd, 0), EPERM); }}),
            0);
}

TEST(Sandbox, holds_for_threads_that_were_there_before_and_come_after) {
  EXPECT_EQ(in_child({harden,
                      [] {
                        int gate[2], back[2];
                        if (::pipe(gate) != 0 || ::pipe(back) != 0) return false;
                        std::thread before([&] {
                          char byte = 0;
                          if (::read(gate[0], &byte, 1) != 1) return;
                          byte = fails(::socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT) ? 'y' : 'n';
                          if (::write(back[1], &byte, 1) != 1) return;
                        });
                        char byte = drop() ? 'g' : 'f';
                        if (::write(gate[1], &byte, 1) != 1) return false;
                        if (::read(back[0], &byte, 1) != 1) return false;
                        before.join();
                        return byte == 'y';
                      },
                      [] {
                        bool refused = false;
                        std::thread after([&] {
                          refused = fails(::socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
                        });
                        after.join();
                        return refused;
                      }}),
            0);
}

// W11.
TEST(Sandbox, leaves_no_core_and_cannot_be_dumped) {
  EXPECT_EQ(in_child({harden, [] { return ::prctl(PR_GET_DUMPABLE) == 0; },
                      [] {
                        rlimit limit{};
                        return ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
                               limit.rlim_max == 0;
                      },
                      [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }}),
            0);
}

TEST(Sandbox, still_reads_writes_and_waits) {
  EXPECT_EQ(in_child({harden, drop, [] { return ::open("/dev/null", O_RDWR) >= 0; },
                      [] {
                        int ends[2];
                        return ::pipe2(ends, O_CLOEXEC) == 0 && ::write(ends[1], "x", 1) == 1;
                      },
                      [] { return ::syscall(SYS_pidfd_open, ::getpid(), 0) >= 0; }}),
            0);
}

}  // namespace
}  // namespace reeve
