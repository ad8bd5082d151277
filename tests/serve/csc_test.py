#!/usr/bin/env python3
"""The CSC API over the socket: every method that `info` names, its errors in the specification's
words, and signatures that others verify. Each answer is held against docs/openapi/tsp.json
(server.py)."""
import base64
import hashlib
import hmac
import re
import sqlite3
import struct
import unittest
import urllib.parse

from server import INTERFACE, House, Server, json, os, signal, subprocess, time
from callers_test import CLIENT

SHA256, SHA384, SHA512 = (f"2.16.840.1.101.3.4.2.{n}" for n in (1, 2, 3))
ECDSA_SHA256, ECDSA_SHA384 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"
OTHER = 40003  # another caller
# Methods that the specifications know.
KNOWN = {"v2": ["auth/login", "auth/revoke", "credentials/list", "credentials/info", "credentials/authorize",
                "credentials/authorizeCheck", "credentials/getChallenge", "credentials/extendTransaction",
                "credentials/sendOTP", "credentials/create", "credentials/delete", "signatures/signHash",
                "signatures/signDoc", "signatures/signPolling", "signatures/timestamp", "oauth2/authorize",
                "oauth2/pushed_authorize", "oauth2/token", "oauth2/revoke"],
         "v1": ["auth/login", "auth/revoke", "credentials/list", "credentials/info", "credentials/authorize",
                "credentials/extendTransaction", "credentials/sendOTP", "signatures/signHash",
                "signatures/timestamp", "oauth2/authorize", "oauth2/token", "oauth2/revoke"]}


def b64(octets):
    return base64.b64encode(octets).decode()


def digest(text, name="sha256"):
    return b64(hashlib.new(name, text.encode()).digest())


def secret_of(uri):
    text = urllib.parse.parse_qs(urllib.parse.urlsplit(uri.strip()).query)["secret"][0]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def truncated(mac, digits):
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** digits:0{digits}}"


