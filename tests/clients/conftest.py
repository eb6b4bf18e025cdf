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

        def make(script, data_dir=None, simulator=None, **settings):
            if simulator is None:
                simulator = Simulator(script)
                stack.callback(simulator.stop)
            keys = ",".join(entry.split("=")[0] for entry in script.split(","))
            server = Server(keys, simulator.url, data_dir or tmp_path / "data", **settings)
            stack.callback(server.stop)
            return World(simulator, server)

        yield make


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A world of two good keys, shared by tests that only ask."""
    simulator = Simulator("gem-good-aaaa,gem-good-bbbb")
    try:
        data = tmp_path_factory.mktemp("healthy") / "data"
        server = Server("gem-good-aaaa,gem-good-bbbb", simulator.url, data)
        try:
            yield World(simulator, server)
        finally:
            server.stop()
    finally:
        simulator.stop()
