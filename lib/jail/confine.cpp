#include "jail/confine.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/files.h"
#include "base/release.h"
#include "base/sanitized.h"

namespace tsp::jail {
namespace {

using Context = std::unique_ptr<void, Release<&seccomp_release>>;

[[noreturn]] void refuse_syscall(const char* what, int error_number) {
  throw_errno(error_number, std::string("cannot close the parser jail: ") + what);
}

template <class... Compare>
void rule(const Context& context, std::uint32_t action, int call, Compare... compare) {
  const int result = seccomp_rule_add(context.get(), action, call,
                                      static_cast<unsigned>(sizeof...(compare)), compare...);
  if (result < 0) refuse_syscall("seccomp rule", -result);
}

scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, mask, value};
}

void allow_computing(const Context& context) {
  for (const int call : {SCMP_SYS(read),
                         SCMP_SYS(pread64),
                         SCMP_SYS(lseek),
                         SCMP_SYS(fstat),
                         SCMP_SYS(brk),
                         SCMP_SYS(munmap),
                         SCMP_SYS(mremap),
                         SCMP_SYS(madvise),
                         SCMP_SYS(futex),
                         SCMP_SYS(exit),
                         SCMP_SYS(exit_group),
                         SCMP_SYS(getrandom),
                         SCMP_SYS(clock_gettime),
                         SCMP_SYS(gettimeofday),
                         SCMP_SYS(getpid),
                         SCMP_SYS(gettid),
                         SCMP_SYS(rt_sigprocmask),
                         SCMP_SYS(rt_sigreturn),
                         SCMP_SYS(sched_yield),
                         SCMP_SYS(restart_syscall),
                         SCMP_SYS(close)})
    rule(context, SCMP_ACT_ALLOW, call);
  rule(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), masked(2, PROT_EXEC, 0),
       masked(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  rule(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), masked(2, PROT_EXEC, 0));
  for (const int call : {SCMP_SYS(write), SCMP_SYS(sendto)})
    rule(context, SCMP_ACT_ALLOW, call,
         scmp_arg_cmp{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(kChannelFd), 0});
  // 1 and 2 are /dev/null: a library that complains there does no harm.
  for (const scmp_datum_t nowhere : {1U, 2U})
    rule(context, SCMP_ACT_ALLOW, SCMP_SYS(write), scmp_arg_cmp{0, SCMP_CMP_EQ, nowhere, 0});
}

void forbid_reaching_out(const Context& context) {
  for (const int call :
       {SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
        SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(mkdir),
        SCMP_SYS(mkdirat), SCMP_SYS(chmod), SCMP_SYS(fchmodat), SCMP_SYS(mount)})
    rule(context, SCMP_ACT_KILL_PROCESS, call);
}

Filter exported(const Context& context) {
  const Fd memory(::memfd_create("filter", MFD_CLOEXEC));
  if (!memory) refuse_syscall("memfd_create", errno);
  if (const int result = seccomp_export_bpf(context.get(), memory.get()); result < 0)
    refuse_syscall("seccomp_export_bpf", -result);
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) refuse_syscall("lseek", errno);
  const Bytes octets = read_all(memory.get(), 1 << 20, "seccomp filter");
  Filter filter(octets.size() / sizeof(sock_filter));
  std::copy(octets.begin(), octets.end(), reinterpret_cast<std::uint8_t*>(filter.data()));
  return filter;
}

void limit(__rlimit_resource resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value{soft, hard};
  if (::setrlimit(resource, &value) != 0) refuse_syscall("setrlimit", errno);
}

void control(int option, unsigned long value) {
  if (::prctl(option, value, 0UL, 0UL, 0UL) != 0) refuse_syscall("prctl", errno);
}

}  // namespace

Filter make_filter() {
  const Context context(seccomp_init(kSanitized ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS));
  if (!context) refuse_syscall("seccomp_init", ENOMEM);
  if (kSanitized)
    forbid_reaching_out(context);
  else
    allow_computing(context);
  return exported(context);
}

void confine(const Limits& limits, const Filter& filter, int parent) {
  control(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it died before it could be watched
  limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1);
  limit(RLIMIT_CORE, 0, 0);
  if (!kSanitized) {
    limit(RLIMIT_FSIZE, 0, 0);
    limit(RLIMIT_AS, limits.address_space, limits.address_space);
    limit(RLIMIT_NOFILE, 0, 0);
  }
  control(PR_SET_DUMPABLE, 0);
  control(PR_SET_NO_NEW_PRIVS, 1);
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) refuse_syscall("seccomp", errno);
}

}  // namespace tsp::jail
