// A body that is too large to be copied for each who asks (a CRL): octets in memory that a worker
// fills once and seals, and whose descriptor crosses to the front, which maps it once for all its
// readers.
#pragma once

#include <map>
#include <memory>

#include "base/files.h"

namespace tsp::serve {

class SharedBody {
 public:
  // In the worker. Error{failed} where the kernel gives none.
  static std::shared_ptr<const SharedBody> of(ByteView octets);
  // What another process made. Error{bad_input} for a descriptor of anything else: only octets that
  // nobody can change or cut any more are mapped.
  explicit SharedBody(Fd sealed);

  ByteView view() const { return mapped_.view(); }
  int fd() const { return fd_.get(); }
  // Keeps the octets, without the descriptor.
  void close() { fd_.close(); }

 private:
  Fd fd_;
  MappedFile mapped_;
};

// In the front: one mapping, however often the same body comes. For one thread.
class SharedBodies {
 public:
  std::shared_ptr<const SharedBody> take(Fd sealed);

 private:
  std::map<std::uint64_t, std::weak_ptr<const SharedBody>> by_inode_;
};

// One send and one receive with at most a descriptor each. Of a stream: the octets that a
// descriptor came with are the last of what a call receives, so descriptors come in the order of
// their frames. Both as send(2) and recv(2) answer.
ssize_t send_with(int socket, ByteView octets, int descriptor);
ssize_t receive_with(int socket, std::uint8_t* to, std::size_t room, Fd& descriptor);

}  // namespace tsp::serve
