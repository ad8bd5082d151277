#include "pdf/drawing/module.h"

#include <podofo/podofo.h>

#include <algorithm>
#include <cmath>

#include "pdf/drawing/layout.h"
#include "pdf/drawing/picture.h"

namespace tsp::pdf::drawing {
namespace {

constexpr double kPixelsPerPoint = 300.0 / 72;  // pictures keep at least 300 dots an inch
constexpr double kFrameWidth = 0.5;             // points
constexpr double kFrameGrey = 0.72, kFirstGrey = 0.08, kTextGrey = 0.25;

struct BadFont : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// PoDoFo writes its errors to stderr unless told not to.
void be_quiet() {
  PoDoFo::PdfError::EnableLogging(false);
  PoDoFo::PdfError::EnableDebug(false);
}

// Letters and cmap go by glyph number (Identity-H), with a ToUnicode map so that the text can be
// extracted. The document owns its fonts, which point to the encoding: so it goes first.
struct Paper {
  PoDoFo::PdfIdentityEncoding encoding{0, 0xffff, /*bAutoDelete=*/false};
  PoDoFo::PdfMemDocument document;
};

PoDoFo::PdfFont& open_font(Paper& paper, const std::string& file) {
  try {
    PoDoFo::PdfFont* font =
        paper.document.CreateFontSubset("tsp", false, false, false, &paper.encoding, file.c_str());
    if (font == nullptr || font->GetFontMetrics() == nullptr) throw BadFont("it is not a font");
    if (font->GetFontMetrics()->GetFontType() != PoDoFo::ePdfFontType_TrueType)
      throw BadFont("it is not a TrueType font");
    return *font;
  } catch (const PoDoFo::PdfError& error) {
    throw BadFont(PoDoFo::PdfError::ErrorMessage(error.GetError()));
  }
}

FontShape shape_of(PoDoFo::PdfFont& font) {
  font.SetFontSize(1);
  const PoDoFo::PdfFontMetrics* metrics = font.GetFontMetrics();
  return {[metrics](char32_t letter) {
            return metrics->UnicodeCharWidth(static_cast<unsigned short>(letter));
          },
          metrics->GetAscent(), std::abs(metrics->GetDescent())};
}

PoDoFo::PdfString string_of(const std::u32string& text) {
  std::vector<PoDoFo::pdf_utf16be> units;  // most significant octet first, whatever the machine
  for (const char32_t letter : text) {
    const auto unit = static_cast<std::uint16_t>(letter);
    const std::uint8_t octets[2] = {static_cast<std::uint8_t>(unit >> 8),
                                    static_cast<std::uint8_t>(unit & 0xff)};
    std::copy_n(octets, 2, reinterpret_cast<std::uint8_t*>(&units.emplace_back()));
  }
  return {units.data(), static_cast<PoDoFo::pdf_long>(units.size())};
}

void set_pixels(PoDoFo::PdfImage& image, const Picture& picture, const Bytes& samples, bool grey) {
  image.SetImageColorSpace(grey ? PoDoFo::ePdfColorSpace_DeviceGray
                                : PoDoFo::ePdfColorSpace_DeviceRGB);
  PoDoFo::PdfMemoryInputStream stream(reinterpret_cast<const char*>(samples.data()),
                                      static_cast<PoDoFo::pdf_long>(samples.size()));
  image.SetImageData(picture.width, picture.height, 8, &stream);
}

void draw_picture(PoDoFo::PdfMemDocument& document, PoDoFo::PdfPainter& painter, ByteView png,
                  const Box& place) {
  const Picture picture =
      decode_picture(png, place.width * kPixelsPerPoint, place.height * kPixelsPerPoint);
  PoDoFo::PdfImage image(&document);
  set_pixels(image, picture, picture.colour, picture.grey);
  if (!picture.alpha.empty()) {
    PoDoFo::PdfImage mask(&document);
    set_pixels(mask, picture, picture.alpha, true);
    image.SetImageSoftmask(&mask);
  }
  painter.DrawImage(place.x, place.y, &image, place.width / picture.width,
                    place.height / picture.height);
}

void draw_lines(PoDoFo::PdfPainter& painter, PoDoFo::PdfFont& font,
                const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    painter.SetGray(line.first ? kFirstGrey : kTextGrey);
    font.SetFontSize(static_cast<float>(line.size));
    painter.SetFont(&font);
    painter.DrawText(line.x, line.baseline, string_of(line.text));
  }
}

void draw_frame(PoDoFo::PdfPainter& painter, double width, double height) {
  painter.SetStrokingGray(kFrameGrey);
  painter.SetStrokeWidth(kFrameWidth);
  painter.Rectangle(kFrameWidth / 2, kFrameWidth / 2, width - kFrameWidth, height - kFrameWidth);
  painter.Stroke();
}

// A box of the same shape in which the text fits at the least size.
void name_larger_box(const Drawing& drawing, double aspect, const FontShape& font, Answer& answer) {
  double scale = 1;
  while ((scale *= 1.05) < 1000) {
    const double width = std::ceil(drawing.width * scale);
    const double height = std::ceil(drawing.height * scale);
    if (!lay_out(drawing.lines, divide(width, height, aspect, true).text, font)) continue;
    answer.outcome = Outcome::too_long;
    answer.width = width;
    answer.height = height;
    return;
  }
  throw std::runtime_error("no box is large enough for the text");
}

void write(PoDoFo::PdfMemDocument& document, Answer& answer) {
  PoDoFo::PdfRefCountedBuffer buffer;
  PoDoFo::PdfOutputDevice device(&buffer);
  document.SetPdfVersion(PoDoFo::ePdfVersion_1_4);  // soft masks
  document.Write(&device);
  const char* begin = buffer.GetBuffer();
  answer.pdf.assign(begin, begin + buffer.GetSize());
  answer.outcome = Outcome::done;
}

void draw(const Drawing& drawing, Answer& answer) {
  double aspect = 0;
  if (!drawing.png.empty()) {
    const Picture size = picture_size(drawing.png);
    aspect = static_cast<double>(size.width) / size.height;
  }
  const bool has_text = !drawing.lines.empty();
  const Areas areas = divide(drawing.width, drawing.height, aspect, has_text);
  Paper paper;
  PoDoFo::PdfFont* font = nullptr;
  std::vector<Line> lines;
  if (has_text) {
    font = &open_font(paper, drawing.font_file);
    const FontShape shape = shape_of(*font);
    auto fitted = lay_out(drawing.lines, areas.text, shape);
    if (!fitted) return name_larger_box(drawing, aspect, shape, answer);
    lines = std::move(*fitted);
  }
  PoDoFo::PdfPage* page =
      paper.document.CreatePage(PoDoFo::PdfRect(0, 0, drawing.width, drawing.height));
  PoDoFo::PdfPainter painter;
  painter.SetPage(page);
  try {
    if (has_text) draw_frame(painter, drawing.width, drawing.height);
    if (aspect > 0)
      draw_picture(paper.document, painter, drawing.png, fit_picture(areas.picture, aspect));
    if (has_text) draw_lines(painter, *font, lines);
    painter.FinishPage();
  } catch (...) {
    painter.FinishPage();  // a painter destroyed with an open page complains on stderr
    throw;
  }
  write(paper.document, answer);
}

void find_missing(const std::string& font_file, const std::u32string& text, Answer& answer) {
  Paper paper;
  const PoDoFo::PdfFontMetrics* metrics = open_font(paper, font_file).GetFontMetrics();
  for (const char32_t letter : text) {
    if (answer.missing.find(letter) != std::u32string::npos) continue;
    // PoDoFo's strings go by UTF-16 units, one glyph each.
    if (letter > 0xffff || metrics->GetGlyphId(static_cast<long>(letter)) == 0)
      answer.missing += letter;
  }
  answer.outcome = Outcome::done;
}

template <class Work>
void guarded(Answer& answer, const Work& work) {
  const auto tell = [&answer](Outcome outcome, const char* why) {
    answer.outcome = outcome;
    answer.why = why == nullptr ? "unknown" : why;
  };
  try {
    be_quiet();
    work();
  } catch (const BadPicture& error) {
    tell(Outcome::bad_picture, error.what());
  } catch (const BadFont& error) {
    tell(Outcome::bad_font, error.what());
  } catch (const PoDoFo::PdfError& error) {
    tell(Outcome::failed, PoDoFo::PdfError::ErrorMessage(error.GetError()));
  } catch (const std::exception& error) {
    tell(Outcome::failed, error.what());
  } catch (...) {
    tell(Outcome::failed, nullptr);
  }
}

}  // namespace
}  // namespace tsp::pdf::drawing

extern "C" {

__attribute__((visibility("default"))) void tsp_draw(const tsp::pdf::drawing::Drawing& drawing,
                                                     tsp::pdf::drawing::Answer& answer) {
  tsp::pdf::drawing::guarded(answer, [&] { tsp::pdf::drawing::draw(drawing, answer); });
}

__attribute__((visibility("default"))) void tsp_draw_missing(const std::string& font_file,
                                                             const std::u32string& text,
                                                             tsp::pdf::drawing::Answer& answer) {
  tsp::pdf::drawing::guarded(answer,
                             [&] { tsp::pdf::drawing::find_missing(font_file, text, answer); });
}
}
