"""An API server of Kubernetes that speaks what a deployment needs, over TLS and with a token, and a controller behind it that starts real predictors.

It is no Kubernetes: objects of two kinds, server-side apply by whole documents and managers, trials, deletion, pods, and the service proxy.
What it serves is real: the InferenceService's container is an ``assay serve`` process with the keys of the ConfigMap.
"""

from __future__ import annotations

import copy
import datetime as dt
import ipaddress
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import onnxruntime
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

COMMAND = [sys.executable, "-c", "from assay.cli import main; main()"]
KSERVE = "/apis/serving.kserve.io/v1beta1/namespaces/"
CORE = "/api/v1/namespaces/"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key; return both files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test cluster")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "tls.crt", folder / "tls.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files[1].write_bytes(secret)
    return files


class Refusal(Exception):
    """A status of Kubernetes that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Predictor:
    """A real ``assay serve``, started as the container of an InferenceService says, but at ports of this computer that are free.

    Attributes:
        http: Where it answers over HTTP; ``None``: not yet.
        grpc: Where it answers over gRPC; ``None``: not yet, or not at all.
        leads: Names of the ports that a cluster would lead to.
        error: What it said when it ended before it answered.
    """

    process: subprocess.Popen
    leads: list[str]
    http: str | None = None
    grpc: str | None = None
    error: str = ""

    @classmethod
    def start(cls, pod: dict[str, Any], keys: dict[str, str], folder: Path, claims: dict[str, Path]) -> Predictor:
        """Start the container of a pod: its arguments, its variables, the keys of its ConfigMap, its storage."""
        (container,) = pod["containers"]
        variables = {one["name"]: one["value"] for one in container["env"]}
        mounted = Path(tempfile.mkdtemp(dir=folder))
        for file, text in keys.items():
            (mounted / file).write_text(text)
        args = container["args"]
        where = str(claims.get(variables.get("STORAGE_URI", ""), args[1]))
        more = ["--grpc-port", "0"] if "--grpc-port" in args else []
        process = subprocess.Popen(
            [*COMMAND, "serve", where, "--port", "0", "--json", *more],
            env=os.environ | {"ASSAY_KEYS": str(mounted), "ASSAY_BUNDLES": str(mounted / "bundles")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        made = cls(process, [one.get("name", "") for one in container["ports"]])
        threading.Thread(target=made._follow, daemon=True).start()
        return made

    @property
    def address(self) -> str | None:
        """Where the cluster leads to."""
        return f"http://{self.grpc}" if self.grpc and self.leads == ["h2c"] else self.http

    def _follow(self) -> None:
        with self.process:
            line = self.process.stdout.readline()
            told = json.loads(line) if line.startswith('{"address"') else {}
            self.grpc, self.http = told.get("grpc"), told.get("address")
            if self.http is None:
                self.error = self.process.stderr.read()
            self.process.wait()

    def end(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(120)


class PlainRuntime:
    """A serving runtime for plain ONNX: the network as it is, version 2 of the protocol, nothing else."""

    error = ""

    def __init__(self, folder: Path, name: str) -> None:
        session = onnxruntime.InferenceSession(folder / "model.onnx")

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_POST(self) -> None:
                (tensor,) = json.loads(self.rfile.read(int(self.headers["content-length"])))["inputs"]
                values = np.array(tensor["data"], dtype=np.float32).reshape(tensor["shape"])
                (found,) = session.run(["logits"], {tensor["name"]: values})
                output = {
                    "name": "logits",
                    "datatype": "FP32",
                    "shape": list(found.shape),
                    "data": found.ravel().tolist(),
                }
                content = json.dumps({"model_name": name, "id": "1", "outputs": [output]}).encode()
                self.send_response(200 if self.path == f"/v2/models/{name}/infer" else 404)
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@dataclass
class Site:
    """One cluster.

    Attributes:
        name: Context of the kubeconfig.
        folder: Its own.
        claims: ``pvc://…`` to the folder that is mounted.
        refuse: Looks at each document that is applied; what it returns is the message of an admission policy.
        never: Whether nothing ever becomes ready.
        falsify: May change the body of what a predictor answers.
    """

    name: str
    folder: Path
    claims: dict[str, Path] = field(default_factory=dict)
    refuse: Callable[[dict], str] = lambda _: ""
    never: bool = False
    falsify: Callable[[str, bytes], bytes] = lambda _, body: body
    token: str = "let-me-in"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.managers: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.predictors: dict[str, Predictor | PlainRuntime] = {}
        self.log: list[str] = []
        self.lock = threading.RLock()
        crt, key = certificate(self.folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        site = self

        class Handler(_Handler):
            cluster = site

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop everything."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
        for one in self.predictors.values():
            one.end()

    @property
    def service(self) -> dict[str, Any] | None:
        """The one InferenceService."""
        found = [one for (kind, _), one in self.objects.items() if kind == "InferenceService"]
        return found[0] if found else None

    def kinds(self) -> list[str]:
        """The kinds of all objects, sorted."""
        return sorted(kind for kind, _ in self.objects)

    def apply(self, kind: str, name: str, document: dict, manager: str, *, trial: bool, force: bool) -> dict[str, Any]:
        """Merge what a manager applies; refuse what another one owns."""
        if message := self.refuse(document):
            raise Refusal(403, f'admission webhook "validate.kyverno.svc" denied the request: {message}')
        with self.lock:
            where = (kind, name)
            others = {who: one for who, one in self.managers.get(where, {}).items() if who != manager}
            for who, theirs in others.items():
                if not force and (path := conflict(theirs, document)):
                    raise Refusal(409, f'Apply failed with 1 conflict: conflict with "{who}": {path}')
            before = self.objects.get(where)
            merged: dict[str, Any] = {}
            for one in (*others.values(), document):
                merged = merge(merged, one)
            generation = before["metadata"]["generation"] if before else 0
            changed = before is None or before.get("spec") != merged.get("spec")
            merged["metadata"]["generation"] = generation + changed
            merged["status"] = copy.deepcopy(before.get("status", {})) if before else {}
            if trial:
                return merged
            self.log.append(f"apply {kind}")
            self.managers.setdefault(where, {})[manager] = document
            self.objects[where] = merged
            if kind == "InferenceService" and changed:
                self.start(merged)
            return copy.deepcopy(merged)

    def delete(self, kind: str, name: str) -> None:
        """Delete an object and what runs for it."""
        with self.lock:
            if (kind, name) not in self.objects:
                raise missing(kind, name)
            self.log.append(f"delete {kind}")
            del self.objects[kind, name]
            self.managers.pop((kind, name), None)
            if kind == "InferenceService" and name in self.predictors:
                self.predictors.pop(name).end()

    def start(self, service: dict[str, Any]) -> None:
        """Start what a service is made of."""
        name = service["metadata"]["name"]
        if name in self.predictors:
            self.predictors.pop(name).end()
        pod = service["spec"]["predictor"]
        if "model" in pod:
            self.predictors[name] = PlainRuntime(self.claims[pod["model"]["storageUri"]], name)
            return
        (keys,) = [one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one]
        self.predictors[name] = Predictor.start(pod, self.objects["ConfigMap", keys]["data"], self.folder, self.claims)

    def status(self, name: str) -> dict[str, Any]:
        """What a controller would write about a service now."""
        predictor = self.predictors.get(name)
        ready = predictor is not None and predictor.address is not None and not self.never
        failed = predictor is not None and bool(predictor.error)
        state = "Loaded" if ready else "FailedToLoad" if failed else "Pending"
        model: dict[str, Any] = {
            "states": {"activeModelState": state, "targetModelState": state},
            "transitionStatus": "UpToDate" if ready else "BlockedByFailedLoad" if failed else "InProgress",
        }
        if failed:
            model["lastFailureInfo"] = {"reason": "ModelLoadFailed", "message": predictor.error, "exitCode": 1}
        reason = {} if ready else {"reason": "RevisionMissing", "message": "Configuration is waiting for a Revision"}
        found: dict[str, Any] = {
            "conditions": [{"type": "Ready", "status": "True" if ready else "False", **reason}],
            "modelStatus": model,
        }
        if ready:
            found["url"] = predictor.address
            traffic = {"latestRevision": True, "tag": "latest", "url": predictor.address, "percent": 100}
            found["components"] = {"predictor": {"url": predictor.address, "traffic": [traffic]}}
        return found

    def proxied(self, name: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Ask the predictor of a service, as the API server does."""
        predictor = self.predictors.get(name)
        if predictor is None or predictor.address is None:
            raise Refusal(503, f'no endpoints available for service "{name}"')
        asked = urllib.request.Request(f"{predictor.address}{path}", data=body)
        try:
            with urllib.request.urlopen(asked, timeout=240) as answer:
                return answer.status, self.falsify(path, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


class _Handler(BaseHTTPRequestHandler):
    cluster: Site
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_DELETE(self) -> None:
        self._answer(None)

    def do_PATCH(self) -> None:
        self._answer(self._body())

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def _answer(self, body: bytes | None) -> None:
        try:
            self._know()
            status, content = self._found(body)
        except Refusal as refusal:
            status = refusal.status
            content = json.dumps({"kind": "Status", "code": status, "message": str(refusal)}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _know(self) -> None:
        if self.headers.get("authorization") != f"Bearer {self.cluster.token}":
            raise Refusal(401, "Unauthorized")

    def _found(self, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        kind, _, rest = parts.path.removeprefix(KSERVE).removeprefix(CORE).partition("/")[2].partition("/")
        if kind == "services":
            service, _, path = rest.partition("/proxy")
            name = service.removeprefix("http:").removesuffix(":80").rpartition("-")[0]
            return self.cluster.proxied(name, path, body)
        if kind == "pods":
            return 200, b'{"items": []}'
        return self._object(
            {"inferenceservices": "InferenceService", "configmaps": "ConfigMap"}[kind], rest, asked, body
        )

    def _object(self, kind: str, name: str, asked: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        site = self.cluster
        if self.command == "PATCH":
            assert self.headers["content-type"] == "application/apply-patch+yaml"
            assert asked["fieldValidation"] == "Strict"
            document = yaml.safe_load(body)
            found = site.apply(
                kind,
                name,
                document,
                asked["fieldManager"],
                trial=asked.get("dryRun") == "All",
                force=asked["force"] == "true",
            )
        elif self.command == "DELETE":
            site.delete(kind, name)
            found = {"kind": "Status", "status": "Success"}
        elif not name:
            key, _, value = asked["labelSelector"].partition("=")
            listed = [site.objects[where] | self._status(*where) for where in site.objects if where[0] == kind]
            found = {"items": [one for one in listed if one["metadata"]["labels"].get(key) == value]}
        elif (kind, name) in site.objects:
            found = site.objects[kind, name] | self._status(kind, name)
        else:
            raise missing(kind, name)
        return 200, json.dumps(found).encode()

    def _status(self, kind: str, name: str) -> dict[str, Any]:
        return {"status": self.cluster.status(name)} if kind == "InferenceService" else {}


def missing(kind: str, name: str) -> Refusal:
    """What Kubernetes says of an object that is not there."""
    return Refusal(404, f'{kind.lower()}s.serving.kserve.io "{name}" not found')


def merge(below: Any, above: Any) -> Any:
    """Lay one document over another."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: merge(below.get(key), value) for key, value in above.items()}
    return copy.deepcopy(above)


def conflict(theirs: Any, ours: Any, path: str = "") -> str:
    """Return the path of a field that two managers want otherwise; empty when there is none."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return next(
            (
                found
                for key in theirs.keys() & ours.keys()
                if (found := conflict(theirs[key], ours[key], f"{path}.{key}"))
            ),
            "",
        )
    return path if theirs != ours else ""


def kubeconfig(target: Path, sites: list[Site]) -> Path:
    """Write a kubeconfig with one context a site; return the file."""
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": sites[0].name,
        "clusters": [
            {
                "name": one.name,
                "cluster": {
                    "server": f"https://127.0.0.1:{one.server.server_port}",
                    "certificate-authority": str(one.folder / "tls.crt"),
                },
            }
            for one in sites
        ],
        "users": [{"name": one.name, "user": {"token": "let-me-in"}} for one in sites],
        "contexts": [
            {"name": one.name, "context": {"cluster": one.name, "user": one.name, "namespace": "radiology"}}
            for one in sites
        ],
    }
    target.write_text(yaml.safe_dump(body))
    return target
