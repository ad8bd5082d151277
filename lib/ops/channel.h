// The channel to signers: mail or a command, as the configuration says (notices.*). Notices go by
// it, and codes sent out of band.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ops/provider.h"

namespace tsp::ops {

inline constexpr std::size_t kLongestAddress = 254;  // octets, RFC 5321 4.5.3.1.3

bool has_channel(const Provider& provider);  // notices.channel is not `none`

// Hands one message over, in this call. `text` is UTF-8 and may hold a secret: it goes by mail or
// to the command's standard input, which lies in memory, and is not kept. Within `patience`, at
// most notices.timeout. Errors: {busy}: not now, for the mail server or the command failed;
// {bad_input}: never to this address; {policy_refused}: there is no channel, its configuration is
// not whole, or others may write the command or read the password; {interrupted}.
void deliver(Provider& provider, const std::string& address, const std::string& subject,
             std::string_view text,
             std::optional<std::chrono::milliseconds> patience = std::nullopt);

// What runs: PROGRAM ADDRESS SUBJECT, no shell, in a process group of its own, in "/", with an
// environment of PATH and LC_ALL alone and no open descriptor of ours. Its output is thrown away.
struct ChannelCommand {
  std::string program;  // absolute
  std::string address, subject;
  std::string_view text;
  std::chrono::milliseconds patience;
};
// Error{policy_refused} unless root or we own the program and every folder above it, and nobody
// else may write them (a sticky folder such as /tmp does, where the next one is ours). {busy}
// where it cannot be run, ends with another status than 0, or not in time: it and its group are
// killed.
void run_channel_command(const ChannelCommand& command, const std::function<void()>& stop);

}  // namespace tsp::ops
