#include "base/sandbox.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace reeve {
namespace {

struct FilterFree {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};

constexpr int kForbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(personality),
};

int add_rules(scmp_filter_ctx filter) {
  const scmp_arg_cmp not_unix{0, SCMP_CMP_NE, AF_UNIX, 0};  // the first argument, the family
  for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
    const int status =
        ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1, &not_unix);
    if (status != 0) return status;
  }
  for (const int call : kForbidden) {
    const int status = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    if (status != 0) return status;
  }
  return 0;
}

}  // namespace

Result<void> harden_process() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return errno_error("RLIMIT_CORE", errno);
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno_error("PR_SET_DUMPABLE", errno);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return errno_error("PR_SET_NO_NEW_PRIVS", errno);
  return {};
}

Result<void> drop_network_and_exec() {
  const std::unique_ptr<void, FilterFree> filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr) return Error{Code::internal, "seccomp: no filter"};
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  int status = add_rules(filter.get());
  if (status == 0) status = ::seccomp_load(filter.get());
  if (status != 0) return errno_error("seccomp", -status);
  return {};
}

}  // namespace reeve
