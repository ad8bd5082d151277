// Notices and codes to signers, by a command and by mail.
#include "ops/notices.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "crypto/digest.h"
#include "ops/certificates.h"
#include "ops/channel.h"
#include "ops/factors.h"
#include "ops/send_code.h"
#include "ops/users.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/processes.h"
#include "support/python_server.h"
#include "support/template_home.h"

using namespace tsp;
using namespace std::chrono_literals;

namespace {

constexpr const char* kAddress = "bob@example.org";

struct NoticeTsp {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  std::unique_ptr<ops::Provider> provider;

  // A TSP whose settings are `settings`, and bob, who has an e-mail address.
  explicit NoticeTsp(const std::map<std::string, std::string>& settings = {}) {
    reopen(settings);
    store::UserRow bob;
    bob.name = "bob";
    bob.kind = "natural";
    bob.group = "default";
    bob.common_name = "Bob Weber";
    bob.email = kAddress;
    bob.state = "active";
    bob.created_at = clock.now();
    store::Transaction transaction(provider->database());
    store::insert_user(transaction, bob);
    transaction.commit();
  }

  void reopen(const std::map<std::string, std::string>& settings) {
    ops::Config config;
    for (const auto& [name, value] : settings) config.set(name, value, "test");
    provider = std::make_unique<ops::Provider>(
        home, config, ops::World{clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"});
  }

  // A command channel whose script is `script`; $OUT is a file of this test.
  void by_command(const std::string& script, mode_t mode = 0700) {
    const std::string path =
        folder.put("tell", "#!/bin/sh\nOUT=" + folder.file("out") + "\n" + script + "\n");
    ::chmod(path.c_str(), mode);
    reopen({{"notices.channel", "command"}, {"notices.command", path}});
  }

  void queue(const std::string& user = "bob", const std::string& body = "Geheimes\n") {
    store::Transaction transaction(provider->database());
    ops::queue_notice(*provider, transaction, user, "Your key was used", body);
    transaction.commit();
  }

  std::int64_t waiting() { return store::waiting_notices(provider->database()); }
  ops::Flushed flush() { return ops::flush_notices(*provider, 5, 3s); }
  std::string out() const { return std::string(as_text(folder.get("out"))); }

  std::vector<audit::Record> records(const std::string& event) {
    std::vector<audit::Record> found;
    audit::each(provider->database(), 0, [&](const audit::Record& record) {
      if (record.event.event == event) found.push_back(record);
      return true;
    });
    return found;
  }

  Fault fault_of_delivery(const std::string& address = kAddress) {
    try {
      ops::deliver(*provider, address, "Subject", "text\n", 500ms);
    } catch (const Error& error) {
      return error.fault;
    }
    return Fault::failed;
  }

  // A code for bob's two documents, asked for as the signature activation module does.
  sam::Asked asked() {
    sam::Manifest manifest;
    for (const char* name : {"contract.pdf", "annex.pdf"})
      manifest.entries.push_back({name,
                                  crypto::sha256(as_bytes(name)),
                                  crypto::sha256(as_bytes("content")),
                                  {0x31, 0x00}});
    sam::Asked asked;
    asked.request.id = Bytes(16, 7);
    asked.request.provider = "Example";
    asked.request.signer = "bob";
    asked.request.credential = "k1";
    asked.request.count = 2;
    asked.request.expires_at = clock.now() + 5min;
    asked.manifest = sam::encode(manifest);
    asked.sent_code = Secret::copy_of(as_bytes("K7PQ2Z"));
    return asked;
  }

  void add_oob(const std::string& address = kAddress) {
    ops::AddFactor factor;
    factor.user = "bob";
    factor.type = sam::Factor::oob;
    factor.address = address;
    ops::add_factor(*provider, factor);
  }

  Error refusal_of_code(const sam::Asked& asked) {
    try {
      ops::send_code(*provider, asked);
    } catch (const Error& error) {
      return error;
    }
    FAIL("nothing was thrown");
    return {Fault::failed, ""};
  }
};

}  // namespace

TEST_CASE_METHOD(NoticeTsp, "without a channel nothing is queued") {
  queue();
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(NoticeTsp, "a signer without an e-mail address is told nothing") {
  by_command("exit 0");
  queue("alice");
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(NoticeTsp, "a notice goes to the command, and on record without its text") {
  by_command("{ echo \"$#|$1|$2\"; cat; env; pwd; } > $OUT");
  ::setenv("TSP_TEST_VARIABLE", "leaked", 1);
  queue();
  const auto flushed = flush();
  ::unsetenv("TSP_TEST_VARIABLE");
  CHECK(flushed.sent == 1);
  CHECK(waiting() == 0);
  CHECK(out().starts_with("2|bob@example.org|Your key was used\nGeheimes\n"));
  CHECK(out().find("leaked") == std::string::npos);
  CHECK(out().find("HOME") == std::string::npos);
  CHECK(out().ends_with("\n/\n"));
  const auto sent = records("notice.sent");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].event.subject == "bob");
  const std::string details = dump(sent[0].event.details);
  CHECK(details.find("Geheimes") == std::string::npos);
  CHECK(details.find(kAddress) == std::string::npos);
}

TEST_CASE_METHOD(NoticeTsp, "the command has none of our descriptors") {
  const int fd = ::open(home.database().c_str(), O_RDONLY);  // without O_CLOEXEC
  by_command("ls /proc/self/fd | wc -l > $OUT");             // 0, 1, 2 and what ls opens
  queue();
  flush();
  ::close(fd);
  CHECK(out() == "4\n");
}

TEST_CASE_METHOD(NoticeTsp, "what cannot be delivered waits longer each time") {
  by_command("exit 1");
  queue();
  const Time begin = clock.now();
  std::vector<std::int64_t> minutes;
  while (waiting() > 0) {
    const auto flushed = flush();
    if (flushed.postponed + flushed.given_up > 0) minutes.push_back((clock.now() - begin) / 1min);
    CHECK(flush().postponed == 0);  // not due again yet
    clock.advance(1min);
    REQUIRE(clock.now() - begin < 10 * 24h);
    if (minutes.size() > 4) clock.advance(59min);
  }
  REQUIRE(minutes.size() > 5);
  CHECK(std::vector<std::int64_t>(minutes.begin(), minutes.begin() + 5) ==
        std::vector<std::int64_t>{0, 1, 6, 36, 156});
  CHECK(minutes.back() >= 7 * 24 * 60);
  CHECK(minutes.back() <= 8 * 24 * 60);
  const auto failed = records("notice.failed");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].event.details["tries"] == minutes.size());
  CHECK(failed[0].event.details["reason"] == "busy");
  CHECK(dump(failed[0].event.details).find("Geheimes") == std::string::npos);
}

