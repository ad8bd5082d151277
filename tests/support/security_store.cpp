#include "support/security_store.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace tsp::test {
namespace {

// What stands behind the last `begin`, up to the next `end`; empty: it is not there.
std::string last(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.rfind(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

int number(const std::string& text) {
  int out = 0;
  const std::size_t digits = text.find_first_of("0123456789");
  std::from_chars(text.data() + digits, text.data() + text.size(), out);
  return out;
}

class StoreWriter {
 public:
  explicit StoreWriter(ByteView document)
      : text_(as_text(document)), next_(number(last(text_, "/Size", "/"))) {
    if (text_.back() != '\n') text_ += '\n';
  }

  Bytes write(const StoreItems& items) {
    const int root = number(last(text_, "/Root", "R"));
    const int start = number(last(text_, "startxref", "%"));
    const std::string info = last(text_, "/Info", "R");
    const std::string ids = last(text_, "/ID", "]") + "]";
    std::string catalog = last(text_, fmt::format("\n{} 0 obj", root), "endobj");
    catalog = catalog.substr(catalog.find("<<") + 2);
    catalog = catalog.substr(0, catalog.rfind(">>"));
    const std::string old = last(text_, "<</Certs ", ">>");
    const std::string certificates = references(items.certificates) + list(old, "Certs");
    const std::string crls = references(items.crls) + list(old, "CRLs");
    const std::string ocsp = references(items.ocsp) + list(old, "OCSPs");
    const std::string standing = last(catalog, "/DSS ", "R");
    const int store = standing.empty() ? next_++ : number(standing);
    object(store, fmt::format("<</Certs [{}]/CRLs [{}]/OCSPs [{}]>>", certificates, crls, ocsp));
    if (const std::size_t at = catalog.find("/DSS "); at != std::string::npos)
      catalog.erase(at, catalog.find('R', at) + 1 - at);
    object(root, fmt::format("<<{}/DSS {} 0 R>>", catalog, store));
    const std::size_t at = text_.size();
    text_ += "xref\n";
    for (const auto& [number, offset] : offsets_)
      text_ += fmt::format("{} 1\n{:010} 00000 n \n", number, offset);
    text_ +=
        fmt::format("trailer\n<</Size {}/Root {} 0 R{}/ID {}/Prev {}>>\nstartxref\n{}\n%%EOF\n",
                    next_, root, info.empty() ? "" : "/Info" + info + "R", ids, start, at);
    return to_bytes(as_bytes(text_));
  }

 private:
  // The references of one of the old store's lists.
  static std::string list(const std::string& old, const std::string& name) {
    return last("/Certs " + old, "/" + name + " [", "]");
  }

  template <class T>
  std::string references(const std::vector<T>& items) {
    std::string out;
    for (const T& item : items) {
      out += fmt::format("{} 0 R ", next_);
      object(next_++, fmt::format("<</Length {}>>\nstream\n{}\nendstream", item.der().size(),
                                  as_text(item.der())));
    }
    return out;
  }

  void object(int number, const std::string& body) {
    offsets_[number] = text_.size();
    text_ += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
  }

  std::string text_;
  int next_;
  std::map<int, std::size_t> offsets_;
};

}  // namespace

Bytes with_store(ByteView document, const StoreItems& items) {
  return StoreWriter(document).write(items);
}

}  // namespace tsp::test
