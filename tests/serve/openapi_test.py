#!/usr/bin/env python3
"""docs/openapi/tsp.json against the server: every path that it has, and no other; each method; and
the file's own strictness, without which it would hold nothing."""
import pathlib
import re
import unittest

from server import INTERFACE, House, Server, json
import openapi

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent / "lib/serve/router.cpp"
# Objects that take any member, and why.
OPEN = {"receipt": "any operation's", "request": "any operation's", "shown": "by what it is"}
NAMES = {"{name}": "root", "{request}": "MEM="}


def concrete(template):
    for name, value in NAMES.items():
        template = template.replace(name, value)
    return template


def routes():
    """Path and method of each row of the router; what ends in a slash takes more."""
    text = SOURCE.read_text()
    for path, method in re.findall(r'\{"(/[^"]*)",\s*"(GET|POST)"', text):
        yield {"/ocsp/": "/ocsp/{request}", "/crl/": "/crl/{name}", "/ca/": "/ca/{name}"}.get(path, path), method
    for path in re.findall(r'path == "(/[^"]*)"', text):
        yield path, "GET"


def objects(value, name="", inside=()):
    if isinstance(value, dict):
        if value.get("type") == "object":
            yield name, value
        for key, each in value.items():
            yield from objects(each, key if key not in ("properties", "items") else name)
    elif isinstance(value, list):
        for each in value:
            yield from objects(each, name)


class Described(unittest.TestCase):
    def test_the_file_has_the_routers_paths_and_no_others(self):
        described = {(path, method.upper()) for path, item in INTERFACE.document["paths"].items() for method in item}
        self.assertEqual(described, set(routes()))
        self.assertGreater(len(described), 30)

    def test_every_object_says_what_members_it_has(self):
        for name, value in objects(INTERFACE.document):
            if name not in OPEN:
                self.assertIs(value.get("additionalProperties"), False, (name, value))

    def test_every_reference_leads_somewhere_and_everything_is_used(self):
        text = json.dumps(INTERFACE.document)
        for kind in ("schemas", "responses"):
            for name in INTERFACE.document["components"][kind]:
                self.assertIn(f'"#/components/{kind}/{name}"', text)
        for target in set(re.findall(r'"\$ref": "(#[^"]+)"', text)):
            INTERFACE.resolve({"$ref": target})
        names = [operation["operationId"] for item in INTERFACE.document["paths"].values() for operation in item.values()]
        self.assertEqual(len(names), len(set(names)))

    def check(self, body, status=200, path="/csc/v2/credentials/authorize", media="application/json"):
        INTERFACE.check("POST", path, status, media, json.dumps(body))

    def test_what_is_not_described_is_seen(self):
        self.check({"SAD": "AAAA", "expiresIn": 300})
        for body in ({"SAD": "AAAA", "expiresIn": 300, "more": 1}, {"SAD": "AAAA"}, {"SAD": 7, "expiresIn": 300},
                     {"SAD": "%", "expiresIn": 300}, []):
            with self.assertRaises(openapi.Mismatch):
                self.check(body)
        for settings in ({"status": 201}, {"path": "/csc/v2/nothing"}, {"media": "text/plain"}):
            with self.assertRaises(openapi.Mismatch):
                self.check({"SAD": "AAAA", "expiresIn": 300}, **settings)


class Served(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.server = Server(cls.house).__enter__()
        cls.server.wait(cls.server.settled, 60)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.house.__exit__()

    def test_each_path_is_there_and_another_method_is_told_which(self):
        for template, item in INTERFACE.document["paths"].items():
            status, header, _ = self.server.exchange("DELETE", concrete(template))
            self.assertEqual(status, 405, template)
            allowed = {"GET": {"GET", "HEAD"}, "POST": {"POST"}}
            wanted = set().union(*(allowed[method.upper()] for method in item))
            self.assertEqual(set(header["Allow"].split(", ")), wanted, template)

    def test_public_answers_are_as_described(self):
        for path in ("/crl/root.crl", "/crl/issuing.crl", "/ca/root.cer", "/checkpoint", "/healthz", "/metrics",
                     "/tsp/v1/sam", "/crl/none.crl"):
            self.assertIn(self.server.ask("GET", path)[0], (200, 404), path)
        self.assertEqual(self.server.ask("POST", "/ocsp", b"nonsense", {"Content-Type": "application/ocsp-request"})[0], 200)
        self.assertEqual(self.server.ask("POST", "/tsa", b"nonsense", {"Content-Type": "application/timestamp-query"})[0], 200)
        self.assertEqual(self.server.ask("POST", "/tsa", b"nonsense")[0], 415)

    def test_our_own_api_is_as_described(self):
        status, credential = self.server.post("/tsp/v1/credential", {"user": "alice"})
        self.assertEqual(status, 200)
        self.assertEqual(self.server.post("/tsp/v1/credential", {"user": "nobody"})[0], 404)
        self.assertEqual(self.server.post("/tsp/v1/one_shot", {"user": "alice", "scal": 1, "dry_run": True})[0], 200)
        stamped = self.server.post("/tsp/v1/timestamp", {"hash_algorithm": "sha256", "imprint": "A" * 43 + "="})
        self.assertEqual(stamped[0], 200, stamped)
        self.assertEqual(self.server.post("/tsp/v1/evidence", {"crls": True})[0], 200)
        for operation in ("status", "user list", "group list"):
            self.assertEqual(self.server.call(operation)[0], 200)
        refusal = {"code": "policy-refused", "message": "m", "hint": "h", "exit": 11, "audit_seq": None}
        brief = {name: credential[name] for name in ("user", "key", "certificate")}
        self.assertEqual(self.server.post("/tsp/v1/refused", {**brief, "error": refusal, "failed": "f", "why": "w"})[0], 200)


if __name__ == "__main__":
    unittest.main()
