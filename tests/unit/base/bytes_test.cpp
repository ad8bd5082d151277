#include "base/bytes.h"

#include "support/catch.h"

using namespace tsp;

namespace {

Bytes octets(std::string_view text) {
  return to_bytes(as_bytes(text));
}

}  // namespace

TEST_CASE("base64 and base32 agree with RFC 4648 section 10") {
  struct Vector {
    std::string_view plain, base64, base32;
  };
  const Vector vectors[] = {{"", "", ""},
                            {"f", "Zg==", "MY"},
                            {"fo", "Zm8=", "MZXQ"},
                            {"foo", "Zm9v", "MZXW6"},
                            {"foob", "Zm9vYg==", "MZXW6YQ"},
                            {"fooba", "Zm9vYmE=", "MZXW6YTB"},
                            {"foobar", "Zm9vYmFy", "MZXW6YTBOI"}};
  for (const Vector& vector : vectors) {
    CHECK(to_base64(as_bytes(vector.plain)) == vector.base64);
    CHECK(from_base64(vector.base64) == octets(vector.plain));
    CHECK(to_base32(as_bytes(vector.plain)) == vector.base32);
    CHECK(from_base32(vector.base32) == octets(vector.plain));
  }
}

TEST_CASE("every octet survives base64 and base32") {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  CHECK(from_base64(to_base64(all)) == all);
  CHECK(from_base32(to_base32(all)) == all);
  CHECK(from_hex(to_hex(all)) == all);
}

TEST_CASE("base64 that nobody writes is refused") {
  for (std::string_view bad : {"Zg", "Zg=", "Z===", "Zm9v\n", "Zm 9v", "Zh==", "=Zg=", "Zm9*"})
    CHECK_FALSE(from_base64(bad));
}

TEST_CASE("hex is two digits an octet and nothing else") {
  CHECK(to_hex(as_bytes("\x01\xff")) == "01ff");
  CHECK(from_hex("01FF") == Bytes{1, 255});
  for (std::string_view bad : {"0", "0x", "zz", "01 2", "-1"}) CHECK_FALSE(from_hex(bad));
}

TEST_CASE("a reader that ran past the end stays failed") {
  const Bytes three{1, 2, 3};
  ByteReader in(three);
  CHECK(in.u16() == 0x0102);
  CHECK_FALSE(in.u32());
  CHECK_FALSE(in.u8());
  CHECK_FALSE(in.done());
}

TEST_CASE("a field says how long it is and cannot lie") {
  Bytes written;
  append_field(written, as_bytes("abc"));
  ByteReader in(written);
  CHECK(as_text(*in.field()) == "abc");
  CHECK(in.done());
  written[3] = 200;
  ByteReader lied(written);
  CHECK_FALSE(lied.field());
}

TEST_CASE("comparison in constant time sees every difference") {
  const Bytes one(32, 7);
  for (std::size_t i = 0; i < one.size(); ++i) {
    Bytes other = one;
    other[i] ^= 1;
    CHECK_FALSE(equal_in_constant_time(one, other));
  }
  CHECK(equal_in_constant_time(one, Bytes(32, 7)));
  CHECK_FALSE(equal_in_constant_time(one, Bytes(31, 7)));
}
