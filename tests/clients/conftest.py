"""Fixtures: a simulated Gemini, a gateway before it, and the clients people use."""

import contextlib

import openai
import pytest
from google import genai

from programs import ACCESS_KEY, Server, Simulator


class World:
    """A simulated Gemini and the gateway in front of it."""

    def __init__(self, simulator, server):
        self.simulator = simulator
        self.server = server
        # A client of google-genai closes its connections when nobody holds it.
        self._held = []

    def openai(self, key=ACCESS_KEY):
        """OpenAI's client, which must not hide a failure by trying again."""
        return openai.OpenAI(base_url=f"{self.server.url}/v1", api_key=key, max_retries=0)

    def gemini(self, version="v1beta", key=ACCESS_KEY):
        """Google's client, which must not try again either."""
        options = {
            "base_url": self.server.url,
            "api_version": version,
            "retry_options": {"attempts": 1},
        }
        self._held.append(genai.Client(api_key=key, http_options=options))
        return self._held[-1]


@pytest.fixture
def start(tmp_path):
    """Starts a world whose keys follow a script; all of it ends with the test."""
    with contextlib.ExitStack() as stack:
        yield maker(stack, lambda: tmp_path / "data")


@pytest.fixture(scope="module")
def world_of(tmp_path_factory):
    """Starts worlds that the tests of a module share."""
    with contextlib.ExitStack() as stack:
        yield maker(stack, lambda: tmp_path_factory.mktemp("world") / "data")


@pytest.fixture(scope="module")
def healthy(world_of):
    """A world of two good keys, shared by tests that only ask."""
    return world_of("gem-good-aaaa,gem-good-bbbb")


def maker(stack, fresh_data):
    """Returns what starts a world; `stack` ends it."""

    def make(script, data_dir=None, simulator=None, **settings):
        if simulator is None:
            simulator = Simulator(script)
            stack.callback(simulator.stop)
        keys = ",".join(entry.split("=")[0] for entry in script.split(","))
        server = Server(keys, simulator.url, data_dir or fresh_data(), **settings)
        stack.callback(server.stop)
        return World(simulator, server)

    return make
