#include "receipt.h"

#include "base/error.h"

namespace tsp::app {
namespace {

template <class Value>
Value member(const Json& receipt, const char* name) {
  try {
    return receipt.at(name).get<Value>();
  } catch (const Json::exception&) {
    throw Error(Fault::failed, std::string("the answer has no usable \"") + name + "\"", "",
                "program and server may be of different versions");
  }
}

}  // namespace

std::string text(const Json& receipt, const char* name) {
  const auto found = receipt.find(name);
  return found != receipt.end() && found->is_null() ? "" : member<std::string>(receipt, name);
}

std::int64_t integer(const Json& receipt, const char* name) {
  return member<std::int64_t>(receipt, name);
}

bool flag(const Json& receipt, const char* name) {
  return member<bool>(receipt, name);
}

}  // namespace tsp::app
