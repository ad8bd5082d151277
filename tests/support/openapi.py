"""The interface as docs/openapi/tsp.json describes it, and answers held against it.

A path must be described, a status must be among an operation's, and JSON must fit its schema, which
names every member that there may be.
"""
import json
import pathlib
import re

import jsonschema

FILE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/openapi/tsp.json"
METHODS = ("get", "post")


class Mismatch(AssertionError):
    """An answer that is not as the file says."""


class Interface:
    def __init__(self, path=FILE):
        self.document = json.loads(path.read_text())
        self.patterns = []
        self.validators = {}  # by the schema's place in memory, which stays: a document is large
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(template))
            self.patterns.append((re.compile(pattern + r"\Z"), template, item))

    def paths(self):
        return list(self.document["paths"])

    def schema_errors(self, schema, value):
        """In words; empty where it fits."""
        validator = self.validators.get(id(schema))
        if validator is None:
            whole = {"$schema": "https://json-schema.org/draft/2020-12/schema",
                     "components": self.document["components"], "allOf": [schema]}
            validator = self.validators[id(schema)] = jsonschema.Draft202012Validator(whole)
        return [f"{'/'.join(map(str, error.absolute_path)) or 'the whole'}: {error.message}"
                for error in validator.iter_errors(value)]

    def resolve(self, part):
        while "$ref" in part:
            at = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                at = at[name]
            part = at
        return part

    def item(self, path):
        """Template and what is described of a path, or None."""
        path = path.split("?")[0]
        for pattern, template, item in self.patterns:
            if template == path:
                return template, item
        for pattern, template, item in self.patterns:
            if pattern.match(path):
                return template, item
        return None

    def check(self, method, path, status, media, body, request=None):
        """Raises Mismatch. `media`: of the answer; `request`: octets of a body that was sent."""
        where = f"{method} {path} answered {status}"
        found = self.item(path)
        if found is None:
            if status not in (400, 404, 413, 501):
                raise Mismatch(f"{where}, but is not described")
            return
        method = "get" if method == "HEAD" else method.lower()
        operation = found[1].get(method)
        if operation is None:
            if status != 405:
                raise Mismatch(f"{where}, but has no {method}")
            return
        described = operation["responses"].get(str(status))
        if described is None:
            raise Mismatch(f"{where}, which is no status of it")
        self.check_body(where, self.resolve(described).get("content"), media, body)
        if request is not None and status < 300:
            self.check_request(where, operation, request)

    def check_body(self, where, content, media, body):
        if content is None:
            if body:
                raise Mismatch(f"{where} with a body")
            return
        if not body:
            return  # HEAD
        if media not in content:
            raise Mismatch(f"{where} as {media}, not {list(content)}")
        if media == "application/json":
            errors = self.schema_errors(content[media]["schema"], json.loads(body))
            if errors:
                raise Mismatch(f"{where}: {'; '.join(errors)[:2000]}")

    def check_request(self, where, operation, request):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            errors = self.schema_errors(content["application/json"]["schema"], json.loads(request))
            if errors:
                raise Mismatch(f"{where} to a request that is not described: {'; '.join(errors)[:2000]}")
