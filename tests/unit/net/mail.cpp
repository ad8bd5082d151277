#include "net/mail.h"

#include "base/error.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/memory_search.h"
#include "support/python_server.h"

using namespace tsp;
using namespace tsp::net;
using namespace std::chrono_literals;

namespace {

const std::string kServer = "tests/support/smtp_server.py";

Mail mail_to(std::string to, std::string_view text = "Hello.\n") {
  return {"tsp@example.org", std::move(to), "A key was used", text};
}

std::string text_of(const Mail& mail) {
  const Secret message = message_of(mail, *from_rfc3339("2026-11-21T09:30:00Z"), "0123");
  return std::string(message.text());
}

// A server, what it took, and a mailer that knows it.
struct Post {
  explicit Post(std::vector<std::string> arguments = {})
      : server(kServer, with_folder(std::move(arguments))) {
    options.url = "smtp://127.0.0.1:" + std::to_string(server.port());
    options.total = 5s;
  }

  std::vector<std::string> with_folder(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), folder.file(""));
    return arguments;
  }

  void send(const Mail& mail) { CurlMailer(std::move(options), clock).send(mail); }

  // What the mailer says when it fails, which must be Error{busy}.
  std::string refusal(const Mail& mail) {
    try {
      send(mail);
    } catch (const Error& error) {
      CHECK(error.fault == Fault::busy);
      return error.why;
    }
    return "";
  }

  std::string got(const std::string& name) const { return std::string(as_text(folder.get(name))); }

  test::Folder folder;
  test::PythonServer server;
  test::FixedClock clock{*from_rfc3339("2026-11-21T09:30:00Z")};
  MailOptions options;
};

// A certificate for 127.0.0.1 and `names`, and its key, in `folder`.
std::vector<std::string> make_certificate(const test::Folder& folder) {
  const test::Answer made = test::run(
      "cd " + folder.file("") +
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem "
      "-out certificate.pem -subj /CN=test -addext subjectAltName=IP:127.0.0.1,IP:0.0.0.0 -days "
      "30");
  INFO(made.output);
  REQUIRE(made.status == 0);
  return {folder.file("certificate.pem"), folder.file("key.pem")};
}

}  // namespace

TEST_CASE("after a mail was sent its code is nowhere in memory, in libcurl's buffers neither") {
  std::vector<test::Pattern> patterns;
  Post post;
  {
    Secret code = Secret::random(16);
    for (std::uint8_t& octet : code.writable()) octet = static_cast<std::uint8_t>('A' + octet % 26);
    patterns.emplace_back("code", code);
    CHECK(test::in_memory(patterns[0]));  // the search finds what is there
    Bytes text = to_bytes(as_bytes("Your code is\n\n    "));
    text.reserve(text.size() + code.size());
    append(text, code.view());
    const Secret guarded(std::move(text));
    post.send(mail_to("alice@example.org", guarded.text()));
  }
  CHECK_FALSE(test::in_memory(patterns[0]));
  CHECK_THAT(post.got("1.eml"), ContainsSubstring("Your code is"));
}

TEST_CASE("a mail arrives as it was written") {
  Post post;
  post.send(mail_to("alice@example.org", "Line one.\n.\n.dot\nGrüße = ja\r\nlast "));
  const std::string mail = post.got("1.eml");
  CHECK_THAT(mail, ContainsSubstring("From: tsp@example.org\r\nTo: alice@example.org\r\n"));
  CHECK_THAT(mail, ContainsSubstring("Subject: A key was used\r\n"));
  CHECK_THAT(mail, ContainsSubstring("Date: Sat, 21 Nov 2026 09:30:00 +0000\r\n"));
  CHECK_THAT(mail, ContainsSubstring("@example.org>\r\n"));
  const test::Answer read = test::run(
      "python3 -c 'import email, email.policy, sys; m = email.message_from_binary_file(open(\"" +
      post.folder.file("1.eml") +
      "\", \"rb\"), policy=email.policy.default); print(m.get_content(), end=\"|\")'");
  CHECK(read.output == "Line one.\n.\n.dot\nGrüße = ja\nlast \n|");
  CHECK_THAT(post.got("talk"), ContainsSubstring("MAIL FROM:<tsp@example.org>"));
  CHECK_THAT(post.got("talk"), ContainsSubstring("RCPT TO:<alice@example.org>"));
}

