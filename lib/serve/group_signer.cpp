#include "serve/group_signer.h"

#include "ops/backend_json.h"
#include "serve/pki_backend.h"
#include "serve/worker.h"

namespace tsp::serve {

GroupSigner::GroupSigner(ops::Provider& provider, ops::LocalBackend& backend, Channel& channel)
    : provider_(provider), backend_(backend), channel_(channel) {
  if (provider.config().boolean("csc.documents")) jail_ = pdf::start_jail();
}

std::vector<Answer> GroupSigner::sign(const std::vector<SignOrder>& orders) {
  std::vector<Answer> answers;
  std::vector<sam::SigningOrder> signing;
  signing.reserve(orders.size());
  for (const SignOrder& order : orders)
    if (!order.is_whole())
      signing.push_back({.caller = &order.caller,
                         .approval = &order.approval,
                         .manifest = &order.manifest,
                         .forms = order.csc ? order.csc->forms() : std::vector<sam::Form>(),
                         .key = order.csc ? order.csc->key : "",
                         .group = order.group});
  try {
    const auto results = backend_.activation().sign_all(signing);
    auto result = results.begin();
    for (const SignOrder& order : orders)
      answers.push_back(order.is_whole() ? whole_answer(order) : answer_of(order, *result++));
  } catch (const Error& error) {
    answers.clear();
    for (const SignOrder& order : orders) answers.push_back(failure(order.id, error));
  }
  return answers;
}

Answer GroupSigner::answer_of(const SignOrder& order, const sam::SigningResult& result) {
  if (order.csc) return csc_answer(order, result);
  if (result.error) return failure(order.id, *result.error);
  return answering(order.id, [&] {
    Json signatures = Json::array();
    for (const auto& signature : result.signatures) signatures.push_back(ops::to_json(signature));
    return json_answer({{"signatures", std::move(signatures)}});
  });
}

Answer GroupSigner::csc_answer(const SignOrder& order, const sam::SigningResult& result) {
  const CscSigning& signing = *order.csc;
  return answering(order.id, [&] {
    return csc_answering(signing.version, signing.method, [&] {
      PkiBackend authority(channel_, {order.caller.name, order.roles, {}}, order.deadline);
      return json_answer(csc_signed(provider_, signing, result, authority));
    });
  });
}

sam::SigningResult GroupSigner::sign_whole(const SignOrder& order, std::size_t at,
                                           const Bytes& content) {
  if (order.deadline <= std::chrono::steady_clock::now())
    throw Error(Fault::busy, "it takes too long", "", "sign fewer documents at a time");
  const sam::Manifest one{order.manifest.hash, {order.manifest.entries.at(at)}};
  return std::move(backend_.activation()
                       .sign_all({{.caller = &order.caller,
                                   .approval = &order.approval,
                                   .manifest = &one,
                                   .forms = {sam::Form::pades},
                                   .content = {content},
                                   .key = order.csc->key,
                                   .group = order.group}})
                       .at(0));
}

// One by one: each document is prepared before it is known what is signed.
Answer GroupSigner::whole_answer(const SignOrder& order) {
  const CscSigning& signing = *order.csc;
  return answering(order.id, [&] {
    return csc_answering(signing.version, signing.method, [&] {
      provider_.act_for(order.caller.name, order.roles);
      PkiBackend authority(channel_, {order.caller.name, order.roles, {}}, order.deadline);
      ops::World world = provider_.world();
      world.jail = jail_.get();
      world.fetcher = nullptr;
      const auto credential = backend_.credential(signing.user, signing.key, nullptr);
      const auto sign = [&](std::size_t at, const Bytes& content) {
        return sign_whole(order, at, content);
      };
      return json_answer(csc::documents_with_signature(
          {*signing.whole, credential, sign, authority}, world, provider_.home().run()));
    });
  });
}

}  // namespace tsp::serve
