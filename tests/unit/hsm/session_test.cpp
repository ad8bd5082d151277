#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "crypto/digest.h"
#include "expect.h"

using namespace tsp;
using namespace tsp::hsm;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Scheme;
using test::SoftHsm;

namespace {

const Bytes kDigest = crypto::sha256(as_bytes("a document"));

int call_count = 0;

// Runs `work` in a child; true when it came to its end without an exception.
class Child {
 public:
  explicit Child(const std::function<void()>& work) : pid_(::fork()) {
    if (pid_ != 0) return;
    int status = 1;
    try {
      work();
      status = 0;
    } catch (const std::exception& error) {
      (void)!::write(2, error.what(), std::string_view(error.what()).size());
    }
    ::_exit(status);
  }
  bool succeeded() {
    int status = 0;
    return ::waitpid(pid_, &status, 0) == pid_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t pid_;
};

}  // namespace

TEST_CASE("a wrong PIN is refused after one try") {
  SoftHsm hsm;
  hsm.session();
  Impostor impostor(*hsm.module());
  call_count = 0;
  impostor.functions.C_Login = [](CK_SESSION_HANDLE, CK_USER_TYPE, CK_UTF8CHAR*,
                                  CK_ULONG) -> CK_RV {
    ++call_count;
    return CKR_PIN_INCORRECT;
  };
  const Error error = error_in([&] {
    Session::login(hsm.module(), "signers", Secret::copy_of(as_bytes("wrong")), hsm.lock_path());
  });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.message, ContainsSubstring("PIN"));
  CHECK_THAT(error.message, !ContainsSubstring("wrong"));
  CHECK_THAT(error.next, ContainsSubstring("once"));
  CHECK(call_count == 1);
}

TEST_CASE("SoftHSM refuses a wrong PIN and takes the right one afterwards") {
  SoftHsm hsm;
  hsm.session();
  const auto wrong = GENERATE(as<std::string>{}, "", "9f2c-user-pin-of-testz", "1234");
  CHECK(error_in([&] {
          Session::login(hsm.module(), "signers", Secret::copy_of(as_bytes(wrong)),
                         hsm.lock_path());
        }).fault == Fault::hsm_unavailable);
  CHECK_NOTHROW(hsm.session());
}

TEST_CASE("a second session does not get in with a wrong PIN") {
  SoftHsm hsm;
  const auto first = hsm.session();
  CHECK(error_in([&] {
          Session::login(hsm.module(), "signers", Secret::copy_of(as_bytes("guess")),
                         hsm.lock_path());
        }).fault == Fault::hsm_unavailable);
  CHECK_NOTHROW(first->generate_mac_key("pepper"));
}

TEST_CASE("a token that is not there is looked for and not made") {
  SoftHsm hsm;
  hsm.session();
  const auto begin = std::chrono::steady_clock::now();
  const Error error =
      error_in([&] { Session::login(hsm.module(), "signer", SoftHsm::pin(), hsm.lock_path()); });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.message, ContainsSubstring("signer"));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(900));
  CHECK(hsm.module()->tokens().size() == 1);
}

TEST_CASE("a token that another process makes meanwhile is found") {
  SoftHsm hsm;
  hsm.module();
  Child other([&] {
    hsm.unload();
    ::usleep(200'000);
    const auto module = Module::load(SoftHsm::module_path());
    module->initialise_token("signers", SoftHsm::so_pin(), SoftHsm::pin());
  });
  CHECK_NOTHROW(Session::login(hsm.module(), "signers", SoftHsm::pin(), hsm.lock_path()));
  CHECK(other.succeeded());
}

TEST_CASE("two sessions with one token see the same keys") {
  SoftHsm hsm;
  const auto one = hsm.session();
  auto two = hsm.session();
  one->generate_mac_key("pepper");
  CHECK(two->mac("pepper", kDigest) == one->mac("pepper", kDigest));
  two.reset();
  CHECK_NOTHROW(one->mac("pepper", kDigest));
}

TEST_CASE("two tokens in one process are apart") {
  SoftHsm hsm;
  const auto pki = hsm.session("pki");
  const auto signers = hsm.session("signers");
  pki->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  CHECK(pki->has_key("issuing"));
  CHECK_FALSE(signers->has_key("issuing"));
  CHECK(signers->token().label == "signers");
}

TEST_CASE("a signer outlives the session and module values it came from") {
  SoftHsm hsm;
  const auto signer = hsm.session()->generate_one_time(KeyAlgorithm::ecdsa_p256);
  hsm.unload();
  const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kDigest);
  CHECK(signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha256, kDigest, value));
}

