"""What pyhanko_test.py runs in its environment: files that tsp makes at each level, also after three extensions,
are accepted by pyHanko's AdES validation (EN 319 102-1), pdfsig and qpdf; files that pyHanko signs at each level,
whole, damaged, and by somebody whom nobody trusts, are judged by tsp as pyHanko judges them, extended by tsp, and
accepted again. Reports in XML are read with the binding generated from the schema of TS 119 102-2.

usage: pyhanko_checks.py --program TSP --template FOLDER --data TESTS_DATA
"""
import argparse
import asyncio
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp, pem, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.generated.etsi import ts_11910202
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (LocalKnowledge, PdfSignatureValidationSpec,
                                                 RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
                                                 SignatureValidationSpec)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import (REQUIRE_REVINFO, CertRevTrustPolicy, RevocationCheckingPolicy,
                                                 RevocationCheckingRule)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tsp_home import Failed, Tsp

DECLARED = RevocationCheckingPolicy(RevocationCheckingRule.CHECK_IF_DECLARED,
                                    RevocationCheckingRule.CHECK_IF_DECLARED)
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


class LoopbackTsa(TimeStamper):
    def __init__(self, url):
        super().__init__()
        self.url = url

    async def async_request_tsa_response(self, req):
        asked = urllib.request.Request(self.url, data=req.dump(),
                                       headers={"Content-Type": "application/timestamp-query"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return tsp.TimeStampResp.load(answer.read())


def certificate(path):
    data = path.read_bytes()
    return asn1_x509.Certificate.load(pem.unarmor(data)[2] if pem.detect(data) else data)


def spec(roots, crls=(), revocation=REQUIRE_REVINFO):
    """Trusts these roots; every certificate below them must be shown unrevoked; nothing is fetched."""
    policy = CertValidationPolicySpec(trust_manager=SimpleTrustManager.build(trust_roots=list(roots)),
                                      revinfo_policy=CertRevTrustPolicy(revocation))
    knowledge = LocalKnowledge(known_crls=[CRLContainer(each) for each in crls])
    return PdfSignatureValidationSpec(SignatureValidationSpec(
        cert_validation_policy=policy, local_knowledge=knowledge,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)))


class Checks:
    def __init__(self, tsp, template, data):
        self.tsp, self.template, self.here, self.data = tsp, template, tsp.folder, data
        self.failures, self.checked = [], 0

    def expect(self, condition, what):
        self.checked += 1
        if not condition:
            self.failures.append(what)

    def judge(self, path, level, wanted):
        """pyHanko's verdict on every signature; the process is the level's."""
        # Its processes with time want a signature time-stamp, where EN 319 142-1 has a document time-stamp do as
        # well: a signature that began without one is judged by the basic process, with the file's evidence.
        if level == "B-LTA" and "B-B" in path.name:
            level = "B-B"
        process = {"B-B": ades.ades_basic_validation, "B-T": ades.ades_with_time_validation,
                   "B-LT": ades.ades_with_time_validation, "B-LTA": ades.ades_lta_validation}[level]
        with path.open("rb") as file:
            reader = PdfFileReader(file)
            for signature in reader.embedded_regular_signatures:
                if level == "B-LTA":
                    result = asyncio.run(process(signature, pdf_validation_spec=wanted))
                else:
                    result = asyncio.run(self.basic(process, signature, wanted))
                self.expect(result.ades_subindic == AdESPassed.OK,
                            f"{path.name} at {level}: pyHanko says {result.ades_subindic} "
                            f"{getattr(result, 'failure_msg', '')}")
        self.others(path)

    @staticmethod
    async def basic(process, signature, wanted):
        signature.compute_integrity_info(wanted.diff_policy)
        store = signature.reader.root.get("/DSS")
        validation = wanted.signature_validation_spec
        if store is not None:
            dss = DocumentSecurityStore.read_dss(signature.reader)
            answers = [ocsp.OCSPResponse.load(each.get_object().data) for each in dss.ocsps]
            lists = [asn1_crl.CertificateList.load(each.get_object().data) for each in dss.crls]
            known = LocalKnowledge(
                known_ocsps=[each for answer in answers for each in OCSPContainer.load_multi(answer)],
                known_crls=[CRLContainer(each) for each in lists], known_certs=list(dss.load_certs()))
            validation = SignatureValidationSpec(
                cert_validation_policy=validation.cert_validation_policy,
                revinfo_gathering_policy=validation.revinfo_gathering_policy, local_knowledge=known)
        return await process(signature.signed_data, validation_spec=validation,
                             raw_digest=signature.compute_digest())

    def others(self, path):
        seen = subprocess.run(["pdfsig", path], capture_output=True, text=True, timeout=60).stdout
        self.expect("Signature is Valid" in seen and "Invalid" not in seen and "Mismatch" not in seen,
                    f"{path.name}: pdfsig does not accept it")
        done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=60)
        self.expect(done.returncode == 0, f"{path.name}: qpdf says {done.stdout}{done.stderr}")

    # What tsp makes.
    def ours(self):
        # pyHanko looks at OCSP answers only where the certificate names a responder, which ours do not: so it is
        # not asked to insist on them. Everything else it judges as in files of its own.
        home = self.tsp.home
        root = certificate(home / "ca" / "root.pem")
        crls = [asn1_crl.CertificateList.load(path.read_bytes()) for path in sorted((home / "crl").glob("*.crl"))]
        files = []
        for number, level in enumerate(LEVELS):
            user = f"signer{number}"
            self.tsp.enroll(user, f"Signer of {level}")
            path = self.here / f"ours-{level}.pdf"
            self.tsp.ok("sign", self.data / "pdf" / "agreement.pdf", "-o", path, "--level", level,
                        *self.tsp.factors(user))
            files.append((path, level))
        for path, level in files:
            self.judge(path, level, spec([root], crls, DECLARED))
        for path, level in files:
            for turn in range(3):
                before = path.read_bytes()
                self.tsp.ok("ltv-extend", path)
                self.expect(path.read_bytes().startswith(before), f"{path.name}: not a prefix")
                self.judge(path, "B-LTA", spec([root], revocation=DECLARED))
            self.adesverify(path, home / "ca" / "root.pem")
        for name in ("xref-stream", "hybrid", "qpdf-encrypted-aes256", "form-signature"):
            user = f"other-{name}"
            self.tsp.enroll(user, name)
            path = self.here / f"{name}.pdf"
            self.tsp.ok("sign", self.data / "pdf" / f"{name}.pdf", "-o", path, "--level", "B-LTA", "--vri",
                        *self.tsp.factors(user))
            self.others(path)
            if name not in ("hybrid", "qpdf-encrypted-aes256"):   # pyHanko declines these
                self.judge(path, "B-LTA", spec([root], revocation=DECLARED))

    # Certificates that name a responder, as those of a TSP with an address do: then pyHanko insists on the answers.
    def ours_published(self):
        home = self.here / "published"
        desk = self.here / "published-desk"
        desk.mkdir()
        tsp = Tsp(self.tsp.program, self.template, desk)
        tsp.home, tsp.env["TSP_HOME"] = home, str(home)
        tsp.ok("init", "--name", "Published", "--pki-url", "http://pki.example.com")
        root = certificate(home / "ca" / "root.pem")
        for number, level in enumerate(("B-LT", "B-LTA")):
            user = f"signer{number}"
            tsp.enroll(user, f"Signer of {level}")
            path = self.here / f"published-{level}.pdf"
            tsp.ok("sign", self.data / "pdf" / "agreement.pdf", "-o", path, "--level", level, *tsp.factors(user))
            self.judge(path, level, spec([root]))
            self.report(tsp, path)
        tsp.ok("ltv-extend", path)
        self.judge(path, "B-LTA", spec([root]))

    # The command for people. Where a certificate names a responder it must be reached, whatever the file holds, and
    # where none is named it wants one: so it is not asked about revocation, which judge() is.
    def adesverify(self, path, root):
        done = subprocess.run([pathlib.Path(sys.executable).parent / "pyhanko", "sign", "adesverify", "--trust", root,
                               "--trust-replace", "--no-revocation-check", "--executive-summary", path],
                              capture_output=True, text=True, timeout=300)
        self.expect(done.returncode == 0 and ":VALID" in done.stdout,
                    f"{path.name}: pyhanko sign adesverify says {done.stdout} {done.stderr}")

    # The XML report, read with the binding that was generated from the schema of TS 119 102-2: nothing may be
    # unknown, missing or of another type.
    def report(self, tsp, path):
        xml = path.with_suffix(".xml")
        tsp.ok("validate", path, "--report", xml)
        strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True,
                              fail_on_converter_warnings=True)
        told, = XmlParser(config=strict).parse(xml, ts_11910202.ValidationReport).signature_validation_report
        self.expect(told.signature_validation_status.main_indication.endswith(":total-passed"), f"{xml.name}: no pass")
        with path.open("rb") as file:
            signature = PdfFileReader(file).embedded_regular_signatures[0]
            self.expect(told.signers_document.digest_alg_and_value.digest_value.value == signature.compute_digest(),
                        f"{xml.name}: the document's digest is another")
            value = signature.signer_info["signature"].native
            self.expect(told.signature_identifier.signature_value.value == value,
                        f"{xml.name}: the signature value is another")

    # tsp's verdict on a file of theirs, and pyHanko's, which are the same.
    def compare(self, path, level, tsa, indication, sub_indication=None, trusted=True):
        root = tsa / "ca.pem" if trusted else self.tsp.root()
        crl = asn1_crl.CertificateList.load((tsa / "ca.crl").read_bytes())
        theirs = self.verdict(path, level, spec([certificate(root)], [crl]))
        done = self.tsp.run("validate", path, "--json", *(["--trust", root] if trusted else []))
        signature = json.loads(done.stdout)["signatures"][0]
        ours = (signature["indication"], signature["sub_indication"])
        self.expect(ours == (indication, sub_indication), f"{path.name}: tsp says {ours}")
        self.expect((theirs or None) == sub_indication, f"{path.name}: pyHanko says {theirs}")
        return signature

    def verdict(self, path, level, wanted):
        """pyHanko's sub-indication of the first signature; empty: passed."""
        with path.open("rb") as file:
            signature = PdfFileReader(file).embedded_regular_signatures[0]
            if level == "B-LTA":
                result = asyncio.run(ades.ades_lta_validation(signature, pdf_validation_spec=wanted))
            else:
                process = ades.ades_basic_validation if level == "B-B" else ades.ades_with_time_validation
                result = asyncio.run(self.basic(process, signature, wanted))
        return "" if result.ades_subindic == AdESPassed.OK else result.ades_subindic.name

    def judged_the_same(self, path, level, tsa):
        signature = self.compare(path, level, tsa, "TOTAL-PASSED")
        self.expect(signature["level"] == level, f"{path.name}: tsp calls it {signature['level']}")
        self.compare(path, level, tsa, "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", trusted=False)
        damaged = self.here / f"damaged-{path.name}"
        damaged.write_bytes(path.read_bytes().replace(b"/DocChecksum /DA", b"/DocChecksum /DB", 1))
        self.compare(damaged, level, tsa, "TOTAL-FAILED", "HASH_FAILURE")

    # What pyHanko signs.
    def theirs(self):
        server = self.start_server()
        try:
            tsa = self.here / "tsa"
            url = (tsa / "url").read_text()
            self.make_signer(tsa, url)
            root = certificate(tsa / "ca.pem")
            for level in LEVELS:
                path = self.here / f"theirs-{level}.pdf"
                self.sign(path, level, tsa, url)
                self.judged_the_same(path, level, tsa)
                for target in ("B-T", "B-LT", "B-LTA", "B-LTA"):
                    before = path.read_bytes()
                    answer, = self.tsp.ok("ltv-extend", path, "--level", target, "--tsa", f"{url}/listed-tsa",
                                          "--json")
                    self.expect(LEVELS.index(answer["level"]) >= LEVELS.index(target),
                                f"{path.name}: {answer['level']} is below {target}")
                    self.expect(path.read_bytes().startswith(before), f"{path.name}: not a prefix")
                    self.others(path)
                self.judge(path, "B-LTA", spec([root]))
        finally:
            server.terminate()

    def start_server(self):
        script = pathlib.Path(__file__).resolve().parent.parent / "cli" / "tsa_server.py"
        server = subprocess.Popen([sys.executable, "-B", script, self.here / "tsa", "600"])
        for _ in range(600):
            if (self.here / "tsa" / "url").exists():
                return server
            time.sleep(0.1)
        raise Failed("the TSA does not start")

    @staticmethod
    def make_signer(tsa, url):
        (tsa / "signer.ext").write_text("basicConstraints = critical, CA:FALSE\n"
                                        "keyUsage = critical, digitalSignature, nonRepudiation\n"
                                        "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
                                        f"crlDistributionPoints = URI:{url}/ca.crl\n")
        for words in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                       "/CN=Signer by pyHanko", "-keyout", "signer.key", "-out", "signer.csr", "-config",
                       "openssl.cnf"],
                      ["x509", "-req", "-in", "signer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "10",
                       "-out", "signer.pem", "-extfile", "signer.ext", "-set_serial", "99"]):
            subprocess.run(["openssl", *words], cwd=tsa, check=True, capture_output=True)

    def sign(self, path, level, tsa, url):
        root = certificate(tsa / "ca.pem")
        crl = asn1_crl.CertificateList.load((tsa / "ca.crl").read_bytes())
        signer = SimpleSigner.load(str(tsa / "signer.key"), str(tsa / "signer.pem"), other_certs=[root])
        stamper = None if level == "B-B" else LoopbackTsa(f"{url}/listed-tsa")
        context = ValidationContext(trust_roots=[root], crls=[crl], allow_fetching=False,
                                    revocation_mode="require")
        meta = PdfSignatureMetadata(field_name="Signature1", subfilter=SigSeedSubFilter.PADES,
                                    embed_validation_info=level in ("B-LT", "B-LTA"),
                                    use_pades_lta=level == "B-LTA",
                                    validation_context=context if level in ("B-LT", "B-LTA") else None)
        with (self.data / "pdf" / "agreement.pdf").open("rb") as original, path.open("wb") as out:
            PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(
                IncrementalPdfFileWriter(original), output=out)


def main():
    parser = argparse.ArgumentParser()
    for name in ("--program", "--template", "--data"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tsp-pyhanko-") as folder:
        template = options.template.absolute()
        checks = Checks(Tsp(options.program.absolute(), template, folder), template, options.data.absolute())
        try:
            checks.ours()
            checks.ours_published()
            checks.theirs()
        except Failed as failed:
            checks.failures.append(str(failed))
        for failure in checks.failures:
            print(failure)
        print(f"pyhanko_test: {checks.checked} checks, {len(checks.failures)} failures")
        return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
