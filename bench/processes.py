"""Starting, watching and surely ending processes (Linux, /proc)."""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
STOP_SECONDS_MAX = 40  # Serai drains for up to 30 s
MIB = 1 << 20


def die_with_parent():
    """In the child: be killed when the runner dies, even if it was killed itself."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """A command in a session of its own, and all that it starts there. Stopped as a whole, by id."""

    def __init__(self, command, log, environment=None):
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                cwd=REPOSITORY,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.log = log

    def members(self):
        """The ids of the session's living processes."""
        members = []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError):
                pid = int(entry)
                state, _, _, session = self._stat(pid)[:4]
                if int(session) == self.popen.pid and state != "Z":
                    members.append(pid)
        return members

    @staticmethod
    def _stat(pid):
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
        return text[text.rindex(")") + 2 :].split()  # the name before it may hold blanks

    def cpu_seconds(self):
        ticks = 0
        for pid in self.members():
            with contextlib.suppress(OSError):
                user, system = self._stat(pid)[11:13]
                ticks += int(user) + int(system)
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, which="VmRSS"):
        """Resident memory now (VmRSS), or at its highest since the start (VmHWM)."""
        kib = 0
        for pid in self.members():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith(which + ":"):
                        kib += int(line.split()[1])
        return round(kib / 1024, 1)

    def threads(self):
        return len(os.listdir(f"/proc/{self.java_pid()}/task"))

    def open_files(self):
        """Files and sockets."""
        return len(os.listdir(f"/proc/{self.java_pid()}/fd"))

    def java_pid(self):
        return next(p for p in self.members() if os.path.basename(os.readlink(f"/proc/{p}/exe")) == "java")

    def live_heap_mib(self):
        """What the Java heap holds after a full collection."""
        output = subprocess.run(
            [java_tool("jcmd"), str(self.java_pid()), "GC.class_histogram"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        _, _instances, size = output.strip().splitlines()[-1].split()[:3]
        return round(int(size) / MIB, 1)

    def check_running(self):
        if self.popen.poll() is not None:
            raise BenchError(f"the process ended by itself (exit {self.popen.returncode}), see {self.log}")

    def stop(self):
        """Asks to end, waits, and then kills what is left."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while self.members() and time.monotonic() < deadline:
            self.popen.poll()
            time.sleep(0.05)
        self.kill()

    def kill(self):
        while self.members():
            self._signal(signal.SIGKILL)
            self.popen.poll()
            time.sleep(0.02)
        self.popen.wait()

    def _signal(self, number):
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class BenchError(Exception):
    """The benchmark cannot go on; the message says why."""


def java_tool(name):
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", name) if home else name


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def unreachable_port():
    """A port that stays ours and refuses every connection: bound, but nobody listens."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def wait_until_ok(url, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        process.check_running()
        with contextlib.suppress(OSError):  # refused, or not 200
            get(url)
            return
        time.sleep(0.02)
    raise BenchError(f"{url} was not ready after {seconds} s, see {process.log}")
