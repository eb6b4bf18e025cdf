"""Starts Pollux's programs, reads where they listen, and stops them by their own process."""

import json
import os
import re
import subprocess
import threading
import time
import urllib.request

BINARY = os.environ.get("POLLUX_BINARY", "pollux")
ACCESS_KEY = "sk-test-0123456789abcdef"
MODEL = "gemini-3.5-flash"
PATIENCE = 20.0


class Program:
    """A running program, its output gathered line by line."""

    def __init__(self, arguments, environment=None):
        # Nothing of the caller's own settings may get in.
        clean = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
        self.process = subprocess.Popen(
            [BINARY, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**clean, **(environment or {})},
            text=True,
        )
        self.stdout = Lines(self.process.stdout)
        self.stderr = Lines(self.process.stderr)

    @property
    def pid(self):
        return self.process.pid

    def terminate(self):
        self.process.terminate()

    def wait(self, patience=PATIENCE):
        """Waits for the end; returns the exit code, with all output read."""
        code = self.process.wait(patience)
        self.stdout.finish()
        self.stderr.finish()
        return code

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.wait()

    def output(self):
        return self.stdout.text() + self.stderr.text()


class Lines:
    """What a stream has said so far."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = []
        self._change = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self._stream:
            with self._change:
                self._lines.append(line)
                self._change.notify_all()
        with self._change:
            self._ended = True
            self._change.notify_all()

    def text(self):
        with self._change:
            return "".join(self._lines)

    def find(self, pattern):
        """Waits for a line that matches and returns the match."""
        deadline = time.monotonic() + PATIENCE
        with self._change:
            while True:
                found = re.search(pattern, "".join(self._lines))
                if found:
                    return found
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    raise AssertionError(f"no {pattern!r} in: {''.join(self._lines)}")
                self._change.wait(left)

    def finish(self):
        self._thread.join(PATIENCE)


class Simulator(Program):
    """`pollux simulate`: the Gemini behind."""

    def __init__(self, keys):
        super().__init__(["simulate", "--listen", "127.0.0.1:0", "--keys", keys])
        self.url = self.stdout.find(r"on (http://[0-9.:]+)").group(1)

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}/_simulator/{path}", timeout=PATIENCE) as answer:
            return json.load(answer)

    def requests(self):
        return self._get("requests")["requests"]

    def last(self):
        """The body and the rest of the last request."""
        request = self.requests()[-1]
        return json.loads(request["body"] or "null"), request

    def calls(self):
        """Calls by key."""
        return {key: it["calls"] for key, it in self._get("summary")["keys"].items()}

    def statuses(self):
        """Every status that was sent, of all keys."""
        keys = self._get("summary")["keys"].values()
        return {int(status) for key in keys for status in key["statuses"]}

    def wait_for_calls(self, count):
        until(lambda: len(self.requests()) >= count, f"{count} requests")


class Server(Program):
    """`pollux serve`: the gateway in front."""

    def __init__(self, keys, upstream, data_dir, **settings):
        environment = {
            "GEMINI_API_KEY": keys,
            "GEMINI_BASE_URL": upstream,
            "POLLUX_LISTEN": "127.0.0.1:0",
            "POLLUX_DATA_DIR": str(data_dir),
            "AUTH_TOKEN": ACCESS_KEY,
            # Tests say which key goes next, and count what reaches the simulator.
            "POLLUX_POOL__STRATEGY": "weighted_round_robin",
            "POLLUX_HEALTH__CHECKS": "false",
            **settings,
        }
        super().__init__(["serve"], environment)
        # The greeting is written at once; its last line says that it is complete.
        self.stdout.find(r"State +\S+")
        self.url = self.stdout.find(r"Gemini clients +(http://[0-9.:]+)").group(1)


def until(condition, what):
    """Polls for something that happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE} s for {what}")
        threading.Event().wait(0.02)
