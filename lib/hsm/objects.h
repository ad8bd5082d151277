// Objects of a token: templates, searches, attributes.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "hsm/state.h"

namespace tsp::hsm {

// What PKCS#11 takes as input but did not declare const; never null, since modules refuse a null
// pointer even for nothing. The module does not write there.
CK_BYTE* mutable_bytes(ByteView bytes);

// A list of attributes that owns its values.
class Template {
 public:
  Template() = default;
  Template(Template&&) = default;
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;
  ~Template() = default;

  Template& flag(CK_ATTRIBUTE_TYPE type, bool value);
  Template& flags(std::initializer_list<CK_ATTRIBUTE_TYPE> types, bool value);
  Template& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Template& bytes(CK_ATTRIBUTE_TYPE type, ByteView value);
  Template& mechanisms(std::initializer_list<CK_MECHANISM_TYPE> types);
  // CKA_UNWRAP_TEMPLATE; `inner` must outlive this.
  Template& unwrap_template(const Template& inner);

  CK_ATTRIBUTE* data() { return attributes_.data(); }
  CK_ULONG size() const { return attributes_.size(); }

 private:
  std::vector<Bytes> values_;  // moving a Bytes keeps its storage, so pValue stays good
  std::vector<CK_ATTRIBUTE> attributes_;
};

// Every object that fits, however many.
std::vector<CK_OBJECT_HANDLE> find_all(Live& live, Template& wanted);
std::vector<CK_OBJECT_HANDLE> find_all(Live& live, CK_OBJECT_CLASS kind, const std::string& label);
// Where there are several of a name: never pick one.
Error several_keys(const Live& live, const std::string& label);
// Nothing where there is none; Error{tampered} where there are several.
std::optional<CK_OBJECT_HANDLE> find_one(Live& live, CK_OBJECT_CLASS kind,
                                         const std::string& label);

// The values in the order asked for; nothing where the object has no such attribute or does not
// show it.
using Values = std::vector<std::optional<Bytes>>;
Values read_attributes(Live& live, CK_OBJECT_HANDLE object,
                       std::initializer_list<CK_ATTRIBUTE_TYPE> types);
// Attributes as numbers and truths; nothing where absent or of another size.
std::optional<CK_ULONG> number_of(const std::optional<Bytes>& value);
bool is_true(const std::optional<Bytes>& value);
bool is_false(const std::optional<Bytes>& value);

// True when the session still answers: what failed vaguely was then about the data.
bool alive(Live& live);

// Destroys a session object, whatever the module says: where it refuses, the session is closed, and
// all its objects are gone with it (PKCS#11 v2.40, C_CloseSession). Whoever uses the session next
// is told that it is gone, as where the HSM went away. Throws nothing.
void destroy_for_certain(Live& live, CK_OBJECT_HANDLE object) noexcept;

// A session object that leaving scope destroys. Lives under the session's lock.
class SessionObject {
 public:
  SessionObject(Live& live, CK_OBJECT_HANDLE handle) : live_(live), handle_(handle) {}
  SessionObject(const SessionObject&) = delete;
  SessionObject& operator=(const SessionObject&) = delete;
  ~SessionObject();
  CK_OBJECT_HANDLE get() const { return handle_; }
  // The object lives on.
  CK_OBJECT_HANDLE release();

 private:
  Live& live_;
  CK_OBJECT_HANDLE handle_;
};

}  // namespace tsp::hsm
