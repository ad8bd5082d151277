#include "base/json.h"

#include <set>
#include <vector>

#include "base/error.h"

namespace tsp {
namespace {

// Refuses duplicate names and depth while the parser runs.
class Strict {
 public:
  Strict(const std::string& source, int depth_limit) : source_(source), depth_limit_(depth_limit) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        names_.emplace_back();
        if (static_cast<int>(names_.size()) > depth_limit_) refuse("nested too deeply");
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        names_.pop_back();
        break;
      case Json::parse_event_t::key:
        if (!names_.back().insert(parsed.get<std::string>()).second)
          refuse("the name \"" + parsed.get<std::string>() + "\" stands twice");
        break;
      default:
        break;
    }
    return true;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Fault::bad_input, "cannot read the JSON of " + source_, why);
  }
  const std::string& source_;
  int depth_limit_;
  std::vector<std::set<std::string>> names_;
};

}  // namespace

Json parse_json(ByteView text, const std::string& source, const JsonLimits& limits) {
  if (text.size() > limits.size)
    throw Error(Fault::bad_input, "cannot read the JSON of " + source, "it is too large");
  try {
    return Json::parse(text.begin(), text.end(), Strict(source, limits.depth));
  } catch (const Json::exception& error) {
    throw Error(Fault::bad_input, "cannot read the JSON of " + source, error.what());
  }
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tsp
