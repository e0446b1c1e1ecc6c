"""A function is one of parliament's, which serves it, too: what `dora.serve` adds is around it."""

from __future__ import annotations

import pytest
from parliament import server

from tests.conftest import FUNCTIONS, Database, Functions, load
from tests.events import cloudevent
from tests.functions.test_transformers import FOLDER

TRANSFORMERS = sorted(name for name in FUNCTIONS if name.endswith("-transformer"))
STRUCTURED = {"content-type": "application/cloudevents+json"}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_parliaments_own_server_answers_as_ours(function: Functions, name: str) -> None:
    client = server.create(load(FUNCTIONS[name].folder)).test_client()

    for file in sorted((FOLDER / name / "inputs").glob("*.json")):
        body = file.read_bytes()
        ours = function(name).post(body, **STRUCTURED)
        theirs = client.post("/", data=body, headers=STRUCTURED)
        assert (theirs.status_code, theirs.data) == (ours.status_code, ours.data), file.name


def test_it_keeps_events_there(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    function = FUNCTIONS["cloudevents-endpoint"]
    for name, value in function.environment.items():
        monkeypatch.setenv(name, value)

    answer = (
        server.create(load(function.folder))
        .test_client()
        .post("/", json=cloudevent(id="kept"), headers=STRUCTURED)
    )

    assert answer.status_code == 204, answer.text
    assert database.rows("select ce_id from cloudevents_raw") == [["kept"]]