TEST_CASE("an HSM that goes in the middle is said to be gone") {
  SoftHsm hsm;
  const auto session = hsm.session();
  const auto signer = session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  Module::State& state = *hsm.module()->state();
  state.api->C_CloseAllSessions(slot_of(*hsm.module(), "signers"));
  const Error error =
      error_in([&] { signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kDigest); });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.message, ContainsSubstring("C_SignInit"));
  CHECK_THAT(error.message, ContainsSubstring("CKR_SESSION_HANDLE_INVALID"));
  CHECK_THAT(error.next, ContainsSubstring("nothing was signed"));
  CHECK(error_in([&] { session->generate_mac_key("pepper"); }).fault == Fault::hsm_unavailable);
}

TEST_CASE("threads share a session safely") {
  SoftHsm hsm;
  const auto session = hsm.session();
  session->generate_wrapping_key("master-1");
  session->generate_mac_key("pepper");
  const WrappedKey key = session->generate_wrapped(KeyAlgorithm::ecdsa_p256, "master-1");
  const Bytes expected = session->mac("pepper", kDigest);
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        const auto signer = session->unwrap(key);
        const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kDigest);
        good += signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha256, kDigest, value) &&
                session->mac("pepper", kDigest) == expected;
      }
    });
  threads.clear();
  CHECK(good == 100);
}

TEST_CASE("who looked around needs no search for a key, and finds one that was made since") {
  SoftHsm hsm;
  const auto session = hsm.session();
  session->generate_mac_key("pepper");
  Impostor impostor(*hsm.module());
  call_count = 0;
  static CK_C_FindObjectsInit search = nullptr;
  search = impostor.functions.C_FindObjectsInit;
  impostor.functions.C_FindObjectsInit = [](CK_SESSION_HANDLE handle, CK_ATTRIBUTE* wanted,
                                            CK_ULONG count) -> CK_RV {
    ++call_count;
    return search(handle, wanted, count);
  };
  const auto fresh = hsm.session();
  fresh->look_around();
  fresh->look_around();
  CHECK(call_count == 1);
  const Bytes expected = fresh->mac("pepper", kDigest);
  CHECK(call_count == 1);
  CHECK(session->mac("pepper", kDigest) == expected);
  session->generate_mac_key("later");
  CHECK(fresh->mac("later", kDigest) == session->mac("later", kDigest));
}

TEST_CASE("processes that log in at once, twenty times each, keep the token") {
  SoftHsm hsm;
  hsm.session()->generate_mac_key("pepper");
  const Bytes expected = hsm.session()->mac("pepper", kDigest);
  hsm.unload();
  const auto log_in_often = [&](const std::string& load_lock) {
    for (int i = 0; i < 20; ++i) {
      const auto module = Module::load(SoftHsm::module_path(), load_lock);
      const auto session = Session::login(module, "signers", SoftHsm::pin(), hsm.lock_path());
      if (session->mac("pepper", kDigest) != expected) throw std::runtime_error("wrong MAC");
    }
  };
  Child careful([&] { log_in_often(hsm.lock_path()); });
  Child careless([&] { log_in_often({}); });
  CHECK(careful.succeeded());
  CHECK(careless.succeeded());
  CHECK(hsm.session()->mac("pepper", kDigest) == expected);
  CHECK(hsm.module()->tokens().size() == 1);
}

TEST_CASE("a session works on while another process logs in again and again") {
  SoftHsm hsm;
  Bytes expected;
  {
    const auto session = hsm.session();
    session->generate_mac_key("pepper");
    session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
    expected = session->mac("pepper", kDigest);
  }
  hsm.unload();
  Child other([&] {
    for (int i = 0; i < 20; ++i) {
      const auto module = Module::load(SoftHsm::module_path(), hsm.lock_path());
      Session::login(module, "signers", SoftHsm::pin(), hsm.lock_path());
    }
  });
  const auto session = hsm.session();
  for (int i = 0; i < 100; ++i) {
    REQUIRE(session->mac("pepper", kDigest) == expected);
    const auto signer = session->open_signer("issuing");
    const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kDigest);
    REQUIRE(signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha256, kDigest, value));
    REQUIRE(hsm.module()->tokens().size() == 1);
  }
  CHECK(other.succeeded());
}

TEST_CASE("a forked child cannot use its parent's module, nor end it") {
  SoftHsm hsm;
  auto session = hsm.session();
  session->generate_mac_key("pepper");
  Child child([&] {
    if (error_in([&] {
          Session::login(hsm.module(), "signers", SoftHsm::pin(), hsm.lock_path());
        }).fault != Fault::failed)
      throw std::runtime_error("logged in");
    session.reset();
    hsm.unload();
  });
  CHECK(child.succeeded());
  CHECK_NOTHROW(session->mac("pepper", kDigest));
}
