// What becomes of a request in the front: whether it is admitted, which worker answers it, what is
// counted and told of it.
#pragma once

#include <functional>
#include <map>

#include "serve/admission.h"
#include "serve/front.h"
#include "serve/links.h"
#include "serve/log.h"
#include "serve/metrics.h"

namespace tsp::serve {

class Passing {
 public:
  // `connections`: how many are open. All outlive this.
  Passing(const FrontOrder& order, Links& links, std::function<std::size_t()> connections);
  // By the headers alone.
  Admission admit(const Asker& asker, const Exchange& exchange);
  // Answers once, now or later.
  void handle(const Asker& asker, Exchange exchange, Reply reply);
  // Refusals that were only counted so far: to the log, and by the authority's worker on record.
  void tell_refusals();
  void flush() { refused_.flush(); }

 private:
  using Begun = std::chrono::steady_clock::time_point;
  Target find_target(const Exchange& exchange) const;
  void pass_on(const Asker& asker, Target& target, Exchange exchange, Begun begun,
               const Reply& reply);
  bool is_full(const std::string& who, const Asker& asker) const;
  std::size_t in_flight(const std::string& who) const;
  void finish(const Asker& asker, const std::string& verb, Begun begun, Answer answer,
              const Reply& reply);
  void note(const Asker& asker, const std::string& verb, Begun begun, const Answer& answer);
  Answer health();
  void metrics(const Asker& asker, const Reply& reply);
  Metrics::Gauges gauges() const;

  const FrontOrder& order_;
  Links& links_;
  std::function<std::size_t()> connections_;
  RefusedCallers refused_callers_;
  Metrics metrics_;
  CountedRefusals refused_;
  std::map<std::string, std::size_t> in_flight_;  // by caller
};

}  // namespace tsp::serve
