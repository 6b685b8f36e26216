"""A PostgreSQL of the bench's own, and nodes of Serai that share a ledger in it."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from peers import WORK, Peer, free_port, serai
from processes import BenchError, Process, wait_until_ok



def postgres_tool(name):
    """Debian does not put the server's programs on the PATH."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, folders)]))


class Postgres:
    """A server with its defaults, so it syncs each commit. It refuses to be run by root, who becomes nobody for it."""

    def __init__(self):
        # Under a folder that nobody can reach, too.
        self.directory = pathlib.Path(tempfile.gettempdir()) / f"serai-bench-postgres-{os.getpid()}"
        self.port = free_port()
        self.schemas = 0
        self.process = None

    @staticmethod
    def missing():
        return None if postgres_tool("initdb") else "PostgreSQL's initdb (Debian has it in the package postgresql)"

    def _command(self, name, *words):
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        return [*drop, postgres_tool(name), *map(str, words)]

    def start(self):
        self.directory.mkdir()
        if os.getuid() == 0:
            os.chown(self.directory, 65534, 65534)
        data = self.directory / "data"
        initdb = self._command("initdb", "--pgdata", data, "--username", "bench", "--auth", "trust", "--encoding", "UTF8")
        subprocess.run(initdb, cwd="/", check=True, stdout=subprocess.DEVNULL)
        server = self._command("postgres", "-D", data, "-h", "127.0.0.1", "-p", self.port, "-k", self.directory, "-c", "max_connections=300")
        self.process = Process(server, WORK / "postgres.log")
        deadline = time.monotonic() + 60
        ready = self._command("pg_isready", "-h", "127.0.0.1", "-p", self.port)
        while subprocess.run(ready, cwd="/", stdout=subprocess.DEVNULL).returncode != 0:
            self.process.check_running()
            if time.monotonic() > deadline:
                raise BenchError(f"PostgreSQL did not start, see {self.process.log}")
            time.sleep(0.1)

    def ask(self, sql):
        query = self._command("psql", "-h", "127.0.0.1", "-p", self.port, "-U", "bench", "-At", "-c", sql, "postgres")
        return subprocess.run(query, cwd="/", check=True, capture_output=True, text=True).stdout.split()

    def work(self):
        """What it has done so far: milliseconds of processor time, bytes of its log, commits (as of a second ago)."""
        log, commits = self.ask(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint UNION ALL SELECT sum(xact_commit)::bigint FROM pg_stat_database"
        )
        return {"cpu_ms": self._cpu_seconds() * 1000, "wal_bytes": int(log), "commits": int(commits)}

    def _cpu_seconds(self):
        """Each of its processes makes a session of its own, and those that ended count with their parent."""
        ticks = 0
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = entry.read_text()
                fields = text[text.rindex(")") + 2 :].split()
                user, system, ended_user, ended_system = map(int, fields[11:15])
                if int(entry.parent.name) == self.process.popen.pid:
                    ticks += user + system + ended_user + ended_system
                elif int(fields[1]) == self.process.popen.pid:
                    ticks += user + system
        return ticks / os.sysconf("SC_CLK_TCK")

    def ledger(self):
        """The properties of a ledger of its own."""
        self.schemas += 1
        return {
            "camel.component.ledger.url": f"jdbc:postgresql://127.0.0.1:{self.port}/postgres",
            "camel.component.ledger.username": "bench",
            "camel.component.ledger.schema": f"bench_{self.schemas}",
        }

    def stop(self):
        if self.process:
            self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class Group:
    """Several processes as one."""

    def __init__(self, processes):
        self.processes = processes
        self.log = processes[0].log

    def check_running(self):
        for process in self.processes:
            process.check_running()

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self.processes)

    def memory_mib(self, which="VmRSS"):
        return round(sum(process.memory_mib(which) for process in self.processes), 1)

    def kill(self):
        for process in self.processes:
            process.kill()


class Nodes(Peer):
    """So many nodes on one ledger; all changes are sent to the first, which passes on those of the others' shards."""

    def __init__(self, count, shards, postgres, directory, target, heap, **properties):
        super().__init__(f"{count} nodes" if count > 1 else "1 node", directory, target, heap)
        self.count = count
        self.shards = shards
        self.postgres = postgres
        self.properties = {**postgres.ledger(), **properties}
        self.shared = True

    def start(self, seconds=120):
        (self.directory / "secret").write_text("a secret of the bench, good for nothing else")
        processes, ports = [], []
        for number in range(self.count):
            ports.append(free_port())
            data = self.directory / f"data-{number}"
            command, environment, ready = serai(ports[-1], self.target, data, self.heap, "async")
            own = {"serai.node.name": f"n{number}"}
            if self.shared:
                own |= {"serai.node.port": free_port(), "serai.node.secretFile": self.directory / "secret", "serai.shards": self.shards}
            for name, value in {**self.properties, **own}.items():
                command += ["-p", f"{name}={value}"]
            process = Process(command, WORK / "nodes.log", environment)
            processes.append(process)
            wait_until_ok(ready, process, seconds)
        self.urls = [f"http://127.0.0.1:{port}/hook" for port in ports]
        self.where = {"url": self.urls[0]}
        self.process = Group(processes)
        self._wait_for_shares(seconds)

    def _wait_for_shares(self, seconds):
        """Until each node has its part of the shards."""
        shard = self.properties["camel.component.ledger.schema"] + ".shard"
        deadline = time.monotonic() + seconds
        while True:
            parts = [int(part) for part in self.postgres.ask(f"SELECT count(*) FROM {shard} WHERE until > now() GROUP BY owner")]
            if len(parts) == min(self.count, self.shards) and max(parts) <= -(-sum(parts) // self.count) and sum(parts) == self.shards:
                return
            if time.monotonic() > deadline:
                raise BenchError(f"the {self.shards} shards are shared out as {parts}")
            time.sleep(0.5)

    def stop(self):
        self.kill()


class OneOwner(Nodes):
    """Two nodes and one shard: all changes are sent to the node that has it, or all to the other one, which passes them on."""

    def __init__(self, to_owner, postgres, directory, target, heap):
        super().__init__(2, 1, postgres, directory, target, heap)
        self.to_owner = to_owner
        self.name = "sent to the owner" if to_owner else "passed on"

    def start(self, seconds=120):
        super().start(seconds)
        owner = self.postgres.ask(f"SELECT owner_name FROM {self.properties['camel.component.ledger.schema']}.shard")
        number = int(owner[0].removeprefix("n"))
        self.where = {"url": self.urls[number if self.to_owner else 1 - number]}


class OnPostgres(Nodes):
    """One node that has the ledger for itself."""

    def __init__(self, postgres, directory, target, heap):
        super().__init__(1, 1, postgres, directory, target, heap)
        self.name = "postgres"
        self.shared = False
