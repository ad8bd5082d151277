// Sending mail to signers: one message to one address, by SMTP (RFC 5321) or SMTPS.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/secret.h"
#include "base/time.h"

namespace tsp::net {

struct Mail {
  std::string from, to;   // is_mail_address()
  std::string subject;    // UTF-8 without control characters, at most 500 octets
  std::string_view text;  // UTF-8, lines ended by LF or CRLF; may hold a secret: it is not kept
};

// One verb. Returns when the server has taken the mail over. Throws Error{busy} that names the
// server and what happened: no connection, too slow, TLS refused, a refusal by the server (its
// code, never its words: they may repeat the message). Error{bad_input} for a mail that is none:
// an address, a subject with line breaks, text that is not UTF-8, more than the limit.
class Mailer {
 public:
  virtual ~Mailer() = default;
  virtual void send(const Mail& mail) = 0;
};

struct MailOptions {
  std::string url;  // is_mail_url()
  std::string user;
  std::optional<Secret> password;
  std::string ca_file;                      // PEM; empty: the system's authorities
  std::chrono::milliseconds total{20'000};  // connecting included
  std::size_t size = 1 << 20;               // octets of the message on the wire
  std::function<bool()> stop = {};          // asked about once a second; true: Error{interrupted}
};

// With libcurl, which is loaded at the first mail. smtps:// is TLS from the first octet, smtp://
// takes STARTTLS before anything is told; only to this host itself (localhost, 127.0.0.0/8, [::1])
// nothing is encrypted. Certificates are verified, TLS is 1.2 or newer, no proxy is asked. One call
// at a time per object. Error{bad_input} for a URL that is none.
class CurlMailer final : public Mailer {
 public:
  CurlMailer(MailOptions options, const Clock& clock);
  ~CurlMailer() override;
  void send(const Mail& mail) override;

 private:
  MailOptions options_;
  const Clock& clock_;
};

// LOCAL@DOMAIN in ASCII: a dot-atom (RFC 5321 section 4.1.2) that does not begin with a dash, and
// host names. No quoted local parts, no address literals. Does NOT ask whether it exists.
bool is_mail_address(std::string_view text);
// smtp://HOST[:PORT] or smtps://HOST[:PORT]; HOST a name, an IPv4 address or [IPv6]. Nothing more:
// no user name, no path.
bool is_mail_url(std::string_view text);

// The message as it crosses the wire, RFC 5322 and 2045: CRLF, 7 bits, quoted-printable; a subject
// that is not plain ASCII as encoded words (RFC 2047). `id` is the left side of the Message-ID.
// Error{bad_input} as send().
Secret message_of(const Mail& mail, Time date, const std::string& id);

}  // namespace tsp::net