TEST_CASE_METHOD(NoticeTsp, "a command that hangs is killed with its children, and in time") {
  by_command("sleep 60 & echo $! > $OUT; sleep 60");
  queue();
  const auto begin = std::chrono::steady_clock::now();
  const auto flushed = ops::flush_notices(*provider, 5, 500ms);
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CHECK(flushed.postponed == 1);
  std::string child = out();
  child.pop_back();
  CHECK(test::is_gone_soon(child));
}

TEST_CASE_METHOD(NoticeTsp, "a command that does not read its input has it all the same") {
  by_command("exit 0");
  queue("bob", std::string(500000, 'x') + "\n");
  CHECK(flush().sent == 1);
}

TEST_CASE_METHOD(NoticeTsp, "a command that others may write is not run") {
  by_command("touch $OUT", 0702);
  CHECK(fault_of_delivery() == Fault::policy_refused);
  by_command("touch $OUT", 0720);
  CHECK(fault_of_delivery() == Fault::policy_refused);
  by_command("touch $OUT");
  ::chmod(folder.file("").c_str(), 0777);
  CHECK(fault_of_delivery() == Fault::policy_refused);
  ::chmod(folder.file("").c_str(), 0700);
  CHECK_FALSE(std::filesystem::exists(folder.file("out")));
}

