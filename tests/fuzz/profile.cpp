// yaml::parse and x509::parse_profile: a profile from a file that an operator edited.
#include "x509/profile.h"

#include "fuzz/fuzz.h"
#include "yaml/tree.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const yaml::Node tree = yaml::parse(as_text({data, size}), "input");
    const x509::Profile profile = x509::parse_profile(tree);
    fuzz::check(!x509::find_contradiction(profile), "what is parsed contradicts no standard");
    x509::unbacked_claims(profile);
  });
  return 0;
}
