// Digests of the signed stretches, and writing original and revision one after the other.
#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "ades/pades.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/command.h"

using namespace tsp;

namespace {

ades::PreparedPdf planned(std::uint64_t original_size, std::string_view revision) {
  ades::PreparedPdf pdf;
  pdf.revision.original_size = original_size;
  pdf.revision.octets = to_bytes(as_bytes(revision));
  return pdf;
}

}  // namespace

TEST_CASE("the digest is of the two stretches and not of the gap") {
  const auto file = as_bytes("first<gap>second and what came later");
  CHECK(ades::digest_of(file, {5, 10, 16}, crypto::HashAlgorithm::sha256) ==
        crypto::sha256(as_bytes("firstsecond")));
}

TEST_CASE("a range beyond the end of the file has no digest") {
  CHECK_THROWS_AS(ades::digest_of(as_bytes("short"), {1, 2, 6}, crypto::HashAlgorithm::sha256),
                  Error);
}

TEST_CASE("a range whose stretches overlap has no digest") {
  CHECK_THROWS_AS(ades::digest_of(as_bytes("short"), {3, 2, 5}, crypto::HashAlgorithm::sha256),
                  Error);
}

TEST_CASE("original and revision are written to a file") {
  const test::Folder folder;
  const Bytes original = random_bytes(3 << 20);
  const Fd in = open_for_reading(folder.put("in.pdf", original));
  const auto pdf = planned(original.size(), "the revision");
  {
    const Fd out(::open(folder.file("out.pdf").c_str(), O_RDWR | O_CREAT, 0600));
    ades::write_pdf(in, pdf, out.get(), "out.pdf");
  }
  Bytes expected = original;
  append(expected, as_bytes("the revision"));
  CHECK(folder.get("out.pdf") == expected);
}

TEST_CASE("original and revision are written to a pipe") {
  const test::Folder folder;
  const Bytes original = random_bytes(1 << 20);
  const Fd in = open_for_reading(folder.put("in.pdf", original));
  const auto pdf = planned(original.size(), "the revision");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Fd reading(ends[0]), writing(ends[1]);
  Bytes received;
  std::thread reader([&] { received = read_all(reading.get(), 2 << 20, "pipe"); });
  ades::write_pdf(in, pdf, writing.get(), "-");
  writing.close();
  reader.join();
  Bytes expected = original;
  append(expected, as_bytes("the revision"));
  CHECK(received == expected);
}

TEST_CASE("a full disk is an output failure") {
  const test::Folder folder;
  const Fd in = open_for_reading(folder.put("in.pdf", Bytes(100000)));
  const Fd full(::open("/dev/full", O_WRONLY));
  REQUIRE(full);
  try {
    ades::write_pdf(in, planned(100000, "the revision"), full.get(), "out.pdf");
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::output_failed);
  }
}

TEST_CASE("an original that changed its size is not copied") {
  const test::Folder folder;
  const Fd in = open_for_reading(folder.put("in.pdf", Bytes(1001)));
  const Fd out(::open(folder.file("out.pdf").c_str(), O_RDWR | O_CREAT, 0600));
  CHECK_THROWS_AS(ades::write_pdf(in, planned(1000, "x"), out.get(), "out.pdf"), Error);
}
