// The revisions of a document one after the other: of each step the objects that it writes anew,
// before and after. The work of a step follows from what its revision wrote, so that all steps
// together take time linear in the file. Internal to the room, inside the jail.
//
// Objects are read by us from the octets (value.h, history.h); qpdf only undoes filters and derives
// the key of an encrypted document. Error{bad_input} from every function for what cannot be told:
// an object that is not what its entry says, is not all within its revision, stands twice in its
// object stream, or that readers read in two ways; a later revision that is not what
// later_revision.h asks.
#pragma once

#include <memory>
#include <set>
#include <unordered_set>

#include "pdf/reading/encryption.h"
#include "pdf/reading/history.h"
#include "pdf/reading/later_revision.h"
#include "pdf/reading/open.h"
#include "pdf/reading/stream_data.h"
#include "pdf/reading/value.h"

namespace tsp::pdf {

struct Object {
  Value value;
  bool stream = false;     // then `value` is its dictionary
  std::uint64_t data = 0;  // of a stream: where its octets begin in the file
  std::uint64_t end = 0;   // of another that stands in the file: behind "endobj"
  bool section = false;    // one of the file's cross-reference streams
};

// A stream whose /Type is that.
bool has_type(const Object& object, std::string_view type);

class Timeline {
 public:
  using Numbers = std::set<std::uint64_t>;

  // At the state of a revision, an index into the frame's. `document` is opened as a whole and must
  // outlive this.
  Timeline(Opened& document, std::size_t revision);

  // Goes one revision on; false at the last one. Before the first call before and after are the
  // same.
  bool next();
  std::size_t revision() const { return revision_; }
  // At the last revision: whether qpdf, which reads the signatures, has every object at the same
  // place.
  bool agrees_with_library() const;

  // By the number of an object; a null value when it is not there. The reference stays good until
  // next().
  const Object& before(std::uint64_t number) { return object(number, Side::before); }
  const Object& after(std::uint64_t number) { return object(number, Side::after); }
  // What a value means: of a reference what it leads to, else the value itself.
  const Value& before(const Value& value) { return resolved(value, Side::before); }
  const Value& after(const Value& value) { return resolved(value, Side::after); }
  const Value& trailer_before() const { return trailer_before_; }
  const Value& trailer_after() const { return trailer_after_; }

  // Objects of the later state that are new or differ; cross-reference and object streams that
  // nothing refers to apart.
  const Numbers& touched() const { return touched_; }
  // Objects that the later state no longer has.
  const Numbers& removed() const { return removed_; }
  bool is_touched(const Value& value) const {
    return value.is_reference() && touched_.count(value.number) > 0;
  }
  bool is_new(std::uint64_t number) const { return before_.find(number) == before_.end(); }
  // Whether a revision since the start wrote the object.
  bool is_introduced(std::uint64_t number) const { return introduced_.count(number) > 0; }
  // Whether the object is there before and after, under another generation: those who refer to the
  // old one have nothing now, and the reverse.
  bool is_renamed(std::uint64_t number) const;
  // Who refers to an object in the earlier state. Of a new object nobody, unless somebody laid out
  // a reference before there was anything to refer to. Trailers are not counted.
  struct Referrers {
    int objects = 0;           // that refer to it
    int times = 0;             // all their references
    std::uint64_t holder = 0;  // the one object, where it is one
    // References that take it for a set of appearances or named resources, whose keys are then
    // something that is drawn: as /Font, /XObject, /N and the like.
    int drawn = 0;
  };
  Referrers referrers_before(std::uint64_t number) const;
  int references_before(std::uint64_t number) const { return referrers_before(number).objects; }
  // Whether the trailer's /Root, /Encrypt or /Info leads to it.
  bool is_in_trailer_before(std::uint64_t number) const;
  // The same of the later state, for a removed object.
  int references_after(std::uint64_t removed) const;

 private:
  enum class Side { before, after };
  struct Entry {
    Placed placed;
    std::size_t revision = 0;
  };
  using State = std::unordered_map<std::uint64_t, Entry>;
  // What a reference must say; objects in object streams have generation 0.
  static std::uint64_t generation_of(const Entry& entry) {
    return entry.placed.kind == Placed::Kind::plain ? entry.placed.detail : 0;
  }
  struct Holder {  // an object stream, decoded
    std::string octets;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> members;  // number, offset
    std::unordered_set<std::uint64_t> twice;
  };

  void enter(std::size_t revision, State& into);
  void find_changes();
  // timeline_later.cpp
  void note_hidden(std::size_t revision);
  void refuse_oddities();
  void refuse_strays(std::uint64_t number);
  void refuse_gaps();
  std::uint64_t end_of(std::uint64_t number, const Object& object);
  // timeline_references.cpp
  void count_all();
  void count(std::uint64_t holder, const Object& object, int by);
  void count_lost();

  bool is_structure(std::uint64_t number);
  bool same(std::uint64_t number);
  bool same_data(const Object& a, const Object& b);
  const Entry* entry(std::uint64_t number, Side side) const;
  const Object& object(std::uint64_t number, Side side);
  const Value& resolved(const Value& value, Side side);
  std::shared_ptr<const Object> read_plain(std::uint64_t number, const Entry& entry, Side side);
  std::shared_ptr<const Object> read_packed(std::uint64_t number, const Entry& entry, Side side);
  std::shared_ptr<const Holder> holder(std::uint64_t number, Side side);
  std::shared_ptr<const Holder> read_holder(std::uint64_t number, const Entry& entry, Side side);
  std::uint64_t length_of(const Object& stream, Side side);
  void decrypt(Value& value, QPDFObjGen owner) const;
  void refuse_alias(std::uint64_t number, const Value& value) const;
  Value read_trailer(std::size_t revision);
  [[noreturn]] void refuse(std::uint64_t number, const std::string& why) const;

  Opened& document_;
  Window window_;
  Lexer lexer_;
  History history_;
  std::unordered_set<std::uint64_t> hidden_;    // objects that only hybrid streams list
  std::unordered_set<std::uint64_t> sections_;  // where its cross-reference streams stand
  Encryption encryption_;
  std::uint64_t encryption_object_ = 0;
  StreamDecoder decoder_;
  std::size_t revision_ = 0;
  State before_, step_;  // step_: what the newest revision lists
  bool stepped_ = false;
  std::size_t moved_ = 0;  // objects in object streams that were replaced, of all steps
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> packed_;  // members of a stream
  // `holder` is the sum of all of them: of one, it is its number.
  std::unordered_map<std::uint64_t, Referrers> references_;
  Numbers touched_, removed_, structure_;
  std::unordered_map<std::uint64_t, int> lost_;  // references to removed objects, in this step
  std::unordered_set<std::uint64_t> introduced_;
  Value trailer_before_, trailer_after_;
  // By place: the offset, and for a packed object its index + 1. What the step before read is kept:
  // its later state is this step's earlier one.
  using Read = std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<const Object>>;
  Read read_, read_before_;
  std::map<std::uint64_t, std::shared_ptr<const Holder>> holders_;  // by offset
  std::shared_ptr<const Holder> last_holder_;                       // and its octets
  std::optional<Window> packed_window_;
  std::set<std::uint64_t> opening_;  // object streams whose parts are being looked up
};

}  // namespace tsp::pdf
