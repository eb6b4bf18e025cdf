"""The admin API against its own document: made-up requests of every kind find no fault in it."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import pytest

PASSWORD = "fuzz-owner-password-4f1c"
SEED = "20260120"
# An answer of the kind, of a status and in the shape that the document names; and never a 500.
CHECKS = (
    "no_internal_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# One thing of each kind, so that there is something to be asked for.
THINGS = {
    "users": {"name": "somebody"},
    "pools": {"name": "another pool"},
    "tokens": {"name": "a program", "role": "viewer"},
    "checks": {"keys": "all"},
}
# It never ends; the tests of the gateway read it.
ENDLESS = "/admin/api/events"
HERE = pathlib.Path(__file__).parent


def fuzz(server, seconds, *which):
    """Has requests made up for operations, for so long; returns what was found."""
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    command = [
        program,
        "run",
        f"{server.url}/admin/api/openapi.json",
        "--header",
        f"Authorization: Bearer {PASSWORD}",
        *("--seed", SEED, "--max-time", str(seconds), "--workers", "1"),
        *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)),
        *("--request-timeout", "10", "--no-shrink", "--continue-on-failure"),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *which,
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "fuzz_hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def make(server, path, thing):
    request = urllib.request.Request(
        f"{server.url}/admin/api/{path}",
        data=json.dumps(thing).encode(),
        headers={"authorization": f"Bearer {PASSWORD}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status in (201, 202)


@pytest.mark.slow
def test_every_operation_answers_as_its_document_says(start, tmp_path, monkeypatch):
    # It keeps what it has seen where it is started.
    monkeypatch.chdir(tmp_path)
    world = start(
        "gem-good-aaaa,gem-bad-bbbb=suspended,gem-slow-cccc",
        ADMIN_PASSWORD=PASSWORD,
        POLLUX_TRUSTED_PROXIES="127.0.0.1",
    )
    for path, thing in THINGS.items():
        make(world.server, path, thing)
    # What is removed comes last, so that there is something to be asked for before.
    for seconds, which in (
        (50, ("--exclude-method", "DELETE", "--exclude-path", ENDLESS)),
        (10, ("--include-method", "DELETE")),
    ):
        found = fuzz(world.server, seconds, *which)
        assert found.returncode == 0, found.stdout + found.stderr
    with urllib.request.urlopen(f"{world.server.url}/health", timeout=10) as answer:
        assert answer.status == 200
