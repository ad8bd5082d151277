#include "hsm/fault.h"

#include "support/catch.h"

using namespace tsp;
using namespace tsp::hsm;

TEST_CASE("an HSM's refusal names function, code and what to do") {
  const Error error = error_of(CKR_DEVICE_REMOVED, "C_Sign", "cannot sign in token signers");
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK(error.message ==
        "cannot sign in token signers: the HSM is gone (C_Sign answered CKR_DEVICE_REMOVED)");
  CHECK_THAT(error.next, ContainsSubstring("nothing was signed"));
}

TEST_CASE("an HSM that goes is unavailable, however it says so") {
  const auto code = GENERATE(as<CK_RV>{}, CKR_DEVICE_REMOVED, CKR_DEVICE_ERROR,
                             CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,
                             CKR_USER_NOT_LOGGED_IN, CKR_CRYPTOKI_NOT_INITIALIZED);
  const Error error = error_of(code, "C_Sign", "cannot sign");
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.next, ContainsSubstring("connect the HSM"));
}

TEST_CASE("a code that nobody knows is named by its number") {
  CHECK(name_of(0x80000001UL) == "CKR_0x80000001");
  CHECK(error_of(0x80000001UL, "C_Sign", "cannot sign").fault == Fault::hsm_unavailable);
}

TEST_CASE("the check passes what went well and nothing else") {
  CHECK_NOTHROW(check(CKR_OK, "C_Sign", "cannot sign"));
  CHECK_THROWS_AS(check(CKR_CANCEL, "C_Sign", "cannot sign"), Error);
}