TEST_CASE("every line of a message is short and of seven bits, whatever its text") {
  const std::string text = std::string(5000, '.') + std::string(100, '\t') + " \n" +
                           std::string(3000, 'x') + "\n" + "ÄÖÜ…" + std::string(200, '=');
  const std::string message = text_of(mail_to("a@b.c", text));
  std::size_t begin = 0;
  while (begin < message.size()) {
    const auto end = message.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    CHECK(end - begin <= 78);
    CHECK(message[begin] != '.');
    begin = end + 2;
  }
  CHECK(std::none_of(message.begin(), message.end(), [](char c) { return c < 0; }));
}

TEST_CASE("a subject cannot smuggle a header in") {
  Mail mail = mail_to("a@example.org");
  for (const char* bad : {"a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\x01", "\xff", "a\x7f"}) {
    mail.subject = bad;
    CHECK_THROWS_AS(text_of(mail), Error);
  }
  mail.subject = "=?UTF-8?Q?=0D=0ABcc:_x?=";
  CHECK(text_of(mail).find("=0D=0A") == std::string::npos);
  mail.subject = std::string(501, 'a');
  CHECK_THROWS_AS(text_of(mail), Error);
}

TEST_CASE("a subject in any script is read back by another implementation") {
  Post post;
  Mail mail = mail_to("a@example.org");
  mail.subject =
      "Ihr Schlüssel wurde benutzt: „Vertrag über die Übernahme der Geschäftsanteile“ 署名";
  post.send(mail);
  const test::Answer read = test::run(
      "python3 -c 'import email, email.policy; print(email.message_from_binary_file(open(\"" +
      post.folder.file("1.eml") + "\", \"rb\"), policy=email.policy.default)[\"Subject\"])'");
  CHECK(read.output == mail.subject + "\n");
}

TEST_CASE("text that is no text is refused") {
  for (const char* bad : {"\xff", "a\rb", "a\x1b[2J", "a\x7f"})
    CHECK_THROWS_AS(text_of(mail_to("a@b.c", bad)), Error);
  CHECK_THROWS_AS(text_of(mail_to("a@b.c", std::string_view("a\0b", 3))), Error);
}

TEST_CASE("what a mail address may be") {
  for (const char* good : {"a@b", "alice.martin+tsp@mail.example.org", "o'neill@x-y.example"})
    CHECK(is_mail_address(good));
  for (const char* bad :
       {"",       "alice",  "@b",     "a@",      "a@@b",          "a@b@c", "a b@c",
        "a@b c",  "<a@b>",  "a@b>",   "a@-b",    "a@b-",          ".a@b",  "a.@b",
        "a..b@c", "a@b..c", "a@b.",   "\"a\"@b", "a@[127.0.0.1]", "-oQ@b", "a@b\r\nRCPT TO:<x@y>",
        "a\n@b",  "ä@b",    "a@ü.de", "a,b@c",   "a@b,c@d"})
    CHECK_FALSE(is_mail_address(bad));
  CHECK_FALSE(is_mail_address("a@" + std::string(64, 'b')));
  CHECK_FALSE(is_mail_address(std::string(65, 'a') + "@b"));
}

TEST_CASE("what a mail server's URL may be") {
  for (const char* good : {"smtp://localhost", "smtps://mail.example.org:465", "smtp://[::1]:25",
                           "smtp://127.0.0.1:2525"})
    CHECK(is_mail_url(good));
  for (const char* bad : {"", "http://a", "smtp://", "smtp://a:0", "smtp://a:65536",
                          "smtp://a:", "smtp://u:p@a", "smtp://a/b", "smtp://a?b", "smtp://a b",
                          "smtp://[::1", "smtp://[x]", "smtp://a\r\n", "file:///etc/passwd"})
    CHECK_FALSE(is_mail_url(bad));
}

TEST_CASE("a server's refusal is told by its code, never by its words") {
  Post post;
  const std::string why = post.refusal(mail_to("refused@example.org", "The code is ABCDEF"));
  CHECK_THAT(why, ContainsSubstring("550 5.7.1"));
  CHECK(why.find("ABCDEF") == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(post.folder.file("1.eml")));
}

