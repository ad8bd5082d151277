// When the stories of these tests are signed, and when they are judged unless a test says
// otherwise.
#pragma once

#include <string_view>

inline constexpr std::string_view kSigned = "2025-03-01T10:00:00Z", kLater = "2025-03-02T00:00:00Z";
