// What the tests of the pdf room share: a jail, a software signer, other people's programs.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "jail/jail.h"
#include "pdf/document.h"
#include "pdf/revision.h"

namespace tsp::pdf::test {

// One jail for the whole program.
jail::Jail& jail();

std::string data_path(const std::string& name);  // in tests/data/pdf
std::vector<std::string> good_files();           // names in tests/data/pdf that can be signed
Bytes contents_of(const std::string& path);

// A folder that goes away with the fixture.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// A detached CMS over the two stretches, by a P-256 key with a certificate of its own.
Bytes cms_over(ByteView first, ByteView second);

struct Signed {
  std::string path;
  PreparedRevision revision;
};
// prepare, fill, write. Each order gets 4096 octets for its signature unless it says otherwise.
Signed sign(const std::string& from, const std::string& to, SignatureOrder order = {},
            Damaged damaged = Damaged::refuse);

// Standard output and standard error of a command, stopped after 20 s; and its exit status.
struct Ran {
  int status;
  std::string text;
};
Ran run(const std::string& command);

// How many signatures pdfsig calls valid and how many it sees.
struct Seen {
  int valid = 0, total = 0, whole = 0;  // whole: "Total document signed"
};
Seen pdfsig(const std::string& path);
// What `qpdf --check` says, without lines that only name the file.
std::string qpdf_check(const std::string& path);

// "FAULT / message" of what a call throws; "none" when it throws nothing.
template <class Call>
std::string failure(Call&& call);
std::string describe_current_exception();
// Nothing, or what a document may be to blame for; a crash in the jail is none of it.
bool is_ordinary(const std::string& failure);
template <class Call>
std::string failure(Call&& call) {
  try {
    call();
  } catch (...) {
    return describe_current_exception();
  }
  return "none";
}

}  // namespace tsp::pdf::test
