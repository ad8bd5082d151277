#include "validation/constraint.h"

namespace tsp::validation {

Conclusion settled(const Policy& policy, Rule rule, Conclusion conclusion,
                   std::vector<Finding>& told) {
  const Level level = policy.level(rule);
  if (conclusion.passed() || level == Level::fail) return conclusion;
  if (level != Level::ignore)
    told.push_back({level == Level::warn ? Severity::warning : Severity::info, conclusion.finding,
                    conclusion.reason});
  return passed();
}

}  // namespace tsp::validation
