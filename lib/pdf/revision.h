// The revision writer: an incremental update that adds one signature with a hole in it
// (docs/architecture.md tells why it is ours). Earlier octets stay a verbatim prefix.
#pragma once

#include <memory>

#include "base/time.h"
#include "pdf/document.h"

namespace tsp::pdf {

struct Placement {
  int page = 1;  // from 1
  double x = 0, y = 0, width = 0,
         height = 0;  // points, from the lower left of the page as it is shown
};

// Whether the jail parses anything after this (jail::Jail::begin_last()).
enum class Turn { any, last };

// Whether a file is taken whose cross-references had to be rebuilt.
enum class Damaged { refuse, allow };

struct SignatureOrder {
  std::string type = "Sig";                        // or DocTimeStamp
  std::string sub_filter = "ETSI.CAdES.detached";  // or ETSI.RFC3161
  std::string field;         // an empty field of that name is used, else it is made; empty: made
                             // under a free name
  std::optional<Time> date;  // /M
  std::string name, reason, location, contact;  // UTF-8; empty: left out
  std::optional<int> certification;             // makes a certification signature, P 1..3
  std::optional<Placement> placement;  // nothing: invisible (or the existing field's place)
  Bytes appearance;                    // a one-page PDF drawn by draw_appearance(); empty: none
  std::size_t contents_size = 0;       // octets reserved for the signature, before hex
};

// The octets to append to the file, with the hole's hex digits all '0' and /ByteRange filled in.
// The caller has been promised, because prepare() checks it on what the jail returned: the revision
// has the length it claims, byte_range covers all but the /Contents token, the token is '<', zeros,
// '>'.
struct PreparedRevision {
  std::string field;
  Bytes octets;  // appended behind offset `original_size`
  std::uint64_t original_size = 0;
  ByteRange byte_range;  // of the whole new file
  int pages = 0;         // of the document, for whoever is shown what he signs
};

// A revision under way: the jail opens and reads the document while the caller finds out what the
// signature says. The jail's time limits run meanwhile, but in its last turn only that of the
// processor. Dropped, it ends.
class Preparation {
 public:
  Preparation(jail::Jail& jail, const Fd& file, const std::string& name,
              Damaged damaged = Damaged::refuse, Turn turn = Turn::any);
  ~Preparation();
  Preparation(Preparation&&) noexcept;
  Preparation& operator=(Preparation&&) noexcept;
  // Plans the revision; what it promises and its errors are those of prepare(). Once.
  PreparedRevision finish(const SignatureOrder& order);
  // Whether a limit of time is running out.
  bool clock_runs() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Plans the revision in the jail. Errors: {bad_input} damaged (unless allowed) or not a PDF,
// no such page, a box that is not on it; {policy_refused} the document's certification or a field
// lock forbids a signature, XFA, password needed, a certification that would not be the first
// signature; {already_exists} the field is signed, or is not one for signatures; {usage} an order
// that makes no sense. An existing field keeps its place: `placement` only counts for a new one.
PreparedRevision prepare(jail::Jail& jail, const Fd& file, const std::string& name,
                         const SignatureOrder& order, Damaged damaged = Damaged::refuse);

// Whether a revision that was kept elsewhere is still one for a file of this size: offsets, hole
// and /ByteRange agree, and the hole is empty. Does NOT look at the objects.
bool is_sound(PreparedRevision& revision, std::uint64_t size);

// Octets that the hole has room for.
std::size_t room_of(const PreparedRevision& revision);
// What the hole holds, zeros behind it included. Error{failed} where it is no hex.
Bytes contents_of(const PreparedRevision& revision);

// Puts the signature into the hole, upper-case hex, rest zeros. Error{failed} when it does not fit.
void fill(PreparedRevision& revision, ByteView signature);

}  // namespace tsp::pdf
