"""The sink, the load, and the systems that are measured between them."""

import contextlib
import json
import pathlib
import shlex
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

from processes import (
    REPOSITORY,
    BenchError,
    Process,
    die_with_parent,
    free_port,
    get,
    java_tool,
    wait_until_ok,
)

BENCH = pathlib.Path(__file__).resolve().parent
WORK = REPOSITORY / "target" / "bench"
PREPARED = WORK / "prepared"


class Sink:
    """The target, and what it received."""

    def __init__(self, directory, port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/sink"
        self.record = directory / "received"
        self.process = None

    def start(self):
        self.process = Process([WORK / "sink", "--port", self.port, "--record", self.record], WORK / "sink.log")
        wait_until_ok(f"http://127.0.0.1:{self.port}/", self.process, 10)

    def set(self, **parts):
        get(f"http://127.0.0.1:{self.port}/__set?{urllib.parse.urlencode(parts)}")

    def reset(self):
        get(f"http://127.0.0.1:{self.port}/__reset")

    def stats(self):
        return json.loads(get(f"http://127.0.0.1:{self.port}/__stats"))

    def stop(self):
        if self.process:
            self.process.kill()


class Peer:
    """A system under measurement in a directory of its own; ids go on from one load to the next."""

    def __init__(self, name, directory, target, heap):
        self.name = name
        self.directory = directory
        self.target = target
        self.heap = heap
        self.record = directory / "sent"
        self.next_id = 1
        self.process = None

    def start(self, seconds=120):
        """Starts it on the data it has, and returns the seconds until it was ready."""
        port = free_port()
        data = self.directory / "data"
        command, environment, ready = self.command(port, data)
        self.admin = ready.split("/observe/")[0]
        self.where = {"port": port} if self.name == "serai-tcp" else {"url": f"http://127.0.0.1:{port}/hook"}
        started = time.monotonic()
        self.process = Process(command, WORK / f"{self.name}.log", environment)
        wait_until_ok(ready, self.process, seconds)
        return round(time.monotonic() - started, 2)

    def command(self, port, data):
        return PEERS[self.name](port, self.target, data, self.heap)

    def load(self, **options):
        """Runs the load generator to its end and returns its result. Options are load.c's, or tcpload.c's."""
        options = {**self.where, "first": self.next_id, "record": self.record, **options}
        tool = "tcpload" if self.name == "serai-tcp" else "load"
        if tool == "tcpload":
            del options["connections"]  # it has one
        words = [str(word) for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        done = subprocess.run(
            [WORK / tool, *words], check=True, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent
        )
        result = json.loads(done.stdout)
        result["first_id"] = self.next_id
        self.next_id += result["sent"]
        self.process.check_running()
        if result["acked"] == 0:
            raise BenchError(f"{self.name} accepted nothing: {result}, see {self.process.log}")
        return result

    def ask(self, path):
        """Asks a Serai's admin API, and returns the seconds that the answer took, and the answer."""
        headers = {"Authorization": "Bearer " + self.token()}
        started = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(self.admin + path, headers=headers), timeout=60) as response:
            answer = response.read()
        return time.monotonic() - started, answer

    def token(self):
        return (self.directory / "admin.token").read_text().strip()

    @contextlib.contextmanager
    def watched(self):
        """While somebody watches a Serai: its status every 2 s, and one stream of events."""
        status = [REPOSITORY / "serai", "status", "--watch", "--url", self.admin, "-p", f"serai.admin.tokenFile={self.directory / 'admin.token'}"]
        events = ["curl", "--silent", "--no-buffer", "--header", "Authorization: Bearer " + self.token(), self.admin + "/api/events"]
        watchers = [Process(command, WORK / "watching.log") for command in (status, events)]
        try:
            yield
            for watcher in watchers:
                watcher.check_running()
        finally:
            for watcher in watchers:
                watcher.kill()

    def stop(self):
        if self.process:
            self.process.stop()

    def kill(self):
        if self.process:
            self.process.kill()


def bench_java(heap, *words):
    """The command that runs a class of this folder's pom.xml."""
    class_path = f"{BENCH}/target/classes:{BENCH}/target/lib/*"
    return [java_tool("java"), f"-Xmx{heap}", "-cp", class_path, *words]


def plain_camel(mode):
    def command(port, target, data, heap):
        return bench_java(heap, "PlainCamel", mode, port, target, data), {}, f"http://127.0.0.1:{port}/ready"

    return command


def redis_relay(port, target, data, heap):
    """Redis syncs its append-only file before it answers; both end with the session."""
    redis = free_port()
    data.mkdir(exist_ok=True)
    server = ["redis-server", "--bind", "127.0.0.1", "--port", redis, "--dir", data, "--save", "", "--appendonly", "yes",
              "--appendfsync", "always"]  # fmt: skip
    relay = bench_java(heap, "RedisRelay", port, target, redis)
    both = f"{shlex.join(map(str, server))} & until redis-cli -p {redis} ping; do sleep 0.1; done; exec {shlex.join(map(str, relay))}"
    return ["sh", "-c", both], {}, f"http://127.0.0.1:{port}/ready"


def missing(name):
    """Why a peer cannot be measured on this machine, or None."""
    if name == "redis" and not shutil.which("redis-server"):
        return "redis-server is not on the PATH (Debian has it in the package redis-server)"
    return None


def serai_in(mode):
    return lambda port, target, data, heap: serai(port, target, data, heap, mode)


def serai_over_tcp(port, target, data, heap):
    command, environment, ready = serai(free_port(), target, data, heap, "async", "bench-tcp.camel.yaml")
    return [*command, "-p", f"bench.tcpPort={port}"], environment, ready


def serai_with(routes):
    """A node that only takes changes in; the requests for it are prepared, see SignedRequests.java."""
    return lambda port, target, data, heap: serai(port, target, data, heap, "async", routes)


def serai_troubled(port, target, data, heap):
    """A node on the ledger that TroubledLedger makes."""
    return serai(port, target, data, heap, "async", "troubled.camel.yaml")


def serai_forgetful(port, target, data, heap):
    """A node that keeps what all targets have for 30 s only."""
    command, environment, ready = serai(port, target, data, heap, "async")
    return [*command, "-p", "serai.retention.settled=30s"], environment, ready


def serai_with_digests(port, target, data, heap):
    """A node that keeps digests of what the target takes, for reconciliation."""
    command, environment, ready = serai(port, target, data, heap, "async")
    return [*command, "--routes", BENCH / "routes" / "digests.reconcile.yaml"], environment, ready


def serai(port, target, data, heap, mode, routes="bench.camel.yaml"):
    admin = free_port()
    command = [REPOSITORY / "serai", "run", "--routes", BENCH / "routes" / routes, "--data", data]
    properties = {
        "serai.http.port": port,
        "serai.admin.port": admin,
        "serai.admin.tokenFile": data.parent / "admin.token",
        "bench.target": target,
        "bench.mode": mode,
        "bench.publicKey": PREPARED / "public.pem",
    }
    for name, value in properties.items():
        command += ["-p", f"{name}={value}"]
    environment = {"JAVA_OPTS": f"-Xmx{heap}", "SERAI_JAVA_OPTS": f"-Xmx{heap}"}
    return command, environment, f"http://127.0.0.1:{admin}/observe/health/ready"


# Each takes (port, target URL, data directory, heap) and returns (command, environment, URL that answers 200 once ready).
PEERS = {
    "direct": plain_camel("direct"),
    "artemis": plain_camel("artemis"),
    "redis": redis_relay,
    "serai": serai_in("async"),
    "serai-sync": serai_in("sync"),
    "serai-tcp": serai_over_tcp,
    "serai-plain": serai_with("bench-plain.camel.yaml"),
    "serai-signed": serai_with("bench-signed.camel.yaml"),
    "serai-digests": serai_with_digests,
    "serai-forgetful": serai_forgetful,
    "serai-troubled": serai_troubled,
}


@contextlib.contextmanager
def fresh_directory(name):
    directory = WORK / "data" / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def started(sink, peer):
    try:
        sink.start()
        peer.start()
        yield sink, peer
    finally:
        peer.kill()
        sink.stop()


@contextlib.contextmanager
def running(name, heap):
    """A sink and a peer that delivers to it, both fresh."""
    with fresh_directory(name) as directory:
        sink = Sink(directory)
        with started(sink, Peer(name, directory, sink.url, heap)) as both:
            yield both
