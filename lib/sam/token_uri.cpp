#include "sam/token_uri.h"

namespace tsp::sam {
namespace {

// RFC 3986 section 2.1.
void append_percent(Bytes& to, std::string_view text) {
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      to.push_back(octet);
    } else {
      const char escaped[] = {'%', kHex[octet >> 4], kHex[octet & 15]};
      append(to, as_bytes({escaped, sizeof escaped}));
    }
  }
}

}  // namespace

Secret token_uri(std::string_view scheme, std::string_view issuer, std::string_view account,
                 const Secret& seed, std::string_view more) {
  std::string base32 = to_base32(seed.view());
  Bytes uri;
  // Enough, so that no copy is left behind.
  uri.reserve(64 + scheme.size() + base32.size() + 6 * issuer.size() + 3 * account.size() +
              more.size());
  append(uri, as_bytes(scheme));
  append_percent(uri, issuer);
  uri.push_back(':');
  append_percent(uri, account);
  append(uri, as_bytes("?secret="));
  append(uri, as_bytes(base32));
  append(uri, as_bytes("&issuer="));
  append_percent(uri, issuer);
  append(uri, as_bytes("&"));
  append(uri, as_bytes(more));
  wipe({reinterpret_cast<std::uint8_t*>(base32.data()), base32.size()});
  return Secret(std::move(uri));
}

}  // namespace tsp::sam
