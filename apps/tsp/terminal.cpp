#include "terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "base/error.h"
#include "base/files.h"
#include "base/release.h"
#include "base/text.h"

namespace tsp::app {
namespace {

volatile sig_atomic_t interrupted = 0;

void on_signal(int) {
  if (interrupted != 0) _exit(130);
  interrupted = 1;
}

// Turns the terminal's echo off for as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) throw_errno(errno, "cannot prepare the terminal");
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  ~NoEcho() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  int fd_;
  termios before_{};
};

Bytes read_line(int fd) {
  Bytes line;
  line.reserve(1024);
  std::uint8_t octet = 0;
  while (line.size() < 1024) {
    const ssize_t got = ::read(fd, &octet, 1);
    if (got < 0 && errno == EINTR) {
      throw_if_interrupted();
      continue;
    }
    if (got <= 0) {
      if (line.empty())
        throw Error(Fault::input_needed, "nothing was typed", "the terminal is closed");
      break;
    }
    if (octet == '\n' || octet == '\r') break;
    line.push_back(octet);
  }
  return line;
}

constexpr const char* kOutputFailed = "cannot write to standard output";

void put(std::FILE* stream, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stream));
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  // Inherited as ignored, it would keep from us how a child ended.
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &usual, nullptr);
}

bool was_interrupted() {
  return interrupted != 0;
}

void throw_if_interrupted() {
  if (was_interrupted())
    throw Error(Fault::interrupted, "interrupted", "", "what was finished before stays done");
}

void Terminal::set_color(Color color) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  const bool refused = (no_color != nullptr && *no_color != '\0') || dumb;
  colored_ = color == Color::always ||
             (color == Color::automatic && !refused && ::isatty(STDOUT_FILENO) == 1);
}

void Terminal::put_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return;
  output_failed_ = true;
  throw_errno(errno, kOutputFailed);
}

void Terminal::out(std::string_view line) {
  put_out(line);
  put_out("\n");
}

void Terminal::out_raw(ByteView bytes) {
  put_out(as_text(bytes));
}

void Terminal::out_json(Json value) {
  if (dry_run && !value.contains("error")) value["dry_run"] = true;
  out(dump(value));
}

void Terminal::note(std::string_view line) {
  if (quiet) return;
  end_progress();
  put(stderr, line);
  put(stderr, "\n");
}

void Terminal::detail(std::string_view line) {
  if (verbose) note(line);
}

void Terminal::error(std::string_view line) {
  put(stderr, line);
  put(stderr, "\n");
}

void Terminal::finish() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  output_failed_ = true;
  throw_errno(errno != 0 ? errno : EIO, kOutputFailed);
}

void Terminal::was_done(std::optional<std::int64_t> audit_seq) {
  done_ = true;
  if (audit_seq) audit_seq_ = audit_seq;
}

Error Terminal::told_after_doing(const Error& error) const {
  if (!done_ || error.failed != kOutputFailed) return error;
  if (!audit_seq_)
    return {error.fault, error.failed, error.why,
            "what was asked for was done nevertheless; only the answer is lost"};
  return {error.fault, error.failed, error.why,
          fmt::format("what was asked for was done nevertheless and is on record (audit record {}: "
                      "tsp audit show); only the answer is lost",
                      *audit_seq_),
          static_cast<std::uint64_t>(*audit_seq_)};
}

bool Terminal::output_is_terminal() const {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool Terminal::can_ask() const {
  if (no_input) return false;
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  return static_cast<bool>(terminal);
}

Secret Terminal::ask_secret(const std::string& prompt, const std::string& option) {
  const Fd terminal(no_input ? -1 : ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal)
    throw Error(Fault::input_needed, prompt + " is needed", "nobody can be asked here",
                "give it with " + option);
  end_progress();
  const NoEcho quiet_typing(terminal.get());
  write_all(terminal.get(), as_bytes(prompt + ": "), "the terminal");
  Secret typed(read_line(terminal.get()));
  write_all(terminal.get(), as_bytes("\n"), "the terminal");
  return typed;
}

bool Terminal::confirm(const std::string& question) {
  if (yes) return true;
  const Fd terminal(no_input ? -1 : ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal)
    throw Error(Fault::input_needed, question, "nobody can be asked here", "confirm with --yes");
  write_all(terminal.get(), as_bytes(question + " [y/N] "), "the terminal");
  const Bytes answer = read_line(terminal.get());
  return as_text(answer) == "y" || as_text(answer) == "yes";
}

std::string Terminal::paint(std::string_view code, std::string_view text) const {
  return colored_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}
std::string Terminal::bold(std::string_view text) const {
  return paint("1", text);
}
std::string Terminal::good(std::string_view text) const {
  return paint("32", text);
}
std::string Terminal::bad(std::string_view text) const {
  return paint("1;31", text);
}
std::string Terminal::warn(std::string_view text) const {
  return paint("33", text);
}

bool Terminal::unicode() const {
  // Few commands ask, and the others need not wait for its files.
  const std::unique_ptr<std::remove_pointer_t<locale_t>, Release<&::freelocale>> here(
      ::newlocale(LC_CTYPE_MASK, "", nullptr));
  return here && std::string_view(::nl_langinfo_l(CODESET, here.get())) == "UTF-8";
}

void Terminal::progress(std::size_t done, std::size_t of, std::string_view what) {
  if (quiet || json || of < 2 || ::isatty(STDERR_FILENO) != 1) return;
  if (std::chrono::steady_clock::now() - started_ < std::chrono::seconds(1)) return;
  constexpr std::size_t kWidth = 30;
  const std::size_t filled = done * kWidth / of;
  put(stderr, fmt::format("\r[{}{}] {}/{} {}\033[K", std::string(filled, '#'),
                          std::string(kWidth - filled, ' '), done, of, what));
  std::fflush(stderr);
  progress_shown_ = true;
}

void Terminal::end_progress() {
  if (!progress_shown_) return;
  put(stderr, "\r\033[K");
  std::fflush(stderr);
  progress_shown_ = false;
}

}  // namespace tsp::app
