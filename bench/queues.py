"""Relays around job queues on PostgreSQL, which Serai on PostgreSQL is compared with."""

import shutil
import subprocess

import peers
from peers import BENCH, Peer, bench_java

NODE_MIN = 22, 12  # what pg-boss needs


class JobQueue(Peer):
    """A relay around a job queue on a PostgreSQL."""

    def __init__(self, name, postgres, directory, target, heap):
        super().__init__(name, directory, target, heap)
        self.postgres = postgres

    def command(self, port, data):
        return QUEUES[self.name](port, self.target, self.postgres.port, self.heap), {}, f"http://127.0.0.1:{port}/ready"


def pg_boss(port, target, database, heap):
    return ["node", BENCH / "pgboss" / "relay.mjs", port, target, f"postgres://bench@127.0.0.1:{database}/postgres"]


def db_scheduler(port, target, database, heap):
    return bench_java(heap, "DbSchedulerRelay", port, target, f"jdbc:postgresql://127.0.0.1:{database}/postgres?user=bench")


# Each takes (port, target URL, port of PostgreSQL, heap of a JVM) and returns the command.
QUEUES = {"pgboss": pg_boss, "dbscheduler": db_scheduler}


def missing(name):
    """Why a peer cannot be measured on this machine, or None."""
    if name == "pgboss" and (node_version() < NODE_MIN or not shutil.which("npm")):
        return f"pg-boss needs Node {'.'.join(map(str, NODE_MIN))} or later and npm on the PATH"
    return peers.missing(name)


def node_version():
    """That of the Node on the PATH, such as (22, 12); (0, 0) without one."""
    if not shutil.which("node"):
        return 0, 0
    text = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(int(part) for part in text.strip().removeprefix("v").split(".")[:2])
