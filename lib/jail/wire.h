// What passes between caller, helper and child; docs/formats/jail.md.
//
//     request  ::= u32 length, octets                        caller -> child, on the channel
//     reply    ::= u32 length, u8 kind, payload              child -> caller, on the channel
//     payload  ::= octets                                    kind 0: the parser's result
//                | field fault, field what, field why, field next   kind 1: the Error it threw
//     ending   ::= i32 wait status, u8 1 when the wall clock ran out    helper -> caller
//
// Numbers are big-endian, a field is a u32 length and its octets. Replies come from a process that
// may have been taken over by what it parsed: decoding trusts nothing but the ending.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace tsp::jail::wire {

inline constexpr std::uint8_t kResult = 0, kError = 1;
// An Error's texts are cut to this many octets each.
inline constexpr std::size_t kTextLimit = 4096;
// Everything but a result's own octets.
inline constexpr std::size_t kOverhead = 5 + 4 * (4 + kTextLimit);
inline constexpr std::size_t kEndingSize = 5;

Bytes encode_result(ByteView result);
Bytes encode_error(const Error& error);

// The result; throws the Error that was sent, or Error{bad_input} for a reply that is malformed or
// longer than `limit`. `reply` is everything the channel gave.
Bytes decode_reply(ByteView reply, std::size_t limit);

struct Ending {
  int wait_status = 0;
  bool timed_out = false;
};
Bytes encode_ending(const Ending& ending);
std::optional<Ending> decode_ending(ByteView octets);

// Whole messages over a socket; false at its end or when the other side is gone.
bool send_whole(int socket, ByteView octets);
bool receive_whole(int socket, std::span<std::uint8_t> octets);

}  // namespace tsp::jail::wire
