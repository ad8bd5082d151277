#include "pdf/reading/pages.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tsp::pdf {
namespace {

constexpr std::size_t kPageDepthLimit = 200;

// What a node hands down to its kids (7.7.3.4).
struct InheritedPage {
  std::optional<Box> media, crop;
  int rotation = 0;
};

InheritedPage inherit(QPDFObjectHandle node, InheritedPage from) {
  if (const auto media = box_of(node.getKey("/MediaBox"))) from.media = media;
  if (const auto crop = box_of(node.getKey("/CropBox"))) from.crop = crop;
  if (const auto rotation = integer_of(node.getKey("/Rotate"))) {
    const int turn = static_cast<int>(((*rotation % 360) + 360) % 360);
    from.rotation = turn % 90 == 0 ? turn : 0;
  }
  return from;
}

Box shown(const InheritedPage& page) {
  Box box = page.media.value_or(Box{0, 0, 612, 792});
  if (!page.crop) return box;
  const Box cut{std::max(box[0], (*page.crop)[0]), std::max(box[1], (*page.crop)[1]),
                std::min(box[2], (*page.crop)[2]), std::min(box[3], (*page.crop)[3])};
  return cut[0] < cut[2] && cut[1] < cut[3] ? cut : box;
}

class PageWalk {
 public:
  explicit PageWalk(const Opened& document) : document_(document) {}

  PageTree run() {
    QPDFObjectHandle root = get(document_.catalog(), "/Pages");
    if (!root.isDictionary()) throw damaged_error(document_.name, "it has no page tree");
    visit(root, {}, 0);
    return std::move(tree_);
  }

 private:
  void visit(QPDFObjectHandle node, const InheritedPage& from, std::size_t depth) {
    const InheritedPage own = inherit(node, from);
    if (!node.hasKey("/Kids")) {
      if (depth > 0) add(node, own);
      return;
    }
    if (node.isIndirect() && !nodes_.insert(node.getObjGen()).second)
      throw damaged_error(document_.name, "its page tree comes twice through the same node");
    if (depth >= kPageDepthLimit) throw damaged_error(document_.name, "its page tree is too deep");
    QPDFObjectHandle kids = node.getKey("/Kids");
    if (!kids.isArray())
      throw damaged_error(document_.name, "its page tree has a node without kids");
    for (int i = 0, count = kids.getArrayNItems(); i < count; ++i) {
      QPDFObjectHandle kid = kids.getArrayItem(i);
      if (!kid.isDictionary())
        throw damaged_error(document_.name, "its page tree has a kid that is no dictionary");
      visit(kid, own, depth + 1);
    }
  }

  void add(QPDFObjectHandle page, const InheritedPage& inherited) {
    if (tree_.pages.size() >= kPageLimit)
      throw damaged_error(document_.name, "it has too many pages");
    tree_.pages.push_back({page, shown(inherited), inherited.rotation});
    if (page.isIndirect())
      tree_.numbers.emplace(page.getObjGen(), static_cast<int>(tree_.pages.size()));
  }

  const Opened& document_;
  PageTree tree_;
  std::set<QPDFObjGen> nodes_;
};

}  // namespace

std::optional<Box> box_of(QPDFObjectHandle object) {
  if (!object.isArray() || object.getArrayNItems() != 4) return std::nullopt;
  std::array<double, 4> v{};
  for (int i = 0; i < 4; ++i) {
    QPDFObjectHandle item = object.getArrayItem(i);
    if (!item.isNumber()) return std::nullopt;
    v[static_cast<std::size_t>(i)] = item.getNumericValue();
    if (!(std::fabs(v[static_cast<std::size_t>(i)]) < 1e7)) return std::nullopt;
  }
  const Box box{std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]),
                std::max(v[1], v[3])};
  if (!(box[0] < box[2]) || !(box[1] < box[3])) return std::nullopt;
  return box;
}

PageTree read_pages(const Opened& document) {
  return PageWalk(document).run();
}

}  // namespace tsp::pdf
