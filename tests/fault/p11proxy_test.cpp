// The PKCS#11 proxy forwards, counts and makes the trouble it is asked for, in front of SoftHSM.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"

namespace fs = std::filesystem;

namespace {

std::string softhsm_module() {
  for (const char* path :
       {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
    if (fs::exists(path)) return path;
  FAIL("libsofthsm2.so is not installed");
  return {};
}

// A folder with an empty SoftHSM and the settings of the proxy, gone with its scope.
class Proxy {
 public:
  Proxy() {
    char name[] = "/tmp/tsp-p11proxy-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder_ = name;
    fs::create_directory(folder_ / "tokens");
    std::ofstream(folder_ / "softhsm2.conf")
        << "directories.tokendir = " << (folder_ / "tokens").string() << "\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    ::setenv("TSP_P11_REAL", softhsm_module().c_str(), 1);
    ::setenv("TSP_P11_COUNT_FILE", (folder_ / "count").c_str(), 1);
    for (const char* setting :
         {"TSP_P11_AT", "TSP_P11_FUNCTION", "TSP_P11_KIND", "TSP_P11_CKR", "TSP_P11_STAY"})
      ::unsetenv(setting);
  }
  ~Proxy() {
    if (list_ != nullptr) list_->C_Finalize(nullptr);
    fs::remove_all(folder_);
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }

  // Loads the proxy with the settings of this moment.
  CK_FUNCTION_LIST* load() {
    void* library = ::dlopen(TSP_P11_PROXY, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library != nullptr);
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    REQUIRE(get != nullptr);
    REQUIRE(get(&list_) == CKR_OK);
    return list_;
  }

  unsigned long total() const {
    unsigned long number = 0;
    std::ifstream(folder_ / "count") >> number;
    return number;
  }

 private:
  fs::path folder_;
  CK_FUNCTION_LIST* list_ = nullptr;
};

// A session on a new token with an AES key whose CMAC stands for a signature: it is determinate,
// so that a flipped bit shows.
struct Session {
  CK_FUNCTION_LIST* p11;
  CK_SESSION_HANDLE handle = 0;
  CK_OBJECT_HANDLE key = 0;

  explicit Session(CK_FUNCTION_LIST* list) : p11(list) {
    REQUIRE(p11->C_Initialize(nullptr) == CKR_OK);
    CK_SLOT_ID slot = 0;
    CK_ULONG slots = 1;
    REQUIRE(p11->C_GetSlotList(CK_TRUE, &slot, &slots) == CKR_OK);
    CK_UTF8CHAR pin[] = "12345678";
    std::string label(32, ' ');
    REQUIRE(p11->C_InitToken(slot, pin, 8, reinterpret_cast<CK_UTF8CHAR*>(label.data())) == CKR_OK);
    REQUIRE(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                               &handle) == CKR_OK);
    REQUIRE(p11->C_Login(handle, CKU_SO, pin, 8) == CKR_OK);
    REQUIRE(p11->C_InitPIN(handle, pin, 8) == CKR_OK);
    REQUIRE(p11->C_Logout(handle) == CKR_OK);
    REQUIRE(p11->C_Login(handle, CKU_USER, pin, 8) == CKR_OK);
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE value[16] = {1, 2, 3};
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &object_class, sizeof object_class},
                                 {CKA_KEY_TYPE, &type, sizeof type},
                                 {CKA_SIGN, &yes, sizeof yes},
                                 {CKA_VALUE, value, sizeof value}};
    REQUIRE(p11->C_CreateObject(handle, attributes, 4, &key) == CKR_OK);
  }

  CK_RV sign(std::vector<CK_BYTE>& signature) {
    CK_MECHANISM mechanism{CKM_AES_CMAC, nullptr, 0};
    const CK_RV begun = p11->C_SignInit(handle, &mechanism, key);
    if (begun != CKR_OK) return begun;
    CK_BYTE data[] = {'d', 'a', 't', 'a'};
    CK_ULONG size = 0;
    const CK_RV sized = p11->C_Sign(handle, data, sizeof data, nullptr, &size);
    if (sized != CKR_OK) return sized;
    signature.resize(size);
    return p11->C_Sign(handle, data, sizeof data, signature.data(), &size);
  }
};

std::vector<CK_BYTE> plain_signature() {
  Proxy proxy;
  Session session(proxy.load());
  std::vector<CK_BYTE> signature;
  REQUIRE(session.sign(signature) == CKR_OK);
  return signature;
}

// Signs in a child and gives its wait status; -1 where it still lives after `patience`.
int status_of_signing_child(Proxy& proxy, std::chrono::milliseconds patience) {
  const pid_t child = ::fork();
  if (child == 0) {
    Session session(proxy.load());
    std::vector<CK_BYTE> signature;
    ::_exit(session.sign(signature) == CKR_OK ? 0 : 1);
  }
  int status = -1;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return status;
}

}  // namespace

TEST_CASE("the proxy forwards and counts, but not questions for a size") {
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_Sign");
  Session session(proxy.load());
  std::vector<CK_BYTE> signature;
  REQUIRE(session.sign(signature) == CKR_OK);
  REQUIRE(session.sign(signature) == CKR_OK);
  CHECK(signature.size() == 16);
  CHECK(proxy.total() == 2);
}

TEST_CASE("without a name every interesting function counts") {
  Proxy proxy;
  Session session(proxy.load());
  CHECK(proxy.total() == 9);
}

TEST_CASE("the proxy answers the chosen CKR at the chosen call and only there") {
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_SignInit");
  Proxy::set("TSP_P11_AT", "2");
  Proxy::set("TSP_P11_CKR", "0x30");
  Session session(proxy.load());
  std::vector<CK_BYTE> signature;
  CHECK(session.sign(signature) == CKR_OK);
  CHECK(session.sign(signature) == CKR_DEVICE_ERROR);
  CHECK(session.sign(signature) == CKR_OK);
}

TEST_CASE("a removed device can stay removed") {
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_SignInit");
  Proxy::set("TSP_P11_AT", "1");
  Proxy::set("TSP_P11_STAY", "1");
  Session session(proxy.load());
  std::vector<CK_BYTE> signature;
  CHECK(session.sign(signature) == CKR_DEVICE_REMOVED);
  CHECK(session.sign(signature) == CKR_DEVICE_REMOVED);
}

TEST_CASE("the proxy flips one bit of a signature") {
  const std::vector<CK_BYTE> right = plain_signature();
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_Sign");
  Proxy::set("TSP_P11_AT", "1");
  Proxy::set("TSP_P11_KIND", "flip");
  Session session(proxy.load());
  std::vector<CK_BYTE> signature;
  REQUIRE(session.sign(signature) == CKR_OK);
  CHECK(signature != right);
  signature[8] ^= 1;
  CHECK(signature == right);
}

TEST_CASE("the proxy kills the process at the chosen call") {
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_Sign");
  Proxy::set("TSP_P11_AT", "1");
  Proxy::set("TSP_P11_KIND", "kill");
  const int status = status_of_signing_child(proxy, std::chrono::seconds(20));
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("the proxy hangs at the chosen call") {
  Proxy proxy;
  Proxy::set("TSP_P11_FUNCTION", "C_Sign");
  Proxy::set("TSP_P11_AT", "1");
  Proxy::set("TSP_P11_KIND", "hang");
  CHECK(status_of_signing_child(proxy, std::chrono::seconds(2)) == -1);
  CHECK(proxy.total() == 1);
}
