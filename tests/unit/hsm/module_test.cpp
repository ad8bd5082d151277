#include <dlfcn.h>

#include <filesystem>

#include "expect.h"
#include "hsm/softhsm.h"

using namespace tsp;
using namespace tsp::hsm;
using test::SoftHsm;

TEST_CASE("what is no PKCS#11 module is refused by name") {
  const SoftHsm hsm;
  const std::string text_file = hsm.directory() + "/notes.so";
  write_file(text_file, as_bytes("no library at all"), Existing::refuse);
  for (const std::string& path :
       {std::string("/bin/true"), text_file, hsm.directory(), hsm.directory() + "/missing.so"}) {
    const Error error = error_in([&] { Module::load(path); });
    CHECK(error.fault == Fault::hsm_unavailable);
    CHECK_THAT(error.message, ContainsSubstring(path));
    CHECK_FALSE(error.why.empty());
    CHECK_THAT(error.next, ContainsSubstring("libsofthsm2.so"));
  }
}

TEST_CASE("a library that is no PKCS#11 module is refused") {
  Dl_info info{};
  REQUIRE(::dladdr(reinterpret_cast<void*>(&::getenv), &info) != 0);
  const Error error = error_in([&] { Module::load(info.dli_fname); });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.why, ContainsSubstring("C_GetFunctionList"));
}

TEST_CASE("a new SoftHSM has no tokens and says what it is") {
  SoftHsm hsm;
  CHECK(hsm.module()->tokens().empty());
  CHECK(hsm.module()->is_softhsm());
  CHECK_FALSE(hsm.module()->find_token("signers"));
}

TEST_CASE("a token that was made is found, also by the next process") {
  SoftHsm hsm;
  hsm.module()->initialise_token("signers", SoftHsm::so_pin(), SoftHsm::pin());
  hsm.unload();
  const auto token = hsm.module()->find_token("signers");
  REQUIRE(token);
  CHECK(token->initialised);
  CHECK(token->label == "signers");
  CHECK(token->model == "SoftHSM v2");
}

TEST_CASE("several tokens live side by side") {
  SoftHsm hsm;
  for (const char* label : {"root", "pki", "signers", "audit"})
    hsm.module()->initialise_token(label, SoftHsm::so_pin(), SoftHsm::pin());
  CHECK(hsm.module()->tokens().size() == 4);
}

TEST_CASE("a token whose label is taken is not made again") {
  SoftHsm hsm;
  hsm.session()->generate_mac_key("pepper");
  const Error error = error_in(
      [&] { hsm.module()->initialise_token("signers", SoftHsm::so_pin(), SoftHsm::pin()); });
  CHECK(error.fault == Fault::already_exists);
  CHECK(hsm.session()->has_key("pepper"));
}

TEST_CASE("a token without a user PIN is not called initialised, nor made again") {
  SoftHsm hsm;
  {
    Impostor impostor(*hsm.module());
    impostor.functions.C_InitPIN = [](CK_SESSION_HANDLE, CK_UTF8CHAR*, CK_ULONG) -> CK_RV {
      return CKR_DEVICE_REMOVED;
    };
    CHECK_THROWS_AS(hsm.module()->initialise_token("signers", SoftHsm::so_pin(), SoftHsm::pin()),
                    Error);
  }
  REQUIRE(hsm.module()->find_token("signers"));
  CHECK_FALSE(hsm.module()->find_token("signers")->initialised);
  const Error error = error_in(
      [&] { hsm.module()->initialise_token("signers", SoftHsm::so_pin(), SoftHsm::pin()); });
  CHECK(error.fault == Fault::already_exists);
  CHECK_THAT(error.why, ContainsSubstring("interrupted"));
}

TEST_CASE("a label that PKCS#11 cannot hold is refused") {
  SoftHsm hsm;
  const auto label = GENERATE(std::string(), std::string(33, 'x'));
  CHECK(error_in([&] {
          hsm.module()->initialise_token(label, SoftHsm::so_pin(), SoftHsm::pin());
        }).fault == Fault::usage);
}

TEST_CASE("a PIN that the HSM calls too short makes no usable token") {
  SoftHsm hsm;
  CHECK(error_in([&] {
          hsm.module()->initialise_token("signers", SoftHsm::so_pin(), Secret::copy_of({}));
        }).fault == Fault::hsm_unavailable);
}

TEST_CASE("the configuration of SoftHSM names the directory") {
  CHECK(softhsm_config("/var/lib/tsp/tokens") ==
        "directories.tokendir = /var/lib/tsp/tokens\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = false\n");
}

TEST_CASE("a directory that SoftHSM would read as another one is refused") {
  const auto path = GENERATE(as<std::string>{}, "", "tokens", "/a#b", "/a=b", "/a\nb", "/a ");
  CHECK(error_in([&] { softhsm_config(path); }).fault == Fault::usage);
  CHECK(error_in([&] { softhsm_config("/" + std::string(1000, 'x')); }).fault == Fault::usage);
}

TEST_CASE("a directory with blanks and letters of all languages works") {
  SoftHsm hsm;
  const std::string odd = hsm.directory() + "/Ключи und Schlüssel";
  make_directory(odd, 0700);
  write_file(hsm.directory() + "/softhsm2.conf", as_bytes(softhsm_config(odd)), Existing::replace);
  hsm.session();
  CHECK_FALSE(std::filesystem::is_empty(odd));
}
