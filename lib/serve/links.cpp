#include "serve/links.h"

#include <algorithm>

#include "serve/link.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{100};

}  // namespace

Links::Links(asio::io_context& context, std::size_t most_waiting, Hooks hooks)
    : context_(context), most_waiting_(most_waiting), hooks_(std::move(hooks)), timer_(context) {
  look_at_deadlines();
}

Links::~Links() = default;

void Links::take(std::uint32_t slot, Kind kind, pid_t pid, Fd channel) {
  links_.push_back(std::make_shared<Link>(*this, context_, slot, kind, pid, std::move(channel)));
  links_.back()->begin();
}

void Links::is_up(Link& link) {
  bool later = false;
  for (const auto& each : links_) {
    if (each.get() == &link)
      later = true;
    else if (each->slot() == link.slot() && !later)
      each->retire();
    else if (each->slot() == link.slot() && each->usable())
      link.retire();
  }
  hooks_.ready(link.slot());
}

Link* Links::least_busy(Kind kind) {
  Link* best = nullptr;
  for (const auto& link : links_)
    if (link->kind() == kind && link->usable() &&
        (best == nullptr || link->waiting() < best->waiting()))
      best = link.get();
  return best;
}

void Links::ask(Kind kind, Request request, Done done) {
  Link* link = least_busy(kind);
  std::optional<Error> error;
  if (link == nullptr)
    error = Error(Fault::hsm_unavailable, "the HSM does not answer", "no worker is logged in to it",
                  "nothing was done; try again soon");
  else if (waiting(kind) >= most_waiting_)
    error = Error(Fault::busy, "too much is waiting already", "", "nothing was done; try again");
  if (error) {
    asio::post(context_, [done = std::move(done), answer = failure(0, *error)] { done(answer); });
    return;
  }
  request.id = ++last_id_;
  link->ask(std::move(request), std::move(done));
}

std::size_t Links::ready(Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(),
                    [&](const auto& link) { return link->kind() == kind && link->usable(); }));
}

std::size_t Links::waiting(Kind kind) const {
  std::size_t sum = 0;
  for (const auto& link : links_)
    if (link->kind() == kind) sum += link->waiting();
  return sum;
}

bool Links::let_go() {
  const auto links = links_;  // what is written may fail at once
  const auto asks = [](const auto& link) { return link->kind() != Kind::pki; };
  const bool alone = std::none_of(links.begin(), links.end(), asks);
  for (const auto& link : links)
    if (alone || asks(link)) link->retire();
  return links_.empty();
}

void Links::look_at_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  const auto links = links_;  // what a handler does may change them
  for (const auto& link : links) {
    if (link->look_at_deadlines(now)) hooks_.hung(link->pid());
  }
  timer_.expires_after(kBetweenLooks);
  timer_.async_wait([this](ErrorCode error) {
    if (!error) look_at_deadlines();
  });
}

void Links::forget(const Link& link) {
  std::erase_if(links_, [&](const auto& each) { return each.get() == &link; });
}

}  // namespace tsp::serve
