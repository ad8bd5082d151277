#include "pdf/reading/module.h"

#include <new>

#include "pdf/parsers.h"

using namespace tsp;

extern "C" __attribute__((visibility("default"))) void tsp_read_parse_2(
    std::size_t place, int file, ByteView request, const jail::More& more,
    pdf::reading::Answer& answer) {
  try {
    answer.result = pdf::parsers().at(place)(file, request, more);
  } catch (const Error& error) {
    answer.error = error;
  } catch (const std::bad_alloc&) {
    answer.out_of_memory = true;
  } catch (const std::exception& error) {
    answer.failure = error.what();
  } catch (...) {
    answer.failure = "it failed without saying why";
  }
}