TEST_CASE_METHOD(NoticeTsp, "a command that is absent, no program, or fails is tried later") {
  reopen({{"notices.channel", "command"}, {"notices.command", folder.file("absent")}});
  CHECK(fault_of_delivery() == Fault::busy);
  reopen({{"notices.channel", "command"}, {"notices.command", "/"}});
  CHECK(fault_of_delivery() == Fault::busy);
  by_command("exit 0", 0600);
  CHECK(fault_of_delivery() == Fault::busy);
  by_command("kill -9 $$");
  CHECK(fault_of_delivery() == Fault::busy);
}

TEST_CASE_METHOD(NoticeTsp, "an address is never an option of the command") {
  by_command("exit 0");
  for (const char* bad : {"", "-oQ/tmp", "a\nb", "\xff"})
    CHECK(fault_of_delivery(bad) == Fault::bad_input);
}

TEST_CASE_METHOD(NoticeTsp, "two processes never take the same notice") {
  by_command("echo x >> $OUT; sleep 1");
  queue();
  std::thread other([this] {
    ops::Provider second(home, provider->config(), provider->world());
    ops::flush_notices(second, 5, 3s);
  });
  flush();
  other.join();
  CHECK(out() == "x\n");
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(NoticeTsp, "a channel that is not configured whole refuses") {
  reopen({{"notices.channel", "mail"}});
  CHECK(fault_of_delivery() == Fault::policy_refused);
  reopen({{"notices.channel", "command"}});
  CHECK(fault_of_delivery() == Fault::policy_refused);
  reopen({});
  CHECK(fault_of_delivery() == Fault::policy_refused);
}

TEST_CASE("settings of the channel that cannot be are refused") {
  ops::Config config;
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"notices.channel", "pigeon"},
                                                        {"notices.command", "tell"},
                                                        {"notices.mail.url", "http://a"},
                                                        {"notices.mail.url", "smtp://user:word@a"},
                                                        {"notices.mail.from", "TSP <a@b>"},
                                                        {"notices.mail.password_file", "word"},
                                                        {"notices.timeout", "1h"}})
    CHECK_THROWS_AS(config.set(name, value, "test"), Error);
}

TEST_CASE_METHOD(NoticeTsp,
                 "mail: delivered with user name and password, tried later when it is down") {
  const auto settings = [this](int port) {
    return std::map<std::string, std::string>{
        {"notices.channel", "mail"},
        {"notices.mail.url", "smtp://127.0.0.1:" + std::to_string(port)},
        {"notices.mail.from", "tsp@example.org"},
        {"notices.mail.user", "tsp"},
        {"notices.mail.password_file", folder.file("word")}};
  };
  ::chmod(folder.put("word", "geheim\nnot this\n").c_str(), 0600);
  reopen(settings(1));
  queue();
  CHECK(flush().postponed == 1);
  clock.advance(2min);
  const test::PythonServer server("tests/support/smtp_server.py",
                                  {folder.file(""), "--user", "tsp", "geheim"});
  reopen(settings(server.port()));
  CHECK(flush().sent == 1);
  CHECK_THAT(std::string(as_text(folder.get("1.eml"))), ContainsSubstring("Geheimes"));
  ::chmod(folder.file("word").c_str(), 0640);
  CHECK(fault_of_delivery() == Fault::policy_refused);
}

TEST_CASE_METHOD(NoticeTsp, "an address that mail cannot have is given up at once, on record") {
  by_command("exit 0");
  store::Transaction transaction(provider->database());
  store::insert_notice(transaction,
                       {0, "bob", "nobody", "Subject", "text", clock.now(), 0, clock.now()});
  transaction.commit();
  reopen({{"notices.channel", "mail"},
          {"notices.mail.url", "smtp://127.0.0.1:1"},
          {"notices.mail.from", "a@b.c"}});
  CHECK(flush().given_up == 1);
  CHECK(records("notice.failed").size() == 1);
}

