"""Secrets stay out of whatever a step leaves behind."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.fault

SECRET = "pä$$ w/ör+d=?"


def test_the_log_and_every_message(bench: Any) -> None:
    order = bench.start(
        """
        import base64, json, os, sys, subprocess, time, urllib.parse
        from assay.runtime.step import step
        def work():
            secret = os.environ["TOKEN"]
            print("it is", secret)
            print(secret, file=sys.stderr)
            os.system('echo "$TOKEN"')
            print(base64.b64encode(secret.encode()).decode(), base64.b64encode(b"user:" + secret.encode()).decode())
            print(urllib.parse.quote(secret), urllib.parse.quote_plus(secret), json.dumps(secret))
            for sign in secret.encode():
                os.write(1, bytes([sign]))
                time.sleep(0.003)
            print()
            step.log_metric(secret, 1.0)
            step.preview("a", f"<{secret}>")
            print("the end")
            raise ValueError(f"cannot log in with {secret}")
        """,
        secrets={"TOKEN": SECRET},
    )
    (ended,) = bench.wait(order)
    log = order.log.read_text()
    told = repr(ended) + log
    assert log.startswith("it is ***\n***\n***\n")
    assert log.rstrip().endswith("***\nthe end")
    raw = SECRET.encode()
    for form in (
        SECRET,
        base64.b64encode(raw).decode(),
        quote(SECRET),
        "w/ör",
        base64.b64encode(b"user:" + raw).decode()[8:-4],
    ):
        assert form not in told
    assert ended.failure.message == "ValueError: cannot log in with ***"
    assert [message.data.get("name") for message in ended.messages] == ["***", "a"]


def test_the_log_is_live_and_whole(bench: Any) -> None:
    order = bench.start("import time\ndef work():\n    print('on')\n    time.sleep(600)", secrets={"TOKEN": "s3cret"})
    bench.until_printed(order, "on\n")
    bench.executor.stop(order.key)
    assert bench.wait(order)[0].failure.code == "killed"


def test_a_leftover_process_does_not_keep_it_open(bench: Any) -> None:
    source = (
        "import subprocess\ndef work():\n    subprocess.Popen(['setsid', 'sleep', '600'])\n    print('x' * 10_000_000)"
    )
    order = bench.start(source, secrets={"TOKEN": "s3cret"})
    assert bench.wait(order)[0].outputs == {}
    assert order.log.stat().st_size == 10_000_001


def test_a_value_is_an_output_too(bench: Any) -> None:
    ended = bench.run(
        "import os\ndef work(): return {'token': [os.environ['TOKEN']]}",
        outputs={"value": "Value"},
        secrets={"TOKEN": "s3cret"},
    )
    assert ended.outputs["value"].json == {"token": ["***"]}
