#include "ops/trust_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"
#include "net/fetcher.h"
#include "trust/trusted_list.h"

namespace tsp::ops {
namespace {

constexpr std::chrono::seconds kLongestFetch{120};

class Gathering {
 public:
  Gathering(const World& world, const TrustEntry& before) : world_(world), before_(before) {
    out_.entry = before;
    out_.entry.lists.clear();
    out_.entry.anchors.clear();
  }

  TrustChanged run() {
    const std::optional<trust::TrustedList> top =
        before_.url.empty()
            ? take(before_.file, {read_file(before_.file, trust::kLargestList), {}, {}},
                   before_.signers)
            : bring(before_.url, before_.signers);
    if (top && top->is_list_of_lists())
      for (const trust::ListPointer& pointer : top->pointers) follow(pointer);
    out_.changed = trust_json(out_.entry) != trust_json(as_verified_before());
    return std::move(out_);
  }

 private:
  struct Fetched {
    Bytes octets;
    std::string etag, last_modified;
  };

  // The list of now, judged; nothing where the server has none newer than the one that is kept,
  // which then stands as it was judged.
  std::optional<trust::TrustedList> bring(const std::string& url,
                                          const std::vector<x509::Certificate>& signers) {
    const KeptList* old = kept(url);
    if (old != nullptr && !may_stay(*old, signers)) old = nullptr;
    const std::optional<Fetched> fetched = fetch(url, old);
    if (fetched) return take(url, *fetched, signers);
    keep_old(url);
    out_.entry.lists.back().verified = whole_seconds(world_.clock.now());
    return std::nullopt;
  }

  // A list of lists is always read again, for what it names; and a list whose signers are others
  // now, or that is out of date, must be judged anew.
  bool may_stay(const KeptList& old, const std::vector<x509::Certificate>& signers) const {
    const bool names_others = before_.lists.size() > 1 && &old == &before_.lists.front();
    return !names_others && old.signers == digest_of(signers) && old.next_update &&
           *old.next_update > world_.clock.now();
  }

  static std::string digest_of(const std::vector<x509::Certificate>& signers) {
    std::set<std::string> digests;
    for (const x509::Certificate& each : signers) digests.insert(to_hex(each.sha256()));
    return to_hex(crypto::sha256(as_bytes(fmt::format("{}", fmt::join(digests, "")))));
  }

  std::optional<Fetched> fetch(const std::string& url, const KeptList* old) {
    world_.stop_if_asked();
    if (world_.fetcher == nullptr)
      throw Error(Fault::evidence_missing, "cannot fetch " + url, "nothing is fetched here");
    net::Request request;
    request.url = url;
    request.limits.size = trust::kLargestList;
    request.limits.total = kLongestFetch;
    if (old != nullptr) {
      request.if_none_match = old->etag;
      request.if_modified_since = old->last_modified;
    }
    net::Response response = world_.fetcher->fetch(request);
    if (response.status == 304) return std::nullopt;
    return Fetched{std::move(response.body), std::move(response.etag),
                   std::move(response.last_modified)};
  }

  const KeptList* kept(const std::string& url) const {
    const auto found = std::ranges::find(before_.lists, url, &KeptList::url);
    return found == before_.lists.end() ? nullptr : &*found;
  }

  trust::TrustedList take(const std::string& url, const Fetched& fetched,
                          const std::vector<x509::Certificate>& signers) {
    const Time now = world_.clock.now();
    trust::TrustedList list = trust::read_trusted_list(fetched.octets, url, signers, now);
    std::optional<trust::ListState> state;
    if (const KeptList* old = kept(url)) state = trust::ListState{old->sequence, old->issued};
    trust::check_succession(list, url, state, now);
    const std::size_t index = out_.entry.lists.size();
    out_.entry.lists.push_back({url, list.operator_name, list.territory, list.type, list.sequence,
                                list.issued, list.next_update,
                                to_hex(crypto::sha256(fetched.octets)), whole_seconds(now),
                                fetched.etag, fetched.last_modified, digest_of(signers)});
    if (!list.is_list_of_lists()) add_anchors(list, index);
    return list;
  }

  // Terms of one service of one provider are put together by certificate.
  void add_anchors(const trust::TrustedList& list, std::size_t index) {
    std::map<std::pair<std::string, Bytes>, std::size_t> known;
    for (trust::ListedAnchor& anchor : trust::anchors_of(list)) {
      const auto key = std::pair(anchor.provider + "\n" + anchor.service, anchor.certificate.der());
      const auto [at, is_new] = known.emplace(key, out_.entry.anchors.size());
      if (is_new)
        out_.entry.anchors.push_back(
            {index, anchor.provider, anchor.service, std::move(anchor.certificate), {}});
      out_.entry.anchors[at->second].terms.push_back(anchor.term);
    }
  }

  // One level: a national list's own pointers are not followed, nor is a list of lists in one.
  void follow(const trust::ListPointer& pointer) {
    const auto& wanted = before_.territories;
    if (pointer.type == out_.entry.lists.front().type) return;
    if (!wanted.empty() && std::ranges::find(wanted, pointer.territory) == wanted.end()) return;
    try {
      if (!pointer.location.starts_with("https://") && !pointer.location.starts_with("http://"))
        throw Error(Fault::bad_input, "the list is not at http or https");
      const auto list = bring(pointer.location, pointer.signers);
      if (list && list->is_list_of_lists()) out_.entry.lists.pop_back();
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
      out_.failed.push_back({pointer.territory + " " + pointer.location, error});
      keep_old(pointer.location);
    }
  }

  void keep_old(const std::string& url) {
    const KeptList* old = kept(url);
    if (old == nullptr) return;
    const auto from = static_cast<std::size_t>(old - before_.lists.data());
    const std::size_t to = out_.entry.lists.size();
    out_.entry.lists.push_back(*old);
    for (const KeptAnchor& anchor : before_.anchors)
      if (anchor.list == from) {
        out_.entry.anchors.push_back(anchor);
        out_.entry.anchors.back().list = to;
      }
  }

  // What was kept, as if it had been verified when the same octets were verified again.
  TrustEntry as_verified_before() const {
    TrustEntry out = before_;
    for (KeptList& list : out.lists)
      for (const KeptList& now : out_.entry.lists)
        if (now.url == list.url && now.sha256 == list.sha256) list.verified = now.verified;
    return out;
  }

  const World& world_;
  const TrustEntry& before_;
  TrustChanged out_;
};

}  // namespace

TrustChanged fetch_lists(const World& world, const TrustEntry& entry) {
  return Gathering(world, entry).run();
}

}  // namespace tsp::ops
