#include "ops/channel.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "net/mail.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kLongestPassword = 4096;

Error refusal(const std::string& why, const std::string& next) {
  return {Fault::policy_refused, "the message cannot be delivered", why, next};
}

// By the rules of every secret's file: ours, 0600, the first line.
Secret read_password(const std::string& path) {
  const Fd fd = open_for_reading(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
    throw refusal("others may read " + path + ", or it is not ours", "chmod 600 " + path);
  const Secret whole(read_all(fd.get(), kLongestPassword, path));
  const ByteView view = whole.view();
  const auto end = std::find_if(view.begin(), view.end(),
                                [](std::uint8_t octet) { return octet == '\n' || octet == '\r'; });
  return Secret::copy_of(view.first(static_cast<std::size_t>(end - view.begin())));
}

// libcurl calls through C: what `stop` throws must not pass through it.
std::function<bool()> asked_to_stop(const std::function<void()>& stop) {
  if (!stop) return {};
  return [&stop] {
    try {
      stop();
      return false;
    } catch (const Error&) {
      return true;
    }
  };
}

void send_mail(Provider& provider, const net::Mail& mail, std::chrono::milliseconds patience) {
  const Config& config = provider.config();
  net::MailOptions options;
  options.url = config.text("notices.mail.url");
  options.user = config.text("notices.mail.user");
  options.total = patience;
  options.stop = asked_to_stop(provider.world().stop);
  if (options.url.empty() || mail.from.empty())
    throw refusal("notices.mail.url or notices.mail.from is not set", "see tsp config show");
  if (const std::string& file = config.text("notices.mail.password_file"); !file.empty())
    options.password = read_password(file);
  net::CurlMailer(std::move(options), provider.world().clock).send(mail);
}

// For the command an address is whatever it understands, but never an option of its.
void check_address(const std::string& address) {
  if (address.empty() || address.size() > kLongestAddress || address.starts_with('-') ||
      !is_utf8(address) || printable(address) != address)
    throw Error(Fault::bad_input, "the message cannot be delivered",
                printable(address) + " is no address");
}

}  // namespace

bool has_channel(const Provider& provider) {
  return provider.config().text("notices.channel") != "none";
}

void deliver(Provider& provider, const std::string& address, const std::string& subject,
             std::string_view text, std::optional<std::chrono::milliseconds> patience) {
  const Config& config = provider.config();
  const std::string& channel = config.text("notices.channel");
  const std::chrono::milliseconds longest = config.duration("notices.timeout");
  const auto time = std::min(patience.value_or(longest), longest);
  check_address(address);
  if (channel == "mail") {
    send_mail(provider, {config.text("notices.mail.from"), address, subject, text}, time);
  } else if (channel == "command") {
    if (config.text("notices.command").empty())
      throw refusal("notices.command is not set", "see tsp config show");
    run_channel_command({config.text("notices.command"), address, subject, text, time},
                        provider.world().stop);
  } else {
    throw refusal("no channel to signers is configured", "set notices.channel");
  }
}

}  // namespace tsp::ops
