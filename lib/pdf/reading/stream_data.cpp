#include "pdf/reading/stream_data.h"

#include <qpdf/Pipeline.hh>
#include <stdexcept>

namespace tsp::pdf {
namespace {

// qpdf turns what a pipeline throws into a warning, so that `exceeded` has to be asked.
class Bounded final : public Pipeline {
 public:
  explicit Bounded(std::size_t limit) : Pipeline("bounded", nullptr), limit_(limit) {}
  void write(unsigned char const* data, std::size_t length) override {
    exceeded = exceeded || length > limit_ - taken.size();
    if (exceeded) throw std::runtime_error("too large");
    taken.insert(taken.end(), data, data + length);
  }
  void finish() override {}
  Bytes taken;
  bool exceeded = false;

 private:
  std::size_t limit_;
};

QPDFObjectHandle direct(const std::string& text) {
  return text.empty() ? QPDFObjectHandle::newNull() : QPDFObjectHandle::parse(text);
}

}  // namespace

std::optional<Bytes> decoded(QPDFObjectHandle stream, std::size_t limit, bool& exceeded) {
  Bounded pipeline(limit);
  const bool sound = stream.pipeStreamData(&pipeline, 0, qpdf_dl_specialized, true);
  exceeded = pipeline.exceeded;
  if (exceeded || !sound) return std::nullopt;
  return std::move(pipeline.taken);
}

StreamDecoder::StreamDecoder() {
  scratch_.setSuppressWarnings(true);
  scratch_.emptyPDF();
  stream_ = QPDFObjectHandle::newStream(&scratch_);
}

std::optional<Bytes> StreamDecoder::decode(const std::string& raw, const std::string& filter,
                                           const std::string& parameters, std::size_t limit) try {
  if (filter.empty() && raw.size() > limit) return std::nullopt;
  if (filter.empty()) return to_bytes(as_bytes(raw));
  stream_.replaceStreamData(raw, direct(filter), direct(parameters));
  bool exceeded = false;
  return decoded(stream_, limit, exceeded);
} catch (const std::bad_alloc&) {
  throw;
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace tsp::pdf
