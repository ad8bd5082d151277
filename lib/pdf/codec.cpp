#include "pdf/codec.h"

#include <bit>
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "base/text.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kTextLimit = 65536, kListLimit = 1000000;

class Packer {
 public:
  void operator()(bool value) { out.push_back(value ? 1 : 0); }
  void operator()(int value) { append_u32(out, static_cast<std::uint32_t>(value)); }
  void operator()(std::uint64_t value) { append_u64(out, value); }
  void operator()(std::int64_t value) { append_u64(out, static_cast<std::uint64_t>(value)); }
  void operator()(double value) { append_u64(out, std::bit_cast<std::uint64_t>(value)); }
  void operator()(const std::string& text) { append_field(out, as_bytes(text)); }
  void operator()(const Bytes& octets) { append_field(out, octets); }
  void operator()(const Time& time) { (*this)(to_unix_ms(time)); }
  void operator()(FieldLock::Action action) { (*this)(static_cast<int>(action)); }
  void operator()(ChangeKind kind) { (*this)(static_cast<int>(kind)); }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    append_u32(out, static_cast<std::uint32_t>(list.size()));
    for (const T& member : list) (*this)(member);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const T& value);
  Bytes out;
};

class Unpacker {
 public:
  explicit Unpacker(ByteView octets) : reader_(octets) {}
  void operator()(bool& value) {
    const auto octet = must(reader_.u8());
    if (octet > 1) malformed();
    value = octet == 1;
  }
  void operator()(int& value) { value = static_cast<int>(must(reader_.u32())); }
  void operator()(std::uint64_t& value) { value = must(reader_.u64()); }
  void operator()(std::int64_t& value) { value = static_cast<std::int64_t>(must(reader_.u64())); }
  void operator()(double& value) {
    value = std::bit_cast<double>(must(reader_.u64()));
    if (!std::isfinite(value)) malformed();
  }
  void operator()(std::string& text) {
    text = as_text(must(reader_.field()));
    if (text.size() > kTextLimit || !is_utf8(text)) malformed();
  }
  void operator()(Bytes& octets) { octets = to_bytes(must(reader_.field())); }
  void operator()(Time& time) {
    std::int64_t milliseconds = 0;
    (*this)(milliseconds);
    time = from_unix_ms(milliseconds);
  }
  void operator()(FieldLock::Action& action) {
    int value = 0;
    (*this)(value);
    if (value < 0 || value > static_cast<int>(FieldLock::Action::exclude)) malformed();
    action = static_cast<FieldLock::Action>(value);
  }
  void operator()(ChangeKind& kind) {
    int value = 0;
    (*this)(value);
    if (value < 0 || value > static_cast<int>(ChangeKind::other)) malformed();
    kind = static_cast<ChangeKind>(value);
  }
  template <class T>
  void operator()(std::optional<T>& value) {
    bool there = false;
    (*this)(there);
    value.reset();
    if (there) (*this)(value.emplace());
  }
  // Every member has at least one octet, so a count beyond what is left is a lie.
  template <class T>
  void operator()(std::vector<T>& list) {
    const std::size_t count = must(reader_.u32());
    if (count > reader_.left() || count > kListLimit) malformed();
    list.clear();
    for (std::size_t i = 0; i < count; ++i) (*this)(list.emplace_back());
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(T& value);
  void finish() const {
    if (!reader_.done()) malformed();
  }

 private:
  template <class T>
  static T must(std::optional<T> value) {
    if (!value) malformed();
    return *value;
  }
  [[noreturn]] static void malformed() {
    throw Error(Fault::bad_input, "cannot read the document", "the parser's answer is malformed",
                "nothing was changed");
  }
  ByteReader reader_;
};

// One description of each struct for both directions.
template <class Archive, class T>
void visit(Archive& a, T& v) {
  using Type = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Type, ByteRange>) {
    a(v.first_end), a(v.second_begin), a(v.file_end);
  } else if constexpr (std::is_same_v<Type, FieldLock>) {
    a(v.action), a(v.fields), a(v.permissions);
  } else if constexpr (std::is_same_v<Type, SignatureEntry>) {
    a(v.field), a(v.type), a(v.filter), a(v.sub_filter), a(v.raw_byte_range), a(v.byte_range);
    a(v.gap_begin), a(v.gap_end), a(v.contents);
    a(v.name), a(v.reason), a(v.location), a(v.contact), a(v.date);
    a(v.certification), a(v.field_mdp), a(v.lock), a(v.has_cert_key), a(v.visible), a(v.page);
  } else if constexpr (std::is_same_v<Type, EmptyField>) {
    a(v.name), a(v.lock), a(v.page), a(v.x), a(v.y), a(v.width), a(v.height);
  } else if constexpr (std::is_same_v<Type, Revision>) {
    a(v.startxref), a(v.end);
  } else if constexpr (std::is_same_v<Type, Dss>) {
    a(v.certificates), a(v.ocsp_responses), a(v.crls), a(v.vri);
  } else if constexpr (std::is_same_v<Type, DssItem>) {
    a(v.octets), a(v.revision);
  } else if constexpr (std::is_same_v<Type, Vri> || std::is_same_v<Type, StoreOrder::Entry>) {
    a(v.key), a(v.certificates), a(v.ocsp_responses), a(v.crls);
  } else if constexpr (std::is_same_v<Type, Inspection>) {
    a(v.size), a(v.version), a(v.pages), a(v.encrypted), a(v.damaged), a(v.damage);
    a(v.revisions), a(v.signatures), a(v.empty_fields), a(v.certification), a(v.has_xfa), a(v.dss);
  } else if constexpr (std::is_same_v<Type, Placement>) {
    a(v.page), a(v.x), a(v.y), a(v.width), a(v.height);
  } else if constexpr (std::is_same_v<Type, SignatureOrder>) {
    a(v.type), a(v.sub_filter), a(v.field), a(v.date), a(v.name), a(v.reason), a(v.location);
    a(v.contact), a(v.certification), a(v.placement), a(v.appearance), a(v.contents_size);
  } else if constexpr (std::is_same_v<Type, PrepareOpening>) {
    a(v.name), a(v.allow_damaged);
  } else if constexpr (std::is_same_v<Type, PrepareRequest>) {
    a(v.order), a(v.identifier);
  } else if constexpr (std::is_same_v<Type, ChangesRequest>) {
    a(v.name), a(v.revision_end);
  } else if constexpr (std::is_same_v<Type, StoreOrder>) {
    a(v.certificates), a(v.ocsp_responses), a(v.crls), a(v.entries);
  } else if constexpr (std::is_same_v<Type, StoreRequest>) {
    a(v.name), a(v.order), a(v.identifier), a(v.stamp), a(v.stamp_identifier);
  } else if constexpr (std::is_same_v<Type, StoreRevision>) {
    a(v.octets), a(v.original_size), a(v.added), a(v.stamp);
  } else if constexpr (std::is_same_v<Type, Change>) {
    a(v.kind), a(v.revision), a(v.object), a(v.field), a(v.what), a(v.covers);
  } else if constexpr (std::is_same_v<Type, Cover>) {
    a(v.page), a(v.widget), a(v.part);
  } else {
    static_assert(std::is_same_v<Type, PreparedRevision>);
    a(v.field), a(v.octets), a(v.original_size), a(v.byte_range), a(v.pages);
  }
}

