#include "qr.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <qrencode.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/files.h"

namespace tsp::app {
namespace {

constexpr const char* kLibrary = "libqrencode.so.4";

// Loaded for the commands that show a secret, and by no other.
struct Library {
  decltype(&QRcode_encodeData) encode = nullptr;
  decltype(&QRcode_free) free = nullptr;
};

Library load_library() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  Library out;
  if (library != nullptr) {
    out.encode = reinterpret_cast<decltype(out.encode)>(::dlsym(library, "QRcode_encodeData"));
    out.free = reinterpret_cast<decltype(out.free)>(::dlsym(library, "QRcode_free"));
  }
  if (out.encode == nullptr || out.free == nullptr)
    throw Error(Fault::failed, "cannot make a QR code", std::string("cannot load ") + kLibrary,
                "install the package libqrencode4");
  return out;
}

const Library& qr_library() {
  static const Library library = load_library();
  return library;
}

using QrPtr = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

// Dark modules are drawn as background so that the code reads on dark and light terminals alike:
// the quiet zone and light modules are painted white explicitly.
Secret draw(const QRcode& code, bool unicode) {
  constexpr int kQuiet = 2;
  const int width = code.width;
  const auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < width && (code.data[y * width + x] & 1) != 0;
  };
  Bytes out;
  out.reserve(static_cast<std::size_t>((width + 4) * (width + 4)) * 12);
  const auto put = [&](std::string_view text) { append(out, as_bytes(text)); };
  for (int y = -kQuiet; y < width + kQuiet; y += unicode ? 2 : 1) {
    put("\033[97;40m");
    for (int x = -kQuiet; x < width + kQuiet; ++x) {
      const bool top = !dark(x, y);
      if (!unicode) {
        put(top ? "\033[107m  \033[40m" : "  ");
        continue;
      }
      const bool bottom = !dark(x, y + 1) && y + 1 < width + kQuiet;
      put(top && bottom ? "█" : top ? "▀" : bottom ? "▄" : " ");
    }
    put("\033[0m\n");
  }
  return Secret(std::move(out));
}

}  // namespace

void expect_qr_codes() {
  (void)qr_library();
}

void show_on_terminal(const Secret& uri, bool unicode) {
  const Fd terminal(::open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!terminal) throw_errno(errno, "cannot open the terminal");
  const std::string_view text = uri.text();
  const Library& library = qr_library();
  const QrPtr code(
      library.encode(static_cast<int>(text.size()), uri.view().data(), 0, QR_ECLEVEL_L),
      library.free);
  if (!code) throw_errno(errno, "cannot make a QR code");
  write_all(terminal.get(), as_bytes("Scan this with an authenticator app; it is shown once:\n"),
            "the terminal");
  write_all(terminal.get(), draw(*code, unicode).view(), "the terminal");
  write_all(terminal.get(), uri.view(), "the terminal");
  write_all(terminal.get(), as_bytes("\n"), "the terminal");
}

void show_line_on_terminal(std::string_view label, const Secret& secret) {
  const Fd terminal(::open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!terminal) throw_errno(errno, "cannot open the terminal");
  write_all(terminal.get(), as_bytes(label), "the terminal");
  write_all(terminal.get(), secret.view(), "the terminal");
  write_all(terminal.get(), as_bytes("\n"), "the terminal");
}

}  // namespace tsp::app