TEST_CASE("a full mailbox is not a delivery") {
  CHECK_THAT(Post().refusal(mail_to("full@example.org")), ContainsSubstring("452"));
}

TEST_CASE("a server that hangs or talks without end costs the time allowed and no more") {
  for (const char* name : {"hang-rcpt", "hang-data", "pour"}) {
    INFO(name);
    Post post;
    post.options.total = 700ms;
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(post.refusal(mail_to(std::string(name) + "@example.org")).empty());
    CHECK(std::chrono::steady_clock::now() - begin < 4s);
  }
}

TEST_CASE("a server that hangs after it took the mail has taken it") {
  Post post;
  const auto begin = std::chrono::steady_clock::now();
  post.send(mail_to("hang-quit@example.org"));
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CHECK(std::filesystem::exists(post.folder.file("1.eml")));
}

TEST_CASE("a server that closes in the middle has not taken the mail") {
  Post post;
  CHECK_FALSE(post.refusal(mail_to("drop-data@example.org", std::string(500000, 'x'))).empty());
}

TEST_CASE("where nobody listens nothing is delivered") {
  Post post;
  post.options.url = "smtp://127.0.0.1:1";
  CHECK_THAT(post.refusal(mail_to("a@example.org")), ContainsSubstring("nobody answers"));
}

TEST_CASE("a mail larger than the limit is not sent") {
  Post post;
  post.options.size = 1000;
  CHECK_THROWS_AS(post.send(mail_to("a@example.org", std::string(2000, 'x'))), Error);
}

TEST_CASE("a user name and a password are given where they are asked for") {
  {
    Post post({"--user", "tsp", "geheim"});
    post.options.user = "tsp";
    post.options.password = Secret::copy_of(as_bytes("geheim"));
    post.send(mail_to("a@example.org"));
    CHECK(std::filesystem::exists(post.folder.file("1.eml")));
  }
  Post post({"--user", "tsp", "geheim"});
  post.options.user = "tsp";
  post.options.password = Secret::copy_of(as_bytes("falsch"));
  const std::string why = post.refusal(mail_to("a@example.org"));
  CHECK_THAT(why, ContainsSubstring("user name and password"));
  CHECK(why.find("falsch") == std::string::npos);
}

TEST_CASE("smtps: the certificate must hold") {
  const test::Folder folder;
  const auto files = make_certificate(folder);
  for (const bool trusted : {false, true}) {
    Post post({"--tls", files[0], files[1]});
    post.options.url = "smtps://127.0.0.1:" + std::to_string(post.server.port());
    if (trusted) {
      post.options.ca_file = files[0];
      post.send(mail_to("a@example.org"));
      CHECK(std::filesystem::exists(post.folder.file("1.eml")));
    } else {
      CHECK_THAT(post.refusal(mail_to("a@example.org")), ContainsSubstring("does not hold"));
    }
  }
}

// 0.0.0.0 reaches this host, but is not one of its own addresses.
TEST_CASE("nothing is told another host before STARTTLS") {
  Post post;
  post.options.url = "smtp://0.0.0.0:" + std::to_string(post.server.port());
  CHECK_THAT(post.refusal(mail_to("a@example.org")), ContainsSubstring("STARTTLS"));
  CHECK(post.got("talk").find("MAIL") == std::string::npos);
}

TEST_CASE("STARTTLS: the certificate must hold") {
  const test::Folder folder;
  const auto files = make_certificate(folder);
  for (const bool trusted : {false, true}) {
    Post post({"--starttls", files[0], files[1]});
    post.options.url = "smtp://0.0.0.0:" + std::to_string(post.server.port());
    if (trusted) {
      post.options.ca_file = files[0];
      post.send(mail_to("a@example.org"));
      CHECK(std::filesystem::exists(post.folder.file("1.eml")));
    } else {
      CHECK_THAT(post.refusal(mail_to("a@example.org")), ContainsSubstring("does not hold"));
    }
  }
}

TEST_CASE("the environment's proxy is not asked for mail") {
  ::setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
  Post post;
  post.send(mail_to("a@example.org"));
  ::unsetenv("ALL_PROXY");
  CHECK(std::filesystem::exists(post.folder.file("1.eml")));
}
