"""A Kubeflow Pipelines API server in small: state, pages, and the admission rules, for the real client to speak to."""

from __future__ import annotations

import email
import http.server
import json
import re
import threading
import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from pipeline.kubeflow.admission import objections

API = "/apis/v2beta1"
Record = dict[str, Any]


class KubeflowServer:
    """Serves until `stop`.

    Attributes:
        url: of the API.
        requests: all that were made: (method, path, body).
        pipelines, versions, experiments, runs, recurring: what there is, by id.
        fail: (status, message) to answer everything with, while it is set; `delay`: seconds before each answer.
        token: that requests must bear; empty: none.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.pipelines: dict[str, Record] = {}
        self.versions: dict[str, Record] = {}
        self.experiments: dict[str, Record] = {}
        self.runs: dict[str, Record] = {}
        self.recurring: dict[str, Record] = {}
        self.fail: tuple[int, str] | None = None
        self.delay = 0.0
        self.token = ""
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._handle(self, "GET")

            def do_POST(self) -> None:
                server._handle(self, "POST")

            def do_DELETE(self) -> None:
                server._handle(self, "DELETE")

            def log_message(self, *arguments: object) -> None:
                """Nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def posted(self, path: str) -> list[Any]:
        """What was posted there."""
        return [body for method, where, body in self.requests if (method, where) == ("POST", path)]

    def _handle(self, request: http.server.BaseHTTPRequestHandler, method: str) -> None:
        time.sleep(self.delay)
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        split = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        kind = request.headers.get("Content-Type", "")
        content = _upload(kind, body) if kind.startswith("multipart") else json.loads(body or b"{}")
        self.requests.append((method, split.path.removeprefix(API), content))
        if self.fail:
            status, answer = self.fail[0], {"code": 13, "message": self.fail[1]}
        elif self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            status, answer = 401, {"code": 16, "message": "Request header error: there is no user identity"}
        else:
            status, answer = self._answer(method, split.path.removeprefix(API), query, content)
        text = json.dumps(answer).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(text)))
            request.end_headers()
            request.wfile.write(text)
        except OSError:
            pass  # who asked did not wait

    def _answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Record]:
        for wanted, pattern, reply in (
            ("GET", r"/healthz", lambda *_: {"multi_user": False}),
            ("GET", r"/pipelines", lambda *_: _page(self.pipelines, "pipelines", query)),
            ("POST", r"/pipelines/upload", lambda *_: self._new_pipeline(body, query)),
            ("POST", r"/pipelines/upload_version", lambda *_: self._new_version(body, query)),
            ("GET", r"/pipelines/([^/]+)/versions", lambda own: self._versions_of(own, query)),
            ("GET", r"/experiments", lambda *_: _page(self.experiments, "experiments", query)),
            ("POST", r"/experiments", lambda *_: _kept(self.experiments, "experiment_id", body)),
            ("GET", r"/runs", lambda *_: _page(self.runs, "runs", query)),
            ("POST", r"/runs", lambda *_: self._new_run(body)),
            ("GET", r"/recurringruns", lambda *_: _page(self.recurring, "recurringRuns", query)),
            ("POST", r"/recurringruns", lambda *_: self._new_recurring(body)),
            ("DELETE", r"/recurringruns/([^/:]+)", lambda own: self.recurring.pop(own) and {}),
            ("POST", r"/recurringruns/([^/:]+):(enable|disable)", self._switch),
        ):
            match = re.fullmatch(pattern, path)
            if match and wanted == method:
                try:
                    return 200, reply(*match.groups())
                except KeyError as error:
                    return 404, {"code": 5, "message": f"not found: {error}"}
                except ValueError as error:
                    return 400, {"code": 3, "message": str(error)}
        return 404, {"code": 5, "message": f"no such method: {method} {path}"}

    def _new_pipeline(self, package: str, query: dict[str, str]) -> Record:
        _admit(package)
        if any(pipeline["display_name"] == query["name"] for pipeline in self.pipelines.values()):
            raise ValueError(f"pipeline {query['name']} already exists")
        made = _kept(self.pipelines, "pipeline_id", {"display_name": query["name"]})
        self._version(made["pipeline_id"], query["name"], package)
        return made

    def _new_version(self, package: str, query: dict[str, str]) -> Record:
        _admit(package)
        return self._version(self.pipelines[query["pipelineid"]]["pipeline_id"], query["name"], package)

    def _version(self, pipeline: str, name: str, package: str) -> Record:
        return _kept(
            self.versions, "pipeline_version_id", {"pipeline_id": pipeline, "display_name": name, "package": package}
        )

    def _versions_of(self, pipeline: str, query: dict[str, str]) -> Record:
        own = {key: version for key, version in self.versions.items() if version["pipeline_id"] == pipeline}
        shown = {key: {name: value[name] for name in value if name != "package"} for key, value in own.items()}
        return _page(shown, "pipeline_versions", query)

    def _check_reference(self, body: Record) -> None:
        reference = body["pipeline_version_reference"]
        version = self.versions[reference["pipeline_version_id"]]
        spec = next(yaml.safe_load_all(version["package"]))
        declared = spec["root"].get("inputDefinitions", {}).get("parameters", {})
        unknown = set(body.get("runtime_config", {}).get("parameters", {})) - set(declared)
        if version["pipeline_id"] != reference["pipeline_id"] or unknown:
            raise ValueError(f"parameters that the pipeline does not declare: {sorted(unknown)}")
        _ = self.experiments[body["experiment_id"]]

    def _new_run(self, body: Record) -> Record:
        self._check_reference(body)
        return _kept(self.runs, "run_id", {**body, "state": "PENDING", "created_at": "2026-11-23T03:30:00Z"})

    def _new_recurring(self, body: Record) -> Record:
        self._check_reference(body)
        cron = body["trigger"]["cron_schedule"]["cron"]
        if len(cron.split()) != 6 or not 1 <= int(body["max_concurrency"]) <= 10:
            raise ValueError("a schedule that is none")
        status = {"ENABLE": "ENABLED", "DISABLE": "DISABLED"}[body["mode"]]
        return _kept(self.recurring, "recurring_run_id", {**body, "status": status})

    def _switch(self, own: str, how: str) -> Record:
        self.recurring[own]["status"] = f"{how.upper()}D"
        return {}


def _kept(records: dict[str, Record], key: str, record: Record) -> Record:
    made = {**record, key: uuid.uuid4().hex}
    records[made[key]] = made
    return made


def _page(records: dict[str, Record], name: str, query: dict[str, str]) -> Record:
    """A page of two, whatever was asked for, of those that the filter and the experiment let through."""
    chosen = list(records.values())
    if "filter" in query:
        for predicate in json.loads(query["filter"])["predicates"]:
            chosen = [record for record in chosen if record[predicate["key"]] == predicate["stringValue"]]
    if "experiment_id" in query:
        chosen = [record for record in chosen if record["experiment_id"] == query["experiment_id"]]
    start = int(query.get("page_token") or 0)
    following = {"next_page_token": str(start + 2)} if start + 2 < len(chosen) else {}
    return {name: chosen[start : start + 2], "total_size": len(chosen), **following}


def _upload(kind: str, body: bytes) -> str:
    """The file in a form."""
    message = email.message_from_bytes(f"Content-Type: {kind}\n\n".encode() + body)
    (part,) = [part for part in message.get_payload() if isinstance(part, email.message.Message)]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def _admit(package: str) -> None:
    documents = list(yaml.safe_load_all(package))
    for wanted, received in objections(documents[0], documents[1] if len(documents) > 1 else {}):
        raise ValueError(f"{wanted}, not {received}")
