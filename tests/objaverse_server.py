"""A loopback server that has Objaverse's own layout and can misbehave."""

import gzip
import json
import threading
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trimesh

from linmech.objects.objaverse.catalogue import Objaverse

CATEGORIES = ["mug", "wine_glass", "mouse_(computer_equipment)", "apple"]


def uid_of(category, number):
    return f"{CATEGORIES.index(category):016x}{number:016x}"


class Server(ThreadingHTTPServer):
    """Serves `files`; `faults[path]` is a list of what to do with the next requests, `counts` what was asked for."""

    daemon_threads = True

    def __init__(self):
        self.files, self.faults, self.counts = {}, defaultdict(list), Counter()
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """GET only: a status, a truncated body, silence, or the file."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.path.removeprefix("/data/")
        self.server.counts[path] += 1
        faults = self.server.faults[path]
        fault = faults.pop(0) if faults else None
        content = self.server.files.get(path)
        if fault == "silence":
            self.server.closing.wait(10)
            return
        if isinstance(fault, int) or content is None:
            self.send_error(fault or 404)
            return
        self.send_response(200)
        if fault != "cut, no length":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if fault in ("cut", "cut, no length") else content)


def packed(content):
    return gzip.compress(json.dumps(content).encode())


def stock(server, licences=("by", "by", "by")):
    """A dataset of len(licences) meshes in each category, in the layout that the package asks for."""
    paths, lvis, notes = {}, {}, {}
    for category in CATEGORIES:
        lvis[category] = [uid_of(category, number) for number in range(len(licences))]
        for number, uid in enumerate(lvis[category]):
            paths[uid] = f"glbs/000-023/{uid}.glb"
            notes[uid] = {"uid": uid, "license": licences[number], "user": {"displayName": f"Ann\t{number}"}}
            extents = (1 + number, 1, 1 + CATEGORIES.index(category))
            server.files[paths[uid]] = trimesh.creation.box(extents).export(file_type="glb")
    server.files["object-paths.json.gz"] = packed(paths)
    server.files["lvis-annotations.json.gz"] = packed(lvis)
    server.files["metadata/000-023.json.gz"] = packed(notes)
    return paths


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stock(server)
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wanted(server, tmp_path):
    """A function that makes settings for the server, with short waits."""

    def make(**changes):
        url = f"http://127.0.0.1:{server.server_port}/data"
        patient = {"url": url, "timeout_s": 5, "attempts": 3, "backoff_s": 0.01}
        return Objaverse(**{"folder": tmp_path / "objaverse", **patient, **changes})

    return make


def glb(uid):
    return f"glbs/000-023/{uid}.glb"
