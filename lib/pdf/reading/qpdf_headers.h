// <qpdf/QPDF.hh>, which the rooms' own headers include by this name alone. Its JSON.hh has members
// of a class that is not complete yet, which clang before 15 refuses in C++20; nothing of it is
// used here, so there it is left out.
#pragma once

#if defined(__clang__) && __clang_major__ < 15
#define JSON_HH
class JSON;
#endif

#include <qpdf/QPDF.hh>