TEST_CASE_METHOD(NoticeTsp, "a use of a key names the first hundred documents and counts all") {
  by_command("cat > $OUT; echo \"$2\" >> $OUT");
  sam::KeyUse use{"bob", "k1", {}};
  for (int i = 1; i <= 1000; ++i)
    use.signed_documents.entries.push_back(
        {"document-" + std::to_string(i) + ".pdf", Bytes(32, 1), Bytes(32, 2), {0x31, 0}});
  store::Transaction transaction(provider->database());
  ops::tell_of_use(*provider, transaction, use);
  transaction.commit();
  CHECK(flush().sent == 1);
  CHECK_THAT(out(), ContainsSubstring("1000 documents\n  1. document-1.pdf\n"));
  CHECK_THAT(out(), ContainsSubstring("100. document-100.pdf"));
  CHECK(out().find("document-101.pdf") == std::string::npos);
  CHECK_THAT(out(), ContainsSubstring("and 900 more"));
  CHECK_THAT(out(), ContainsSubstring("Your key signed 1000 documents"));
}

TEST_CASE_METHOD(NoticeTsp,
                 "a code is sent with the documents it is good for, and is in no record") {
  by_command("{ echo \"$2\"; cat; } > $OUT");
  add_oob();
  ops::send_code(*provider, asked());
  CHECK_THAT(out(), ContainsSubstring("K7PQ2Z"));
  CHECK(out().substr(0, out().find('\n')).find("K7PQ2Z") == std::string::npos);
  CHECK_THAT(out(), ContainsSubstring("2 documents\n  1. contract.pdf\n     SHA-256 "));
  CHECK_THAT(out(), ContainsSubstring("  2. annex.pdf"));
  const auto sent = records("code.sent");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].event.outcome == audit::Outcome::done);
  CHECK(sent[0].event.subject == "bob");
  CHECK(dump(sent[0].event.details).find("K7PQ2Z") == std::string::npos);
}

TEST_CASE_METHOD(NoticeTsp,
                 "a code that cannot be sent: busy, nothing signed, on record, the request void") {
  add_oob();
  by_command("exit 1");
  const sam::Asked request = asked();
  {
    store::Transaction transaction(provider->database());
    store::insert_request(
        transaction,
        {request.request.id, "bob", "k1", {1}, {}, {}, {}, {}, request.request.expires_at});
    transaction.commit();
  }
  const Error error = refusal_of_code(request);
  CHECK(error.fault == Fault::busy);
  CHECK_THAT(error.next, ContainsSubstring("nothing was signed"));
  CHECK(error.message.find("K7PQ2Z") == std::string::npos);
  CHECK(error.audit_seq);
  const auto refused = records("code.sent");
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].event.outcome == audit::Outcome::refused);
  CHECK(refused[0].event.details["reason"] == "not-delivered");
  CHECK_FALSE(store::find_request(provider->database(), request.request.id));
}

TEST_CASE_METHOD(NoticeTsp, "no code without a channel or an address") {
  CHECK(refusal_of_code(asked()).fault == Fault::policy_refused);
  add_oob();
  CHECK(refusal_of_code(asked()).fault == Fault::policy_refused);
  sam::Asked none = asked();
  none.sent_code.reset();
  ops::send_code(*provider, none);
}

TEST_CASE_METHOD(NoticeTsp, "one of two addresses that takes the code is enough") {
  by_command("case $1 in 1@*) exit 1;; esac; echo $1 >> $OUT");
  add_oob("1@example.org");
  add_oob("2@example.org");
  ops::send_code(*provider, asked());
  CHECK(out() == "2@example.org\n");
}
