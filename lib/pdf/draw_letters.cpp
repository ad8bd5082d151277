#include "pdf/draw_letters.h"

#include <algorithm>
#include <iterator>

namespace tsp::pdf {
namespace {

struct Range {
  char32_t first, last;
};

// In order. What is missing between them is left out on purpose.
constexpr Range kAlone[] = {
    {0x0020, 0x007e},  // ASCII
    {0x00a0, 0x00ac},  // Latin-1 up to the soft hyphen
    {0x00ae, 0x02ff},  // Latin-1, Extended-A and -B, IPA, modifier letters
    {0x0370, 0x0482},  // Greek and Coptic, Cyrillic up to its combining marks
    {0x048a, 0x058f},  // Cyrillic and its supplement, Armenian
    {0x10a0, 0x10ff},  // Georgian
    {0x1d00, 0x1dbf},  // phonetic extensions
    {0x1e00, 0x1fff},  // Latin Extended Additional, Greek Extended
    {0x2000, 0x200a},  // spaces
    {0x2010, 0x2027},  // dashes, quotation marks, bullets
    {0x202f, 0x205f},  // more punctuation
    {0x2070, 0x20cf},  // superscripts, subscripts, currencies
    {0x2100, 0x2bff},  // letterlike symbols, numbers, arrows, mathematics, shapes, dingbats
    {0x2c60, 0x2c7f},  // Latin Extended-C
    {0x2e00, 0x2e5d},  // supplemental punctuation
    {0x2e80, 0x2fd5},  // radicals
    {0x3000, 0x3029},  // CJK punctuation up to the tone marks
    {0x3030, 0x3096},  // more of it, hiragana
    {0x309b, 0x30ff},  // katakana
    {0x3105, 0x312f},  // bopomofo
    {0x31f0, 0x9fff},  // katakana extensions, enclosed letters, Han
    {0xa640, 0xa66e},  // Cyrillic Extended-B
    {0xa717, 0xa7ff},  // Latin Extended-D
    {0xab30, 0xab6b},  // Latin Extended-E
    {0xac00, 0xd7a3},  // Hangul syllables
    {0xf900, 0xfad9},  // compatibility ideographs
    {0xfb00, 0xfb06},  // Latin ligatures
    {0xff01, 0xffee},  // full-width forms
};

}  // namespace

bool stands_alone(char32_t letter) {
  const auto* range = std::lower_bound(std::begin(kAlone), std::end(kAlone), letter,
                                       [](const Range& r, char32_t at) { return r.last < at; });
  return range != std::end(kAlone) && letter >= range->first;
}

}  // namespace tsp::pdf
