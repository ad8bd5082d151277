#include "serve/sessions.h"

namespace tsp::serve {

bool Sessions::make_room() {
  std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
  std::shared_ptr<Connection> longest;
  const auto is_better = [&](const Connection& one) {
    if (!one.is_idle() && !one.is_reading()) return false;
    if (!longest || one.is_idle() != longest->is_idle()) return !longest || one.is_idle();
    return one.idle_since() < longest->idle_since();
  };
  for (const auto& each : sessions_)
    if (auto session = each.lock(); session && is_better(*session)) longest = std::move(session);
  if (longest) longest->close_soon();
  return longest != nullptr;
}

void Sessions::opened(const std::shared_ptr<Connection>& session) {
  ++count_;
  if (sessions_.size() >= 2 * limit_)
    std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
  sessions_.push_back(session);
}

void Sessions::close_soon() {
  for (const auto& each : sessions_)
    if (const auto session = each.lock()) session->close_soon();
}

}  // namespace tsp::serve
