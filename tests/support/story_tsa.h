// A TSA behind a URL, for what fetches time-stamps: the story's unit, at one and the same time.
#pragma once

#include <algorithm>

#include "net/fetcher.h"
#include "support/pki_story.h"

namespace tsp::test {

class StoryTsa final : public net::Fetcher {
 public:
  using Chains = std::vector<std::vector<x509::Certificate>>;
  // The next token comes with the next of these chains; the last one stays.
  StoryTsa(const Story& story, std::string_view time, Chains chains)
      : story_(story), time_(at(time)), chains_(std::move(chains)) {}
  // With the issuing authority's certificate.
  StoryTsa(const Story& story, std::string_view time)
      : StoryTsa(story, time, {{story.issuing().certificate()}}) {}

  net::Response fetch(const net::Request& request) override {
    const cms::TimestampRequest asked = cms::parse_request(request.body);
    cms::TstInfo info;
    info.policy = "1.2.3.4.1";
    info.hash = asked.hash;
    info.imprint = asked.imprint;
    info.nonce = asked.nonce;
    info.serial = {0x42};
    info.time = time_;
    const auto& chain = chains_[std::min(count, chains_.size() - 1)];
    ++count;
    const Bytes token =
        cms::issue_token({info, true, chain}, story_.unit().certificate(), story_.unit().key());
    return {200, "application/timestamp-reply", cms::granted(token), request.url};
  }
  std::size_t count = 0;  // of the tokens that it made

 private:
  const Story& story_;
  Time time_;
  Chains chains_;
};

}  // namespace tsp::test
