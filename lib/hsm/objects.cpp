#include "hsm/objects.h"

#include <array>
#include <cstring>

#include "hsm/fault.h"

namespace tsp::hsm {
namespace {

constexpr std::size_t kBatch = 64;            // handles asked for at once
constexpr std::size_t kAttributeRoom = 2048;  // octets: the modulus of RSA-16384

// Ends a search however it went.
class Search {
 public:
  Search(Live& live, Template& wanted) : live_(live) {
    check(live.api->C_FindObjectsInit(live.session, wanted.data(), wanted.size()),
          "C_FindObjectsInit", "cannot search token " + live.token);
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  ~Search() { live_.api->C_FindObjectsFinal(live_.session); }

  // False at the end.
  bool next(std::vector<CK_OBJECT_HANDLE>& found) {
    std::array<CK_OBJECT_HANDLE, kBatch> batch;
    CK_ULONG count = 0;
    check(live_.api->C_FindObjects(live_.session, batch.data(), batch.size(), &count),
          "C_FindObjects", "cannot search token " + live_.token);
    found.insert(found.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
    return count > 0;
  }

 private:
  Live& live_;
};

}  // namespace

CK_BYTE* mutable_bytes(ByteView bytes) {
  static constexpr CK_BYTE kNothing = 0;
  return const_cast<CK_BYTE*>(bytes.empty() ? &kNothing : bytes.data());
}

Template& Template::bytes(CK_ATTRIBUTE_TYPE type, ByteView value) {
  values_.push_back(to_bytes(value));
  attributes_.push_back({type, mutable_bytes(values_.back()), value.size()});
  return *this;
}

Template& Template::flag(CK_ATTRIBUTE_TYPE type, bool value) {
  const CK_BBOOL octet = value ? CK_TRUE : CK_FALSE;
  return bytes(type, {&octet, 1});
}

Template& Template::flags(std::initializer_list<CK_ATTRIBUTE_TYPE> types, bool value) {
  for (const CK_ATTRIBUTE_TYPE type : types) flag(type, value);
  return *this;
}

Template& Template::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  return bytes(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
}

Template& Template::mechanisms(std::initializer_list<CK_MECHANISM_TYPE> types) {
  return bytes(CKA_ALLOWED_MECHANISMS, {reinterpret_cast<const std::uint8_t*>(types.begin()),
                                        types.size() * sizeof(CK_MECHANISM_TYPE)});
}

Template& Template::unwrap_template(const Template& inner) {
  return bytes(CKA_UNWRAP_TEMPLATE,
               {reinterpret_cast<const std::uint8_t*>(inner.attributes_.data()),
                inner.attributes_.size() * sizeof(CK_ATTRIBUTE)});
}

std::vector<CK_OBJECT_HANDLE> find_all(Live& live, Template& wanted) {
  std::vector<CK_OBJECT_HANDLE> found;
  Search search(live, wanted);
  while (search.next(found)) {
  }
  return found;
}

std::vector<CK_OBJECT_HANDLE> find_all(Live& live, CK_OBJECT_CLASS kind, const std::string& label) {
  Template wanted;
  wanted.number(CKA_CLASS, kind).flag(CKA_TOKEN, true).bytes(CKA_LABEL, as_bytes(label));
  return find_all(live, wanted);
}

std::optional<CK_OBJECT_HANDLE> find_one(Live& live, CK_OBJECT_CLASS kind,
                                         const std::string& label) {
  const std::vector<CK_OBJECT_HANDLE> found = find_all(live, kind, label);
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) throw several_keys(live, label);
  return found.front();
}

Error several_keys(const Live& live, const std::string& label) {
  return {Fault::tampered, "cannot use key " + label + " of token " + live.token,
          "there are several of that name", "nothing was signed; find out who made the other one"};
}

Values read_attributes(Live& live, CK_OBJECT_HANDLE object,
                       std::initializer_list<CK_ATTRIBUTE_TYPE> types) {
  Bytes room(types.size() * kAttributeRoom);
  std::vector<CK_ATTRIBUTE> attributes;
  for (const CK_ATTRIBUTE_TYPE type : types)
    attributes.push_back({type, room.data() + attributes.size() * kAttributeRoom, kAttributeRoom});
  const CK_RV answer =
      live.api->C_GetAttributeValue(live.session, object, attributes.data(), attributes.size());
  if (answer != CKR_ATTRIBUTE_TYPE_INVALID && answer != CKR_ATTRIBUTE_SENSITIVE)
    check(answer, "C_GetAttributeValue", "cannot read a key of token " + live.token);
  Values values;
  for (const CK_ATTRIBUTE& attribute : attributes) {
    const auto* data = static_cast<const std::uint8_t*>(attribute.pValue);
    if (attribute.ulValueLen > kAttributeRoom)  // CK_UNAVAILABLE_INFORMATION
      values.emplace_back(std::nullopt);
    else
      values.emplace_back(Bytes(data, data + attribute.ulValueLen));
  }
  return values;
}

std::optional<CK_ULONG> number_of(const std::optional<Bytes>& value) {
  CK_ULONG number = 0;
  if (!value || value->size() != sizeof number) return std::nullopt;
  std::memcpy(&number, value->data(), sizeof number);
  return number;
}

bool is_true(const std::optional<Bytes>& value) {
  return value && value->size() == 1 && value->front() == CK_TRUE;
}

bool is_false(const std::optional<Bytes>& value) {
  return value && value->size() == 1 && value->front() == CK_FALSE;
}

bool alive(Live& live) {
  CK_SESSION_INFO info{};
  return live.api->C_GetSessionInfo(live.session, &info) == CKR_OK &&
         info.state == CKS_RW_USER_FUNCTIONS;
}

void destroy_for_certain(Live& live, CK_OBJECT_HANDLE object) noexcept {
  const CK_RV answer = live.api->C_DestroyObject(live.session, object);
  if (answer == CKR_OK || answer == CKR_OBJECT_HANDLE_INVALID) return;
  live.api->C_CloseSession(live.session);
  live.session = 0;  // CK_INVALID_HANDLE
}

SessionObject::~SessionObject() {
  if (handle_ != kNoObject) destroy_for_certain(live_, handle_);
}

CK_OBJECT_HANDLE SessionObject::release() {
  return std::exchange(handle_, kNoObject);
}

}  // namespace tsp::hsm
