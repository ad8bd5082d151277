// Asio and Beast, as this room uses them: one thread, no exceptions across handlers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace tsp::serve {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

}  // namespace tsp::serve