class Story(unittest.TestCase):
    """A server for a signer with a key of SCAL 1 (PIN and HOTP) and one of SCAL 2 (PIN, and device,
    a code that is sent, or OCRA)."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.house = house = House()
        cls.mails = house.root / "mails"
        cls.mails.mkdir(0o700)
        post = house.root / "post"
        post.write_text(f'#!/bin/sh\ncat >"{cls.mails}/$(date +%s%N)"\n')
        post.chmod(0o700)
        for kind in ("hotp", "ocra"):
            house.ok("user", "factor", "add", "alice", "--type", kind, "--uri-out", str(house.root / kind))
        cls.hotp, cls.ocra = (secret_of((house.root / kind).read_text()) for kind in ("hotp", "ocra"))
        cls.counter = 0
        house.ok("user", "factor", "add", "alice", "--type", "oob", "--address", "alice@example.org")
        # Before there is a device, so that the share goes to a file.
        house.ok("group", "set", "default", "--factors-scal1", "pin+hotp", "--factors-scal2", "pin+device|pin+oob|pin+ocra")
        cls.one = house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]
        cls.two = house.ok("key", "generate", "--user", "alice", "--scal", "2", "--pin-from", f"file:{house.pin}",
                           "--share-out", str(house.root / "share"))[0]["key"]
        house.ok("cert", "issue", "--key", cls.two)
        cls.share = (house.root / "share").read_text()
        (house.root / "pass").write_text("correct horse battery\n")
        (house.root / "pass").chmod(0o600)
        cls.device = {"HOME": str(house.root), "XDG_DATA_HOME": str(house.root / "data")}
        house.ok("device", "init", "--user", "alice", "--passphrase-from", f"file:{house.root}/pass", "--card-out",
                 str(house.root / "card"), env=cls.device)
        house.ok("user", "factor", "add", "alice", "--type", "device", "--device-card", str(house.root / "card"))
        cls.by_device = house.ok("key", "generate", "--user", "alice", "--scal", "2",
                                 "--pin-from", f"file:{house.pin}")[0]["key"]
        house.ok("cert", "issue", "--key", cls.by_device)
        cls.pin = house.pin.read_text().strip()
        cls.place = house.root / "tsp.sock"
        house.root.chmod(0o711)
        roles = {f"TSP_ROLES_{role}": f"user:{os.geteuid()}" for role in ("OPERATOR", "OFFICER")}
        cls.server = Server(house, "--socket", str(cls.place), env={
            **roles, **cls.settings, "TSP_ROLES_APPLICATION": f"user:{os.geteuid()}, user:{OTHER}",
            "TSP_NOTICES_CHANNEL": "command", "TSP_NOTICES_COMMAND": str(post)})
        cls.server.socket = cls.place
        cls.server.__enter__()
        cls.server.wait(cls.server.settled, 60)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.house.__exit__()

    # Asking.

    def post(self, method, body, version="v2", **settings):
        return self.server.post(f"/csc/{version}/{method}", body, **settings)

    def ok(self, method, body, wanted=200, **settings):
        status, answer = self.post(method, body, **settings)
        self.assertEqual(status, wanted, answer)
        return answer

    def refused(self, method, body, error, description, status=400, **settings):
        got, answer = self.post(method, body, **settings)
        self.assertEqual((got, answer["error"]), (status, error), answer)
        self.assertTrue(answer["error_description"].startswith(description), answer)

    def code(self):
        mac = hmac.new(self.hotp, struct.pack(">Q", type(self).counter), "sha1").digest()
        type(self).counter += 1
        return truncated(mac, 6)

    def order(self, *texts, **more):
        return {"credentialID": self.one, "numSignatures": len(texts), "hashes": [digest(text) for text in texts],
                "hashAlgorithmOID": SHA256,
                "authData": [{"id": "PIN", "value": self.pin}, {"id": "OTP", "value": self.code()}], **more}

    def sad(self, *texts, **more):
        return self.ok("credentials/authorize", self.order(*texts, **more))["SAD"]

    def signing(self, sad, *texts, **more):
        return {"credentialID": self.one, "SAD": sad, "hashes": [digest(text) for text in texts],
                "signAlgo": ECDSA_SHA256, **more}

    def sent_code(self, before):
        """What was sent to the signer since."""
        found = []

        def look():
            for mail in sorted(self.mails.iterdir()):
                if mail.name not in before:
                    found.extend(re.findall(r"^    ([2-9A-HJ-NP-Z]{6})$", mail.read_text(), re.M))
            return found
        self.server.wait(look, 20)
        return found[-1]

    def mails_now(self):
        return {mail.name for mail in self.mails.iterdir()}

    # Judging.

    def certificate(self, credential):
        info = self.ok("credentials/info", {"credentialID": credential})
        return base64.b64decode(info["cert"]["certificates"][0])

    def assert_signs(self, credential, text, value, hash_name="sha256"):
        folder = self.house.root
        (folder / "cert.der").write_bytes(self.certificate(credential))
        (folder / "value").write_bytes(base64.b64decode(value))
        (folder / "text").write_text(text)
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "cert.der", "-pubkey", "-noout", "-out", "key.pem"],
                       cwd=folder, check=True)
        subprocess.run(["openssl", "dgst", f"-{hash_name}", "-verify", "key.pem", "-signature", "value", "text"],
                       cwd=folder, check=True, capture_output=True)


class Service(Story):
    def test_info_names_what_is_served_and_nothing_else(self):
        for version, known in KNOWN.items():
            info = self.ok("info", {}, version=version)
            described = {path.removeprefix(f"/csc/{version}/") for path in INTERFACE.paths()
                         if path.startswith(f"/csc/{version}/")} - {"info"}
            self.assertEqual(set(info["methods"]), described)
            self.assertLessEqual(described, set(known))
            for method in known:
                status, answer = self.post(method, {}, version=version)
                if method in info["methods"]:
                    self.assertEqual((status, answer["error"]), (400, "invalid_request"), method)
                else:
                    self.assertEqual((status, answer["error"]), (501, "invalid_request"), method)

    def test_formats_and_levels_that_info_names_are_made_and_others_not(self):
        info = self.ok("info", {})
        formats = info["signature_formats"]
        self.assertEqual(len(formats["formats"]), len(formats["envelope_properties"]))
        for form, properties in zip("PCXJ", (["Certification", "Revision"], ["Detached"], [], [])):
            self.assertEqual(form in formats["formats"], bool(properties))
            for value in ("Certification", "Revision", "Attached", "Detached", "Parallel", "Enveloped"):
                if form in formats["formats"]:
                    listed = value in formats["envelope_properties"][formats["formats"].index(form)]
                    self.assertEqual(listed, value in properties)
        for level in ("AdES-B-B", "AdES-B-T", "AdES-B-LT", "AdES-B-LTA", "AdES-B", "AdES-T"):
            sad = self.sad(level)
            body = {"credentialID": self.one, "SAD": sad, "documentDigests": [
                {"hashes": [digest(level)], "signature_format": "P", "conformance_level": level, "signAlgo": ECDSA_SHA256}]}
            if level in info["conformance_levels"]:
                self.ok("signatures/signDoc", body)
            else:
                self.refused("signatures/signDoc", body, "invalid_request", "Invalid parameter conformance_level")

    def test_http_says_what_http_can_say(self):
        path = "/csc/v2/credentials/list"
        status, header, octets = self.server.exchange("GET", path)
        self.assertEqual((status, header["Allow"], json.loads(octets)["error"]), (405, "POST", "invalid_request"))
        for media in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
            self.assertEqual(self.server.ask("POST", path, '{"userID":"alice"}', media)[0], 415, media)
        self.assertEqual(self.server.ask("POST", path, '{"userID":"alice"}',
                                         {"Content-Type": "Application/JSON; charset=utf-8"})[0], 200)
        status, _, octets = self.server.exchange("POST", path, '{"userID":"' + "a" * 70000 + '"}')
        self.assertEqual((status, json.loads(octets)["error"]), (413, "invalid_request"))
        for value in ("Basic YWxpY2U6eA==", "Bearer", "nonsense"):
            status, answer = self.server.ask("POST", path, '{"userID":"alice"}',
                                             {"Content-Type": "application/json", "Authorization": value})
            self.assertEqual((status, json.loads(answer)["error_description"]), (400, "Malformed authorization header"))
        status, header, octets = self.server.exchange("POST", path, '{"userID":"alice"}', {
            "Content-Type": "application/json", "Authorization": "Bearer tsp_NONE"})
        self.assertEqual((status, json.loads(octets)["error"]), (401, "invalid_token"))
        self.assertEqual(header["WWW-Authenticate"], 'Bearer realm="tsp", error="invalid_token"')
        for body in (b"", b"{", b"[]", b"null", b'{"userID":"alice","userID":"bob"}', b'{"userID":"\xff"}', b"[" * 5000):
            status, text = self.server.ask("POST", path, body)
            self.assertEqual((status, json.loads(text)["error"]), (400, "invalid_request"), body[:40])
        self.assertEqual(self.server.ask("POST", "/csc/v3/info", "{}")[0], 404)

    def test_a_credential_tells_how_it_is_authorised(self):
        info = self.ok("credentials/info", {"credentialID": self.one, "authInfo": True, "certInfo": True,
                                            "certificates": "chain"})
        self.assertEqual((info["SCAL"], info["auth"]["expression"]), ("1", "PIN AND OTP"))
        self.assertEqual([each["generator"] for each in info["auth"]["objects"] if each["id"] == "OTP"], ["hotp"])
        info = self.ok("credentials/info", {"credentialID": self.two, "authInfo": True, "certificates": "none"})
        self.assertEqual(info["SCAL"], "2")
        self.assertEqual(info["auth"]["expression"], "(PIN AND DEVICE) OR (PIN AND CODE AND SHARE) OR (PIN AND OCRA AND SHARE)")
        self.assertEqual([each["id"] for each in info["auth"]["objects"]], ["PIN", "DEVICE", "CODE", "SHARE", "OCRA"])
        listed = self.ok("credentials/list", {"userID": "alice", "credentialInfo": True, "authInfo": True, "onlyValid": True})
        self.assertEqual({each["credentialID"] for each in listed["credentialInfos"]}, {self.one, self.two, self.by_device})
        self.ok("credentials/info", {"credentialID": self.one}, version="v1")
        for body, words in (({"certificates": "all"}, "Invalid parameter certificates"),
                            ({"certInfo": "yes"}, "Missing (or invalid type) boolean parameter certInfo"),
                            ({"clientData": 7}, "Invalid parameter clientData"), ({"lang": []}, "Invalid parameter lang"),
                            ({"credentialID": 7}, "Missing (or invalid type) string parameter credentialID"),
                            ({"credentialID": "none"}, "Invalid parameter credentialID")):
            self.refused("credentials/info", {"credentialID": self.one, **body}, "invalid_request", words)

    def test_a_time_stamp_and_what_is_none(self):
        good = {"hash": digest("x"), "hashAlgo": SHA256}
        for version in ("v1", "v2"):
            self.ok("signatures/timestamp", {**good, "nonce": "00ff"}, version=version)
        for change, words in (({"hash": ""}, "Empty hash parameter"), ({"hash": "%"}, "Invalid Base64 hash string parameter"),
                              ({"hash": "AAAA"}, "Invalid digest value length"), ({"hashAlgo": "1.2.3"}, "Invalid parameter hashAlgo"),
                              ({"hash": None}, "Missing (or invalid type) string parameter hash"),
                              ({"nonce": "xyz"}, "Invalid parameter nonce"), ({"nonce": "00" * 33}, "Invalid parameter nonce")):
            self.refused("signatures/timestamp", {**good, **change}, "invalid_request", words)


class Hashes(Story):
    def test_a_sad_is_good_for_its_credential_alone_and_void_after_a_wrong_use(self):
        sad = self.sad("mine")
        self.refused("signatures/signHash", {**self.signing(sad, "mine"), "credentialID": self.two}, "invalid_request",
                     "Invalid parameter SAD")
        self.refused("signatures/signHash", self.signing(sad, "mine"), "invalid_request", "Invalid parameter SAD")

    def test_hashes_are_signed_once_and_by_whom_they_should(self):
        sad = self.sad("one", "two")
        signed = self.ok("signatures/signHash", self.signing(sad, "two", "one"))
        for text, value in zip(("two", "one"), signed["signatures"]):
            self.assert_signs(self.one, text, value)
        self.refused("signatures/signHash", self.signing(sad, "one"), "invalid_request", "Invalid parameter SAD")

    def test_a_hash_that_was_not_approved_voids_the_approval(self):
        sad = self.sad("one")
        self.refused("signatures/signHash", self.signing(sad, "other"), "invalid_request", "Hash is not authorized by the SAD")
        self.refused("signatures/signHash", self.signing(sad, "one"), "invalid_request", "Invalid parameter SAD")

    def test_an_order_that_is_none_is_refused_in_the_specifications_words(self):
        good = {**self.order("x"), "authData": []}
        for change, words in (
                ({"numSignatures": None}, "Missing (or invalid type) integer parameter numSignatures"),
                ({"numSignatures": "1"}, "Missing (or invalid type) integer parameter numSignatures"),
                ({"numSignatures": 0}, "Invalid value for parameter numSignatures"),
                ({"numSignatures": -1}, "Invalid value for parameter numSignatures"),
                ({"numSignatures": 2**63}, "Numbers of signatures is too high"),
                ({"numSignatures": 1, "hashes": [digest("x"), digest("y")]}, "Invalid value for parameter numSignatures"),
                ({"hashes": None}, "Missing (or invalid type) array parameter hashes"),
                ({"hashes": []}, "Empty hash array"), ({"hashes": ["%"]}, "Invalid Base64 hashes string parameter"),
                ({"hashes": [7]}, "Invalid Base64 hashes string parameter"), ({"hashes": ["AAAA"]}, "Invalid digest value length"),
                ({"hashAlgorithmOID": "1.3.14.3.2.26"}, "Invalid parameter hashAlgorithmOID"),
                ({"hashAlgorithmOID": SHA384}, "Invalid digest value length"),
                ({"authData": {}}, "Missing (or invalid type) array parameter authData"),
                ({"authData": [{"id": "IRIS", "value": "x"}]}, "Invalid parameter authData"),
                ({"authData": [{"id": "PIN"}]}, "Missing (or invalid type) string parameter value"),
                ({"description": "x" * 501}, "Invalid parameter description"), ({"clientData": 1}, "Invalid parameter clientData")):
            self.refused("credentials/authorize", {**good, **change}, "invalid_request", words)

    def test_wrong_factors_look_alike_in_v2(self):
        right = self.code()
        for pin, code in (("999999", right), (self.pin, "000000")):
            order = {**self.order("x"), "authData": [{"id": "PIN", "value": pin}, {"id": "OTP", "value": code}]}
            self.refused("credentials/authorize", order, "invalid_authentication_data", "The authentication data is invalid")
        self.sad("clears the tries")

    def test_an_order_to_sign_that_is_none_is_refused(self):
        sad = self.sad("x")
        good = self.signing(sad, "x")
        for change, words in (
                ({"SAD": None}, "Missing (or invalid type) string parameter SAD"), ({"SAD": "%"}, "Invalid parameter SAD"),
                ({"signAlgo": None}, "Missing (or invalid type) string parameter signAlgo"),
                ({"signAlgo": ECDSA_SHA384}, "Invalid parameter signAlgo"), ({"signAlgoParams": "AAAA"}, "Invalid parameter signAlgoParams"),
                ({"operationMode": "X"}, "Invalid parameter operationMode"),
                ({"operationMode": "A", "validity_period": "1"}, "Invalid parameter validity_period"),
                ({"operationMode": "A", "validity_period": 1}, "Out of bounds parameter validity_period"),
                ({"operationMode": "A", "validity_period": 10**12}, "Out of bounds parameter validity_period"),
                ({"operationMode": "A", "validity_period": -5}, "Out of bounds parameter validity_period"),
                ({"operationMode": "A", "response_uri": "https://example.org/"}, "Invalid parameter response_uri"),
                ({"signatureQualifier": "eu_eidas_qes"}, "Invalid parameter signatureQualifier"),
                ({"credentialID": "none"}, "Invalid parameter credentialID")):
            self.refused("signatures/signHash", {**good, **change}, "invalid_request", words)
        self.ok("signatures/signHash", good)  # none of it was a use

    def test_v1_signs_too(self):
        order = {"credentialID": self.one, "numSignatures": 1, "hash": [digest("v1")], "PIN": self.pin, "OTP": self.code()}
        sad = self.ok("credentials/authorize", order, version="v1")["SAD"]
        signed = self.ok("signatures/signHash", {"credentialID": self.one, "SAD": sad, "hash": [digest("v1")],
                                                 "hashAlgo": SHA256, "signAlgo": ECDSA_SHA256}, version="v1")
        self.assert_signs(self.one, "v1", signed["signatures"][0])

    def test_a_transaction_is_extended_by_what_is_known_later(self):
        sad = self.sad("first", numSignatures=3)
        self.ok("signatures/signHash", self.signing(sad, "first"))
        order = {"credentialID": self.one, "SAD": sad, "hashes": [digest("second")]}
        extended = self.ok("credentials/extendTransaction", order)["SAD"]
        self.refused("signatures/signHash", self.signing(sad, "second"), "invalid_request", "Invalid parameter SAD")
        self.assert_signs(self.one, "second", self.ok("signatures/signHash", self.signing(extended, "second"))["signatures"][0])
        last = self.ok("credentials/extendTransaction", {**order, "SAD": extended, "hashes": [digest("third")]})["SAD"]
        self.ok("signatures/signHash", self.signing(last, "third"))
        self.refused("credentials/extendTransaction", {**order, "SAD": last}, "invalid_request", "Invalid parameter SAD")
        sad = self.sad("first", numSignatures=2)
        self.refused("credentials/extendTransaction", {**order, "SAD": sad, "hashes": [digest(str(n)) for n in range(3)]},
                     "invalid_request", "Numbers of signatures is too high")
        self.refused("signatures/signHash", self.signing(sad, "first"), "invalid_request", "Invalid parameter SAD")


class Documents(Story):
    def digests(self, sad, *entries, **more):
        return {"credentialID": self.one, "SAD": sad, "documentDigests": [
            {"signature_format": "P", "signAlgo": ECDSA_SHA256, "hashAlgorithmOID": SHA256, **entry} for entry in entries], **more}

    def verify_cms(self, octets, text, *words):
        folder = self.house.root
        (folder / "cms").write_bytes(base64.b64decode(octets))
        (folder / "content").write_text(text)
        done = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content",
                               "-CAfile", self.house.home / "ca/root.pem", "-certfile", self.house.home / "ca/issuing.pem",
                               "-purpose", "any", "-out", "/dev/null", *words], cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_cades_over_a_digest_verifies_elsewhere(self):
        for level in ("AdES-B-B", "Ades-B-T", "ades-b-t"):
            sad = self.sad(level)
            made = self.ok("signatures/signDoc", self.digests(sad, {
                "hashes": [digest(level)], "signature_format": "C", "conformance_level": level,
                "signed_envelope_property": "Detached"}))
            self.assertEqual(set(made), {"SignatureObject"})
            self.verify_cms(made["SignatureObject"][0], level, "-cades")
            text = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", self.house.root / "cms"],
                                  capture_output=True, text=True).stdout
            self.assertIn("signingTime", text)
            self.assertEqual("id-smime-aa-timeStampToken" in text, level.lower().endswith("-t"))

    def test_a_pdf_is_signed_by_its_digest(self):
        """The document stays here: its byte ranges are digested, the CMS is put into its hole."""
        place = self.house.put_document("csc.pdf")
        self.house.ok("sign", place, "--user", "alice", "--key", self.one, "--pin-from", f"file:{self.house.pin}",
                      "--otp", self.code(), "--level", "B-T")
        signed = self.house.desk / "csc-signed.pdf"
        octets = bytearray(signed.read_bytes())
        begin, length, rest, tail = map(int, re.findall(rb"/ByteRange ?\[ *(\d+) +(\d+) +(\d+) +(\d+)", octets)[-1])
        self.assertEqual((begin, rest + tail), (0, len(octets)))
        room = rest - length - 2
        octets[length + 1:rest - 1] = b"0" * room
        ranges = bytes(octets[:length] + octets[rest:])
        hashed = b64(hashlib.sha256(ranges).digest())
        for level in ("AdES-B-B", "AdES-B-T", "AdES-B-LT"):
            order = {**self.order("x"), "hashes": [hashed]}
            sad = self.ok("credentials/authorize", order)["SAD"]
            made = self.ok("signatures/signDoc", self.digests(sad, {"hashes": [hashed], "conformance_level": level,
                                                                    "signed_envelope_property": "Revision"}))
            cms = base64.b64decode(made["SignatureObject"][0])
            octets[length + 1:rest - 1] = cms.hex().encode().ljust(room, b"0")
            out = self.house.desk / f"{level}.pdf"
            out.write_bytes(octets)
            verdict = self.house.ok("validate", str(out))[0]
            self.assertEqual(verdict["indication"], "TOTAL-PASSED", verdict)
            self.assertIn("Signature is Valid", subprocess.run(["pdfsig", "-nocert", out], capture_output=True, text=True).stdout)
            self.assertEqual("validationInfo" in made, level == "AdES-B-LT")
            if level == "AdES-B-LT":
                self.assert_evidence(made["validationInfo"])

    def assert_evidence(self, info):
        """Status of signer, time-stamping unit and authority, as openssl reads it."""
        folder = self.house.root
        (folder / "cert.der").write_bytes(self.certificate(self.one))
        text = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "cert.der", "-noout", "-serial"], cwd=folder,
                              capture_output=True, text=True, check=True).stdout
        serial = text.split("=")[1].strip()
        told = ""
        for each in info.get("ocsp", []):
            (folder / "ocsp").write_bytes(base64.b64decode(each))
            told += subprocess.run(["openssl", "ocsp", "-respin", "ocsp", "-resp_text", "-noverify"], cwd=folder,
                                   capture_output=True, text=True).stdout
        lists = 0
        for each in info.get("crl", []):
            (folder / "crl").write_bytes(base64.b64decode(each))
            subprocess.run(["openssl", "crl", "-inform", "DER", "-in", "crl", "-noout"], cwd=folder, check=True)
            lists += 1
        for each in info.get("certificates", []):
            (folder / "other").write_bytes(base64.b64decode(each))
            subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "other", "-noout"], cwd=folder, check=True)
        self.assertTrue(serial in told or lists > 0, info.keys())
        self.assertGreater(len(info.get("ocsp", [])) + lists, 0)

    def test_validation_information_comes_where_it_is_asked_for(self):
        made = self.ok("signatures/signDoc", self.digests(self.sad("v"), {"hashes": [digest("v")]}, returnValidationInfo=True))
        self.assert_evidence(made["validationInfo"])

    def test_several_digests_of_several_formats_in_one_call(self):
        sad = self.sad("a", "b", "c")
        made = self.ok("signatures/signDoc", self.digests(
            sad, {"hashes": [digest("a"), digest("b")]}, {"hashes": [digest("c")], "signature_format": "C", "conformance_level": "AdES-B-T"}))
        for text, octets in zip("abc", made["SignatureObject"]):
            self.verify_cms(octets, text)

    def test_what_was_not_approved_is_not_signed(self):
        sad = self.sad("approved")
        self.refused("signatures/signDoc", self.digests(sad, {"hashes": [digest("other")]}), "invalid_hash",
                     "Document or documentDigest does not match authorized hash", status=403)
        self.refused("signatures/signDoc", self.digests(sad, {"hashes": [digest("approved")]}), "invalid_request", "Invalid parameter SAD")

    def test_a_digest_is_signed_one_way_or_the_other_and_once(self):
        sad = self.sad("once", "twice")
        self.ok("signatures/signDoc", self.digests(sad, {"hashes": [digest("once")]}))
        self.refused("signatures/signHash", self.signing(sad, "once"), "invalid_request", "Hash is not authorized by the SAD")

    def test_what_is_signed_is_on_record(self):
        before = len(self.house.records())
        self.ok("signatures/signDoc", self.digests(self.sad("record"), {"hashes": [digest("record")]}))
        done = [r for r in self.house.records()[before:] if r["event"] == "sign" and r["outcome"] == "done"]
        self.assertEqual(len(done), 1)
        details = done[0]["details"]
        self.assertEqual(details["content_digest"], hashlib.sha256(b"record").hexdigest())
        self.assertNotEqual(details["dtbs_sha256"], details["content_digest"])
        self.assertEqual(details["content"], "unknown")

    def test_an_order_that_is_none_is_refused(self):
        sad = self.sad("x")
        entry = {"hashes": [digest("x")]}
        good = self.digests(sad, entry)
        for change, words in (
                ({"documentDigests": None}, "Empty documentDigests and documents objects"),
                ({"documentDigests": []}, "Empty documentDigests and documents objects"),
                ({"documentDigests": "x"}, "Invalid object parameter documentDigests"),
                ({"documentDigests": [7]}, "Invalid object parameter documentDigests"),
                ({"documents": [{"document": "AAAA"}]}, "Both documentDigests and documents parameters passed"),
                ({"documents": [{"document": "AAAA"}], "documentDigests": None}, "Invalid array parameter documents"),
                ({"returnValidationInfo": "yes"}, "Missing (or invalid type) boolean parameter returnValidationInfo"),
                ({"signatureQualifier": "eu_eidas_qes"}, "Invalid parameter signatureQualifier")):
            self.refused("signatures/signDoc", {**good, **change}, "invalid_request", words)
        for change, words in (
                ({"hashes": None}, "Missing (or invalid type) array parameter hashes"), ({"hashes": ["%"]}, "Invalid Base64 hashes string parameter"),
                ({"hashes": ["AAAA"]}, "Invalid digest value length"), ({"hashAlgorithmOID": "1.2"}, "Invalid parameter hashAlgorithmOID"),
                ({"hashAlgorithmOID": SHA384}, "String parameter hashAlgorithmOID contradicts with signAlgo parameter"),
                ({"signature_format": None}, "Missing (or invalid type) string parameter signature_format"),
                ({"signature_format": "X"}, "Invalid parameter signature_format"), ({"signature_format": "p"}, "Invalid parameter signature_format"),
                ({"conformance_level": "B-B"}, "Invalid parameter conformance_level"),
                ({"conformance_level": "AdES-B-LT", "signature_format": "C"}, "Invalid parameter conformance_level"),
                ({"signed_envelope_property": "Enveloped"}, "Invalid parameter signed_envelope_property"),
                ({"signature_format": "C", "signed_envelope_property": "Attached"}, "Invalid parameter signed_envelope_property"),
                ({"signed_props": [{"attribute_name": "Reason", "attribute_value": "eA=="}, {"attribute_name": "Location"}]},
                 "Invalid parameter signed_props (Reason, Location)"),
                ({"signAlgo": None}, "Missing (or invalid type) string parameter signAlgo"), ({"signAlgo": "1.2.3"}, "Invalid parameter signAlgo")):
            self.refused("signatures/signDoc", self.digests(sad, {**entry, **change}), "invalid_request", words)
        self.refused("signatures/signDoc", self.digests(sad, entry, {"hashes": [digest("x", "sha384")], "hashAlgorithmOID": SHA384,
                                                                    "signAlgo": ECDSA_SHA384}), "invalid_request", "Invalid parameter hashAlgorithmOID")
        self.ok("signatures/signDoc", good)  # none of it was a use

    def test_other_hashes_are_signed_too(self):
        order = {**self.order("x"), "hashes": [digest("x", "sha384")], "hashAlgorithmOID": SHA384}
        sad = self.ok("credentials/authorize", order)["SAD"]
        made = self.ok("signatures/signDoc", self.digests(sad, {"hashes": [digest("x", "sha384")], "hashAlgorithmOID": SHA384,
                                                                "signAlgo": ECDSA_SHA384, "signature_format": "C"}))
        self.verify_cms(made["SignatureObject"][0], "x", "-cades")


class Whole(Story):
    settings = {"TSP_CSC_DOCUMENTS": "true"}

    def body(self, octets, **more):
        hashed = b64(hashlib.sha256(octets).digest())
        sad = self.ok("credentials/authorize", {**self.order("x"), "hashes": [hashed]})["SAD"]
        return {"credentialID": self.one, "SAD": sad, "documents": [
            {"document": b64(octets), "signature_format": "P", "signAlgo": ECDSA_SHA256, **more}]}

    def document(self):
        return open(self.house.put_document("whole.pdf"), "rb").read()

    def signed(self, name, answer):
        self.assertEqual(set(answer), {"DocumentWithSignature"})
        out = self.house.desk / name
        out.write_bytes(base64.b64decode(answer["DocumentWithSignature"][0]))
        verdict = self.house.ok("validate", str(out))[0]
        self.assertEqual(verdict["indication"], "TOTAL-PASSED", verdict)
        self.assertIn("Signature is Valid", subprocess.run(["pdfsig", "-nocert", out], capture_output=True, text=True).stdout)
        return out.read_bytes()

    def test_a_document_is_signed_at_each_level(self):
        original = self.document()
        self.assertIn("AdES-B-LTA", self.ok("info", {})["conformance_levels"])
        for level in ("AdES-B-B", "AdES-B-T", "AdES-B-LT", "AdES-B-LTA"):
            answer = self.ok("signatures/signDoc", self.body(original, conformance_level=level, signed_envelope_property="Revision", signed_props=[
                {"attribute_name": "Reason", "attribute_value": b64(b"because")}]))
            octets = self.signed(f"{level}.pdf", answer)
            self.assertTrue(octets.startswith(original))
            self.assertNotIn(b"/DocMDP", octets[len(original):])
            self.assertIn(b"because", octets[len(original):])
        self.assertEqual(list((self.house.home / "run").glob("spool-*")), [])

    def test_a_certification_is_the_default(self):
        original = self.document()
        self.assertIn(b"/DocMDP", self.signed("certified.pdf", self.ok("signatures/signDoc", self.body(original)))[len(original):])

    def test_a_document_is_signed_later_too(self):
        name = self.ok("signatures/signDoc", {**self.body(self.document()), "operationMode": "A"})["responseID"]
        self.server.wait(lambda: self.post("signatures/signPolling", {"requestID": name})[0] != 202, 20)
        self.signed("later.pdf", self.ok("signatures/signPolling", {"requestID": name}))

    def test_a_document_that_is_none_or_was_not_approved_is_not_signed(self):
        before = sum(record["event"] == "sign" and record["outcome"] == "intent" for record in self.house.records())
        status, answer = self.post("signatures/signDoc", self.body(b"no document"))
        self.assertEqual((status, answer["error"]), (400, "invalid_request"), answer)
        good = self.body(self.document())
        for change, words in (({"document": None}, "Missing (or invalid type) string parameter document"), ({"document": "%"}, "Invalid Base64 documents string parameter"),
                              ({"document": ""}, "Invalid Base64 documents string parameter"), ({"signature_format": "C"}, "Invalid parameter signature_format"),
                              ({"conformance_level": "AdES-B-X"}, "Invalid parameter conformance_level"), ({"signed_envelope_property": "Detached"}, "Invalid parameter signed_envelope_property"),
                              ({"signed_props": [{"attribute_name": "Name", "attribute_value": "eA=="}]}, "Invalid parameter signed_props (Name)")):
            self.refused("signatures/signDoc", {**good, "documents": [{**good["documents"][0], **change}]}, "invalid_request", words)
        for documents in ([], "x", [7]):
            self.refused("signatures/signDoc", {**good, "documents": documents}, "invalid_request", "")
        self.refused("signatures/signDoc", {**good, "returnValidationInfo": True}, "invalid_request", "Invalid parameter returnValidationInfo")
        other = self.document() + b"\n%"
        self.refused("signatures/signDoc", {**good, "documents": [{**good["documents"][0], "document": b64(other)}]}, "invalid_hash",
                     "Document or documentDigest does not match authorized hash", status=403)
        after = sum(record["event"] == "sign" and record["outcome"] == "intent" for record in self.house.records())
        self.assertEqual(before, after)
        self.assertEqual(list((self.house.home / "run").glob("spool-*")), [])

    def test_sole_control_2_signs_no_document_that_the_server_prepares(self):
        octets = self.document()
        before = self.mails_now()
        order = {"credentialID": self.two, "numSignatures": 1, "hashes": [b64(hashlib.sha256(octets).digest())],
                 "authData": [{"id": "PIN", "value": self.pin}, {"id": "SHARE", "value": self.share}]}
        handle = self.ok("credentials/authorize", order, 202)["handle"]
        sad = self.ok("credentials/authorizeCheck", {"handle": handle, "authData": [{"id": "CODE", "value": self.sent_code(before)}]})["SAD"]
        self.refused("signatures/signDoc", {"credentialID": self.two, "SAD": sad, "documents": [
            {"document": b64(octets), "signature_format": "P", "signAlgo": ECDSA_SHA256, "signed_envelope_property": "Revision"}]},
            "access_denied", "documents that were prepared elsewhere", status=403)


class Later(Story):
    def poll(self, name, **more):
        def there():
            self.got = self.post("signatures/signPolling", {"requestID": name, **more})
            return self.got[0] != 202
        self.server.wait(there, 20)
        return self.got

    def ask(self, *texts, **more):
        sad = self.sad(*texts)
        return self.ok("signatures/signHash", self.signing(sad, *texts, operationMode="A", **more))["responseID"]

    def test_signatures_are_fetched_as_often_as_wanted(self):
        name = self.ask("later", validity_period=60000)
        for _ in range(2):
            status, signed = self.poll(name, userID="alice")
            self.assertEqual(status, 200, signed)
            self.assert_signs(self.one, "later", signed["signatures"][0])

    def test_a_document_is_signed_later_too(self):
        sad = self.sad("doc")
        answer = self.ok("signatures/signDoc", {"credentialID": self.one, "SAD": sad, "operationMode": "A", "documentDigests": [
            {"hashes": [digest("doc")], "signature_format": "P", "conformance_level": "AdES-B-LT", "signAlgo": ECDSA_SHA256}]})
        status, made = self.poll(answer["responseID"])
        self.assertEqual((status, set(made)), (200, {"SignatureObject", "validationInfo"}), made)

    def test_what_is_refused_is_told_when_it_is_fetched(self):
        name = self.ok("signatures/signHash", self.signing(self.sad("a"), "b", operationMode="A"))["responseID"]
        status, answer = self.poll(name)
        self.assertEqual((status, answer["error_description"]), (400, "Hash is not authorized by the SAD"))

    def test_a_name_that_is_none_or_another_callers_is_not_told_apart(self):
        name = self.ask("mine")
        self.assertEqual(self.poll(name)[0], 200)
        for body, words in (({}, "Missing (or invalid type) string parameter requestID"), ({"requestID": ""}, "Invalid parameter requestID"),
                            ({"requestID": name[:-1]}, "Invalid parameter requestID"), ({"requestID": name, "userID": 7}, 'Invalid parameter "userID"'),
                            ({"requestID": name, "userID": "bob"}, 'Invalid parameter "userID"')):
            self.refused("signatures/signPolling", body, "invalid_request", words)
        if os.geteuid() != 0:
            self.skipTest("only root can call as others")
        asked = [str(self.place), OTHER, "POST", "/csc/v2/signatures/signPolling", json.dumps({"requestID": name}),
                 {"Content-Type": "application/json"}]
        done = subprocess.run(["/usr/bin/python3", "-c", CLIENT], input=json.dumps(asked), capture_output=True, text=True, check=True)
        status, text = json.loads(done.stdout)
        self.assertEqual((status, json.loads(text)["error_description"]), (400, "Invalid parameter requestID"))

    def tamper(self, sql):
        with sqlite3.connect(self.house.home / "tsp.db", timeout=10) as store:
            store.execute(sql)

    def test_an_answer_expires_and_a_lost_one_says_so(self):
        name = self.ask("expires")
        self.assertEqual(self.poll(name)[0], 200)
        self.tamper("UPDATE responses SET status = 0, body = ''")
        self.assertEqual(self.post("signatures/signPolling", {"requestID": name})[0], 202)
        self.tamper("UPDATE responses SET due_at = 0")
        self.refused("signatures/signPolling", {"requestID": name}, "temporarily_unavailable", "the request was lost", status=503)
        self.tamper("UPDATE responses SET expires_at = 1")
        self.refused("signatures/signPolling", {"requestID": name}, "invalid_request", "Invalid parameter requestID")

    def test_no_name_and_no_sad_lies_in_the_store(self):
        sad = self.sad("secret")
        name = self.ok("signatures/signHash", self.signing(sad, "secret", operationMode="A"))["responseID"]
        self.assertEqual(self.poll(name)[0], 200)
        octets = b"".join(path.read_bytes() for path in self.house.home.glob("tsp.db*"))
        for text in (name.encode(), bytes.fromhex(name), sad.encode(), base64.b64decode(sad)):
            self.assertNotIn(text, octets)

    def test_what_was_put_off_is_made_whole_when_its_worker_is_replaced(self):
        texts = [f"replaced {number}" for number in range(60)]
        names = []
        for part in (texts[:30], texts[30:]):
            sad = self.sad(*part)
            names.append(self.ok("signatures/signDoc", {"credentialID": self.one, "SAD": sad, "operationMode": "A", "documentDigests": [
                {"hashes": [digest(text) for text in part], "signature_format": "C", "conformance_level": "AdES-B-T", "signAlgo": ECDSA_SHA256}]})["responseID"])
        self.server.process.send_signal(signal.SIGHUP)
        for name in names:
            status, made = self.poll(name)
            self.assertEqual((status, len(made.get("SignatureObject", []))), (200, 30), made)
        self.server.wait(self.server.settled, 30)

    def test_what_is_there_survives_the_worker_that_made_it(self):
        name = self.ask("survives")
        self.assertEqual(self.poll(name)[0], 200)
        cores = os.cpu_count()
        for pid in self.server.children()[1 + cores:1 + 2 * cores]:
            os.kill(pid, signal.SIGKILL)
        # What is asked in the moment of its death is told as busy.
        self.server.wait(lambda: self.poll(name)[0] != 503, 30)
        status, signed = self.got
        self.assertEqual(status, 200, signed)
        self.assert_signs(self.one, "survives", signed["signatures"][0])

    def test_a_caller_keeps_so_many_and_no_more(self):
        with sqlite3.connect(self.house.home / "tsp.db", timeout=10) as store:
            for number in range(256):
                store.execute("INSERT INTO responses VALUES (?, ?, 'alice', 200, '', 0, 9000000000000)",
                              (hashlib.sha256(str(number).encode()).digest(), f"uid:{os.geteuid()}"))
        try:
            sad = self.sad("full")
            self.refused("signatures/signHash", self.signing(sad, "full", operationMode="A"), "temporarily_unavailable",
                         "too many answers wait", status=503)
            self.ok("signatures/signHash", self.signing(sad, "full"))  # nothing was used
        finally:
            self.tamper("DELETE FROM responses")


class SoleControl(Story):
    def ask_two(self, *texts, **more):
        return {"credentialID": self.two, "numSignatures": len(texts), "hashes": [digest(text) for text in texts],
                "authData": [{"id": "PIN", "value": self.pin}, {"id": "SHARE", "value": self.share}], **more}

    def sign_two(self, sad, text, key=None):
        key = key or self.two
        signed = self.ok("signatures/signHash", {"credentialID": key, "SAD": sad, "hashes": [digest(text)], "signAlgo": ECDSA_SHA256})
        self.assert_signs(key, text, signed["signatures"][0])

    def test_a_code_that_was_sent_completes_it(self):
        before = self.mails_now()
        handle = self.ok("credentials/authorize", self.ask_two("coded"), 202)["handle"]
        code = self.sent_code(before)
        self.assertEqual(self.ok("credentials/authorizeCheck", {"handle": handle}, 202)["handle"], handle)
        self.refused("credentials/authorizeCheck", {"handle": handle, "authData": [{"id": "CODE", "value": "222222"}]},
                     "invalid_authentication_data", "The authentication data is invalid")
        sad = self.ok("credentials/authorizeCheck", {"handle": handle, "authData": [{"id": "CODE", "value": code}]})["SAD"]
        self.refused("credentials/authorizeCheck", {"handle": handle, "authData": [{"id": "CODE", "value": code}]},
                     "invalid_request", "The handle has expired")
        self.sign_two(sad, "coded")

    def test_the_code_may_come_with_the_same_order(self):
        before = self.mails_now()
        order = self.ask_two("again")
        self.ok("credentials/authorize", order, 202)
        code = self.sent_code(before)
        order["authData"].append({"id": "CODE", "value": code})
        sad = self.ok("credentials/authorize", order)["SAD"]
        self.sign_two(sad, "again")

    def test_a_code_is_good_for_its_documents_alone(self):
        before = self.mails_now()
        self.assertEqual(self.ok("credentials/getChallenge", {"credentialID": self.two, "authObjectID": "CODE", "hashes": [digest("sent")]}, 204), None)
        code = self.sent_code(before)
        other = self.ask_two("other")
        other["authData"].append({"id": "CODE", "value": code})
        status, answer = self.post("credentials/authorize", other)
        self.assertGreaterEqual(status, 400, answer)
        order = self.ask_two("sent")
        order["authData"].append({"id": "CODE", "value": code})
        self.sign_two(self.ok("credentials/authorize", order)["SAD"], "sent")

    def test_an_ocra_token_answers_the_challenge(self):
        # Of two kinds of code a policy's first one is tried.
        self.house.ok("group", "set", "default", "--factors-scal2", "pin+device|pin+ocra")
        self.addCleanup(self.house.ok, "group", "set", "default", "--factors-scal2", "pin+device|pin+oob|pin+ocra")
        challenge = self.ok("credentials/getChallenge", {"credentialID": self.two, "authObjectID": "OCRA", "hashes": [digest("ocra")]})["challenge"]
        mac = hmac.new(self.ocra, b"OCRA-1:HOTP-SHA256-8:QH64\0" + bytes.fromhex(challenge).ljust(128, b"\0"), "sha256").digest()
        order = self.ask_two("ocra")
        order["authData"].append({"id": "OCRA", "value": truncated(mac, 8)})
        self.sign_two(self.ok("credentials/authorize", order)["SAD"], "ocra")

    def test_a_challenge_that_is_none(self):
        good = {"credentialID": self.two, "authObjectID": "CODE", "hashes": [digest("x")]}
        for change, words in (({"authObjectID": "PIN"}, "Invalid parameter authObjectID"), ({"authObjectID": "x"}, "Invalid parameter authObjectID"),
                              ({"authObjectID": None}, "Missing (or invalid type) string parameter authObjectID"),
                              ({"hashes": None}, "Missing (or invalid type) array parameter hashes"),
                              ({"credentialID": self.one}, "Invalid parameter authObjectID"), ({"credentialID": "x"}, "Invalid parameter credentialID")):
            self.refused("credentials/getChallenge", {**good, **change}, "invalid_request", words)

    def test_the_device_completes_it(self):
        order = {**self.ask_two("device"), "credentialID": self.by_device, "authData": [{"id": "PIN", "value": self.pin}, {"id": "DEVICE"}]}
        handle = self.ok("credentials/authorize", order, 202)["handle"]
        self.ok("credentials/authorizeCheck", {"handle": handle}, 202)
        approved = self.house.run("device", "approve", "--yes", "--passphrase-from", f"file:{self.house.root}/pass",
                                  env={**self.device, "TSP_SOCKET": str(self.place)})
        self.assertEqual(approved.status, 0, approved)
        sad = self.ok("credentials/authorizeCheck", {"handle": handle})["SAD"]
        self.sign_two(sad, "device", self.by_device)

    def test_what_the_signer_approved_is_not_extended_by_anything_else(self):
        self.refused("credentials/authorize", self.ask_two("a", numSignatures=2), "invalid_request", "Invalid value for parameter numSignatures")

        def approved(*texts):
            before = self.mails_now()
            handle = self.ok("credentials/authorize", self.ask_two(*texts), 202)["handle"]
            return self.ok("credentials/authorizeCheck", {"handle": handle, "authData": [{"id": "CODE", "value": self.sent_code(before)}]})["SAD"]
        sad = approved("a", "b")
        again = self.ok("credentials/extendTransaction", {"credentialID": self.two, "SAD": sad, "hashes": [digest("b")]})["SAD"]
        self.sign_two(again, "b")
        sad = approved("a", "b")
        self.refused("credentials/extendTransaction", {"credentialID": self.two, "SAD": sad, "hashes": [digest("c")]},
                     "invalid_request", "Hash is not authorized by the SAD")
        self.refused("signatures/signHash", {"credentialID": self.two, "SAD": sad, "hashes": [digest("a")], "signAlgo": ECDSA_SHA256},
                     "invalid_request", "Invalid parameter SAD")

    def test_a_handle_that_is_none(self):
        for body, words in (({}, "Missing (or invalid type) string parameter handle"), ({"handle": "AAAA"}, "Invalid parameter handle"),
                            ({"handle": "%"}, "Invalid parameter handle")):
            self.refused("credentials/authorizeCheck", body, "invalid_request", words)

    def test_no_secret_stands_in_log_or_record(self):
        said = self.server.said_ever() + json.dumps(self.house.records())
        for secret in (self.pin, self.share.split()[-1]):
            self.assertNotIn(secret, said)


if __name__ == "__main__":
    unittest.main()
