// Members of JSON from elsewhere, which is taken for hostile. Error{usage} names the member.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "base/json.h"

namespace tsp::ops {

const Json* find_member(const Json& json, const char* member);  // nullptr: absent or null
const Json& member_at(const Json& json, const char* member);
std::string text_at(const Json& json, const char* member);
Bytes octets_at(const Json& json, const char* member);  // base64
std::int64_t integer_at(const Json& json, const char* member);
// Each entry of a list of base64, in its order.
void each_octets(const Json& json, const char* member,
                 const std::function<void(const Bytes&)>& take);

}  // namespace tsp::ops