template <class T>
requires std::is_class_v<T>
void Packer::operator()(const T& value) {
  visit(*this, value);
}
template <class T>
requires std::is_class_v<T>
void Unpacker::operator()(T& value) {
  visit(*this, value);
}

template <class T>
Bytes packed(const T& value) {
  Packer packer;
  packer(value);
  return std::move(packer.out);
}

template <class T>
T unpacked(ByteView octets) {
  Unpacker unpacker(octets);
  T value;
  unpacker(value);
  unpacker.finish();
  return value;
}

}  // namespace

Bytes encode(const Inspection& inspection) {
  return packed(inspection);
}
Inspection decode_inspection(ByteView octets) {
  return unpacked<Inspection>(octets);
}
Bytes encode(const PrepareOpening& opening) {
  return packed(opening);
}
PrepareOpening decode_prepare_opening(ByteView octets) {
  return unpacked<PrepareOpening>(octets);
}
Bytes encode(const PrepareRequest& request) {
  return packed(request);
}
PrepareRequest decode_prepare_request(ByteView octets) {
  return unpacked<PrepareRequest>(octets);
}
Bytes encode(const PreparedRevision& revision) {
  return packed(revision);
}
PreparedRevision decode_prepared(ByteView octets) {
  return unpacked<PreparedRevision>(octets);
}
Bytes encode(const ChangesRequest& request) {
  return packed(request);
}
ChangesRequest decode_changes_request(ByteView octets) {
  return unpacked<ChangesRequest>(octets);
}
Bytes encode(const std::vector<Change>& changes) {
  return packed(changes);
}
std::vector<Change> decode_changes(ByteView octets) {
  return unpacked<std::vector<Change>>(octets);
}

Bytes encode(const StoreRequest& request) {
  return packed(request);
}
StoreRequest decode_store_request(ByteView octets) {
  return unpacked<StoreRequest>(octets);
}
Bytes encode(const StoreRevision& revision) {
  return packed(revision);
}
StoreRevision decode_store_revision(ByteView octets) {
  return unpacked<StoreRevision>(octets);
}

}  // namespace tsp::pdf
