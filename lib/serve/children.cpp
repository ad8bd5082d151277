#include "serve/children.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/freed.h"
#include "serve/desks.h"
#include "serve/log.h"

namespace tsp::serve {

void become_child(const sigset_t& signals) {
  ::pthread_sigmask(SIG_SETMASK, &signals, nullptr);
  for (const int each : {SIGINT, SIGHUP}) ::signal(each, SIG_IGN);  // a terminal's go to all
  ::signal(SIGTERM, SIG_DFL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::mallopt(M_PERTURB, 0x5a);  // what is freed is overwritten, but for small pieces
  // The heap's end stays where one request after the other would give it back and take it anew.
  ::mallopt(M_TRIM_THRESHOLD, 2 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int serve_as_front(ServeOrder& order, Fd control) {
  wipe_what_is_freed();
  try {
    return run_front({std::move(control), std::move(order.socket), std::move(order.open_listener),
                      &order.roles, order.limits, order.space_is_low, order.service});
  } catch (const std::exception& error) {
    log_line(Level::error, {{"event", "front"}, {"why", error.what()}});
    return 1;
  }
}

int serve_as_worker(const ServeOrder& order, Kind kind, Fd channel) {
  if (kind != Kind::pki) wipe_what_is_freed();  // no signer's secret reaches the authority's
  try {
    const auto provider = order.open_provider();
    provider->restrict_sessions(kind == Kind::pki ? std::vector<std::string>{"pki", "audit", "root"}
                                                  : std::vector<std::string>{"signers"});
    Channel front(std::move(channel));
    const auto desk = kind == Kind::approvals    ? open_approval_desk(*provider, order.service)
                      : kind == Kind::signatures ? open_signature_desk(*provider, front)
                                                 : open_pki_desk(*provider);
    return run_worker(front, *desk);
  } catch (const Error& error) {
    log_line(Level::error,
             {{"event", "worker"}, {"kind", std::string(name_of(kind))}, {"why", error.message}});
    return fault_row(error.fault).exit_status;
  } catch (const std::exception& error) {
    log_line(Level::error,
             {{"event", "worker"}, {"kind", std::string(name_of(kind))}, {"why", error.what()}});
    return 1;
  }
}

}  // namespace tsp::serve
