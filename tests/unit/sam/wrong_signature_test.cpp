// An HSM that signs wrongly: found in software before anything is given out.
#include "activation_fixture.h"
#include "unit/hsm/expect.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

CK_RV (*real_sign)(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);

// Flips a bit of every ECDSA value; MACs (32 octets) are left alone.
CK_RV flip_a_bit(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR out,
                 CK_ULONG_PTR out_size) {
  const CK_RV result = real_sign(handle, data, size, out, out_size);
  if (result == CKR_OK && out != nullptr && *out_size == 64) out[63] ^= 1;
  return result;
}

}  // namespace

TEST_CASE_METHOD(Tsp, "a signature that does not verify is not given out, and is on record") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = authorize(manifest);
  const auto before = audit::size(*database);
  hsm::Impostor impostor(*hsm.module());
  real_sign = impostor.functions.C_Sign;
  impostor.functions.C_Sign = flip_a_bit;
  // A session takes its module's functions over when it is opened.
  const auto lying = hsm.session();
  const auto signature = SignatureActivationModule(*database, clock, lying, policy)
                             .sign(kStaff, approval, manifest)
                             .at(0);
  REQUIRE(signature.error);
  CHECK(signature.error->fault == Fault::hsm_unavailable);
  CHECK_THAT(signature.error->message, ContainsSubstring("does not verify"));
  CHECK(signature.value.empty());
  CHECK(log(before) == std::vector<std::string>{"sign intent", "sign failed"});
}
