// The example of docs/formats/activation-request.md and device.md. Made with python-cryptography
// and argon2-cffi, not with the code under test; the signing key is that of RFC 6979 appendix
// A.2.5.
#pragma once

#include "sam/device.h"

namespace tsp::sam::example {

inline constexpr std::string_view kProvider = "Example Trust TEST";

inline Bytes octets(std::string_view hex) {
  return *from_hex(hex);
}
// first, first + 1, …: 32 octets.
inline Secret counting(std::uint8_t first) {
  Bytes out;
  while (out.size() < 32) out.push_back(first++);
  return Secret(std::move(out));
}

inline ActivationRequest request() {
  ActivationRequest out;
  out.id = octets("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  out.ask = Ask::sign;
  out.provider = kProvider;
  out.signer = "alice";
  out.credential = "k1";
  out.certificate_serial = "1001";
  out.manifest_sha256 = octets("92b42191483d949b0de5c1098deba117df33279ef84cef6d8aec7c696d338d7e");
  out.count = 1;
  out.created_at = from_unix(1767225600);
  out.expires_at = from_unix(1767225900);
  out.answer_point = crypto::ExchangeKey::from_private(counting(0x60)).point();
  return out;
}

// The activation request.
inline constexpr std::string_view kRequest =
    "7473702061637469766174696f6e207265717565737420310af0f1f2f3f4f5f6f7f8f9fafbfcfdfe"
    "ff01000000124578616d706c65205472757374205445535400000005616c696365000000026b3100"
    "0000043130303192b42191483d949b0de5c1098deba117df33279ef84cef6d8aec7c696d338d7e00"
    "0000010000019b76daa8000000019b76df3be004bf97d0ee1866aac6f80826ebadc42f3d81e1b6b8"
    "f298f5d3ebe7542b7cb483a7de8f14ddde9aa2e765b2e60ece60cfa1b095683a8f6f62af8bacee7f"
    "4dfa18ea";
// The manifest of docs/formats/manifest.md.
inline constexpr std::string_view kManifest =
    "747370206d616e696665737420310a000000067368613235360000000100000005612e7064660000"
    "00030000002011111111111111111111111111111111111111111111111111111111111111110000"
    "00202222222222222222222222222222222222222222222222222222222222222222000000023100";
// The share 00 01 … 1f, sealed to the device.
inline constexpr std::string_view kSealedShare =
    "0413503389436c38c8cb1a381569d72dcb01bb3b99d105d81ffbdb0e2a15f71a0db15fc2d6ce1cae"
    "3f34e5bf216bab21a0482a674f313723b4dba076fc8e01c992c0c1c2c3c4c5c6c7c8c9cacb993b94"
    "12b5cd5460792fbfc62b6faf277e6b127ea0e02718d9e5ca6e9a666e6bce1454c4e43877bf6965e2"
    "0e28dcdfe9";
// The device's card.
inline constexpr std::string_view kCard =
    "74737020646576696365206361726420310a0000000570686f6e650000000a65636473612d703235"
    "360000005b3059301306072a8648ce3d020106082a8648ce3d0301070342000460fed4ba255a9d31"
    "c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64"
    "f2f1b20c2d7e9f5177a3c294d44622990468ec7cf08cd4106e43b14de895426522bd0a45150c027e"
    "45c7953434d747e7bae3af39a88ebbee8679bb61e7845c3a89cb9b5a3237c3fdb0b0587dbaf41511"
    "8d";
// Its introduction for alice.
inline constexpr std::string_view kIntroduction =
    "7473702064657669636520696e74726f64756374696f6e20310a000000c974737020646576696365"
    "206361726420310a0000000570686f6e650000000a65636473612d703235360000005b3059301306"
    "072a8648ce3d020106082a8648ce3d0301070342000460fed4ba255a9d31c961eb74c6356d68c049"
    "b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3"
    "c294d44622990468ec7cf08cd4106e43b14de895426522bd0a45150c027e45c7953434d747e7bae3"
    "af39a88ebbee8679bb61e7845c3a89cb9b5a3237c3fdb0b0587dbaf415118d000000473045022100"
    "da78441867b4aa7cfc07276011434174ce1e3cdc615542c29b1cff224657237802203b4ffc988125"
    "557bbc173ca5266dce391ae8ba0cbc56d9751ea9586093c94a3d";
// Its answer: yes.
inline constexpr std::string_view kAnswer =
    "7473702064657669636520616e7377657220310af0f1f2f3f4f5f6f7f8f9fafbfcfdfeff01000000"
    "7d040d0918a04198474605615b6df90fdcb34791fb3ecb822f4b26eb6e4fc4511b9d19b90c1b83c0"
    "c35cfbbb31ead32bb52ae33622f57e3cc1638097ce97f430babac0c1c2c3c4c5c6c7c8c9cacbc8f2"
    "adf42adf3371898353dbcdf0a343c7eaca2447b4f6357c2c0c7322ca8fa938d8b4a77c323ac62dab"
    "1697304f04e1000000473045022100adeb3a63f6d4375b4e43c5ae97bcb6a2cceefbf2587fe411f8"
    "469c3a4f8a035602203d5c9a308d5096b036888ec1f35a817fd71aaa19e2c01b2503cb27be9b0026"
    "0b";
// Its key file, passphrase "correct horse".
inline constexpr std::string_view kKeyFile =
    "74737020646576696365206b657920310a01000100000000000300000001a0a1a2a3a4a5a6a7a8a9"
    "aaabacadaeafc0c1c2c3c4c5c6c7c8c9cacb7aac3417ebd0fd7ca30f20ef61aabc60d6c6c0e8e094"
    "8b8037d3ff0bad0085f10497335696b00a88ee06ba211c91c8b7306a8847beb50fee152aef58e89f"
    "e4b2afd8e475359cacba735149c4970152fecd07939aa0ffd394c7de59c3bd0638621d54bb9b6af6"
    "076e03cc502fb70fa4d761328c34ab1a4fcd40";

inline DeviceQuestion question() {
  return {request(), octets(kManifest), octets(kSealedShare)};
}

}  // namespace tsp::sam::example
