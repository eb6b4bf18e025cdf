"""The program as one runs it: starting, stopping, restarting, and what it leaves behind."""

import os
import signal
import stat
import threading
import urllib.request

import openai
import pytest

from programs import ACCESS_KEY, MODEL, PATIENCE, Program, until

QUESTION = [{"role": "user", "content": "one two three"}]
WHOLE = "You said: one two three"


class Reader(threading.Thread):
    """Reads a stream beside the test, up to its end or its error."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.text, self.error, self.begun = "", None, threading.Event()
        self._client = world.openai()
        self.start()

    def run(self):
        try:
            for chunk in self._client.chat.completions.create(
                model=MODEL, messages=QUESTION, stream=True
            ):
                self.text += chunk.choices[0].delta.content or ""
                if self.text:
                    self.begun.set()
        except openai.OpenAIError as error:
            self.error = error
        finally:
            self.begun.set()


def ask(world, key=ACCESS_KEY):
    answer = world.openai(key).chat.completions.create(model=MODEL, messages=QUESTION)
    return answer.choices[0].message.content


def test_a_stop_lets_a_running_stream_end(start):
    world = start("gem-slow-aaaa=slow:first=50ms:chunk=150ms")
    reader = Reader(world)
    assert reader.begun.wait(PATIENCE)
    world.server.terminate()
    reader.join(PATIENCE)
    assert reader.error is None
    assert reader.text.endswith(WHOLE)
    assert world.server.wait() == 0


def test_a_stop_takes_no_new_connections(start):
    world = start("gem-slow-aaaa=slow:chunk=150ms")
    reader = Reader(world)
    assert reader.begun.wait(PATIENCE)
    world.server.terminate()

    def is_closed():
        try:
            urllib.request.urlopen(f"{world.server.url}/health", timeout=PATIENCE).close()
        except OSError:
            return True
        return False

    until(is_closed, "the listener to close")
    reader.join(PATIENCE)
    assert reader.text.endswith(WHOLE)


def test_a_stream_that_outlasts_the_grace_ends_with_an_error(start):
    world = start("gem-slow-aaaa=slow:chunk=2s", POLLUX_SHUTDOWN__GRACE="300ms")
    reader = Reader(world)
    assert reader.begun.wait(PATIENCE)
    world.server.terminate()
    reader.join(PATIENCE)
    assert isinstance(reader.error, openai.APIError)
    assert "shutting down" in str(reader.error)
    assert world.server.wait() == 0


def test_a_spent_day_is_remembered_over_a_restart(start):
    first = start("gem-day-aaaa=quota:rpd=1", POLLUX_POOL__MAX_WAIT="0s")
    ask(first)
    with pytest.raises(openai.RateLimitError):
        ask(first)
    calls = first.simulator.calls()
    first.server.stop()
    second = start(
        "gem-day-aaaa", simulator=first.simulator, POLLUX_POOL__MAX_WAIT="0s"
    )
    with pytest.raises(openai.RateLimitError) as raised:
        ask(second)
    assert int(raised.value.response.headers["retry-after"]) > 60
    assert second.simulator.calls() == calls


def test_the_access_key_of_the_first_start_is_shown_once(start):
    first = start("gem-good-aaaa", AUTH_TOKEN="")
    key = first.server.stdout.find(r"Access key +(\S+) +\(made just now").group(1)
    assert WHOLE in ask(first, key)
    first.server.stop()
    second = start("gem-good-aaaa", simulator=first.simulator, AUTH_TOKEN="")
    assert WHOLE in ask(second, key)
    with pytest.raises(openai.AuthenticationError):
        ask(second, key[:-1] + ("a" if key[-1] != "a" else "b"))
    second.server.stop()
    assert key not in second.server.output()
    assert key not in first.server.stderr.text()


def test_the_state_is_its_owners_alone(start, tmp_path):
    old = os.umask(0)
    try:
        world = start("gem-good-aaaa")
    finally:
        os.umask(old)
    ask(world)
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}
    assert {"pollux.db", "master.key"} <= set(files)
    assert set(files.values()) == {0o600}, files


@pytest.mark.parametrize(
    ("setting", "value", "named", "allowed"),
    [
        ("POLLUX_LISTEN", "nowhere", "listen", "127.0.0.1:8080"),
        ("POLLUX_POOL__STRATEGY", "best", "pool.strategy", "round_robin"),
        ("POLLUX_POOL__MAX_ATTEMPTS", "0", "pool.max_attempts", "1"),
        ("POLLUX_LOG__FORMAT", "xml", "log.format", "json"),
        ("POLLUX_TIMEOUTS__IDLE", "soon", "timeouts.idle", "s"),
    ],
)
def test_a_bad_setting_is_named_with_its_value_and_what_is_allowed(
    tmp_path, setting, value, named, allowed
):
    environment = {"POLLUX_DATA_DIR": str(tmp_path / "data"), setting: value}
    program = Program(["serve"], environment)
    try:
        assert program.wait() != 0
    finally:
        program.stop()
    said = program.stderr.text()
    assert setting in said and f"`{value}`" in said and named in said
    assert allowed in said.split("takes", 1)[1]
    assert not (tmp_path / "data").exists()


def test_a_secret_setting_that_is_bad_is_not_shown(tmp_path):
    environment = {"POLLUX_DATA_DIR": str(tmp_path / "data"), "AUTH_TOKEN": "hunter 2 hunter 2"}
    program = Program(["serve"], environment)
    try:
        assert program.wait() != 0
    finally:
        program.stop()
    assert "AUTH_TOKEN" in program.stderr.text()
    assert "hunter" not in program.output()


def test_no_gemini_key_is_logged_or_stored_in_clear(start, tmp_path):
    script = (
        "gem-secret-aaaa=suspended,gem-secret-bbbb=invalid,gem-secret-cccc=overloaded*1+ok,"
        "gem-secret-dddd=cut:after=3"
    )
    world = start(script, POLLUX_LOG__LEVEL="trace")
    for _ in range(6):
        try:
            client = world.openai().chat.completions
            list(client.create(model=MODEL, messages=QUESTION, stream=True))
        except openai.APIError as error:
            assert "gem-secret" not in str(error)
    calls = world.simulator.calls()
    assert len(calls) == 4, calls
    world.server.stop()
    assert "gem-secret" not in world.server.output()
    assert ACCESS_KEY not in world.server.output()
    written = [path for path in (tmp_path / "data").iterdir() if path.is_file()]
    assert written
    for path in written:
        content = path.read_bytes()
        assert b"gem-secret" not in content, path
        assert ACCESS_KEY.encode() not in content, path


def test_ctrl_c_stops_it_too(start):
    world = start("gem-good-aaaa")
    ask(world)
    world.server.process.send_signal(signal.SIGINT)
    assert world.server.wait() == 0


def test_an_address_that_is_taken_is_named(start, tmp_path):
    world = start("gem-good-aaaa")
    taken = world.server.url.removeprefix("http://")
    environment = {"POLLUX_LISTEN": taken, "POLLUX_DATA_DIR": str(tmp_path / "other")}
    program = Program(["serve"], environment)
    try:
        assert program.wait() != 0
    finally:
        program.stop()
    assert taken in program.stderr.text() and "listen" in program.stderr.text()
