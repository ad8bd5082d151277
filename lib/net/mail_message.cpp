#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "net/mail.h"

namespace tsp::net {
namespace {

constexpr std::size_t kLongestAddress = 254, kLongestLocal = 64, kLongestLabel = 63;
constexpr std::size_t kLongestSubject = 500, kPlainSubject = 60;
constexpr std::size_t kEncodedWord = 45;  // octets before base64: 75 characters at most (RFC 2047)
constexpr std::size_t kLine = 75;         // of quoted-printable, without its soft break
constexpr std::string_view kCrlf = "\r\n";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Calls `good` for each part between the separators; false where one is empty.
template <class Good>
bool all_parts(std::string_view text, char separator, Good good) {
  for (;;) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    if (part.empty() || !good(part)) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_atom(std::string_view text) {
  constexpr std::string_view kAlso = "!#$%&'*+-/=?^_`{|}~";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || kAlso.find(c) != std::string_view::npos;
  });
}

bool is_label(std::string_view text) {
  return text.size() <= kLongestLabel && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Fault::bad_input, "the mail cannot be sent", why);
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// RFC 2047: words of base64, each with whole characters, folded onto lines of their own.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min(text.size(), kEncodedWord);
    while (size < text.size() && (static_cast<std::uint8_t>(text[size]) & 0xc0) == 0x80) --size;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(as_bytes(text.substr(0, size))) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string subject_line(const std::string& subject) {
  if (!is_utf8(subject) || printable(subject) != subject)
    refuse("its subject holds control characters or is not UTF-8");
  if (subject.size() > kLongestSubject) refuse("its subject is too long");
  const bool plain = is_plain(subject) && subject.size() <= kPlainSubject &&
                     subject.find("=?") == std::string::npos;
  return "Subject: " + (plain ? subject : encoded_words(subject));
}

// RFC 5322 section 3.3: "Sat, 21 Nov 2026 09:30:00 +0000".
std::string date_line(Time date) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(date);
  const std::chrono::year_month_day ymd(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(date - day));
  return fmt::format("Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(ymd.day()),
                     kMonths[static_cast<unsigned>(ymd.month()) - 1], static_cast<int>(ymd.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

// One line of quoted-printable (RFC 2045 section 6.7). A dot at the beginning is encoded too, and
// so is a space at the end: no relay can take them for something else.
void append_line(Bytes& out, std::string_view line) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::size_t width = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto octet = static_cast<std::uint8_t>(line[at]);
    const bool space = octet == ' ' || octet == '\t';
    const bool plain =
        space ? at + 1 < line.size()
              : octet > 0x20 && octet < 0x7f && octet != '=' && !(octet == '.' && width == 0);
    const std::size_t needed = plain ? 1 : 3;
    if (width + needed > kLine) {
      append(out, as_bytes("=\r\n"));
      width = 0;
    }
    if (plain && !(octet == '.' && width == 0)) {
      out.push_back(octet);
      width += 1;
    } else {
      out.push_back('=');
      out.push_back(static_cast<std::uint8_t>(kHex[octet >> 4]));
      out.push_back(static_cast<std::uint8_t>(kHex[octet & 15]));
      width += 3;
    }
  }
  append(out, as_bytes(kCrlf));
}

void check_text(std::string_view text) {
  if (!is_utf8(text)) refuse("its text is not UTF-8");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet = static_cast<std::uint8_t>(text[at]);
    const bool line_break =
        octet == '\n' || (octet == '\r' && at + 1 < text.size() && text[at + 1] == '\n');
    if ((octet < 0x20 && octet != '\t' && !line_break) || octet == 0x7f)
      refuse("its text holds control characters");
  }
}

}  // namespace

bool is_mail_address(std::string_view text) {
  if (text.size() > kLongestAddress || text.starts_with('-')) return false;
  const auto at = text.find('@');
  return at <= kLongestLocal && all_parts(text.substr(0, at), '.', &is_atom) &&
         all_parts(text.substr(at + 1), '.', &is_label);
}

Secret message_of(const Mail& mail, Time date, const std::string& id) {
  if (!is_mail_address(mail.from)) refuse("its sender " + printable(mail.from) + " is no address");
  if (!is_mail_address(mail.to)) refuse("its addressee " + printable(mail.to) + " is no address");
  check_text(mail.text);
  const std::string head = fmt::format(
      "{}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}@{}>\r\n{}\r\nAuto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
      date_line(date), mail.from, mail.to, id, mail.from.substr(mail.from.find('@') + 1),
      subject_line(mail.subject));
  Bytes out;
  // Never moved while it grows: the text may be a secret. At worst an octet becomes three, and
  // three more for each line of 25.
  out.reserve(head.size() + 4 * mail.text.size() + 16);
  append(out, as_bytes(head));
  std::string_view rest = mail.text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    append_line(out, line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return Secret(std::move(out));
}

}  // namespace tsp::net
