"""From each release's own chart, with what it kept, to this one: and away, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.blocks import Block
from tests.schemas.conftest import EMPTY
from tests.schemas.freeze import RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.page import Page
    from tests.knative.stage import Stage

# Each in a namespace and a database of its own.
OLDER = "older"
HERE = f"--namespace {OLDER} --set namespace.name={OLDER},database.settings.PGDATABASE={OLDER}"
TRY = f"{HERE} --values charts/dora/try.yaml"
SOURCES = f"--set sources.name={OLDER}"
# As whoever installed that release has done, with the Helm of its time.
INSTALL = f"helm3 install {OLDER} %s {TRY} --create-namespace --set sources.kubernetes.namespaces={{{OLDER}}}"
# The changelog says so of the Job.
UPGRADE = f"""\
make chart
helm upgrade {OLDER} charts/dora {TRY} {SOURCES}
kubectl -n {OLDER} delete job dora-init
"""
AGAIN = f"helm install {OLDER} charts/dora {TRY} {SOURCES}"
UNINSTALL = f"helm uninstall {OLDER} --namespace {OLDER}"
KEPT = ("cloudevents_raw", "cdevents_raw", "dead_letters")


@pytest.fixture(scope="module", params=[each.name for each in RELEASES.iterdir() if each.is_dir()])
def older(stage: Stage, page: Page, request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Install a release with what it kept, and return what is of it."""
    release = RELEASES / request.param
    page.run(Block("cluster", INSTALL % (release / "chart.tgz")))
    stage.cluster.run_database_job(OLDER, OLDER)
    rows = f"set session_replication_role = replica;{(release / 'rows.sql').read_text()}"
    stage.cluster.postgresql.run(OLDER, EMPTY)
    stage.cluster.postgresql.run(OLDER, rows)
    yield remaining(stage)
    page.run(Block("cluster", f"{UNINSTALL}\nkubectl delete namespace {OLDER} --wait=false"))
    stage.cluster.postgresql.run("postgres", f"drop database {OLDER}")


def remaining(stage: Stage) -> dict[str, Any]:
    """Return what has to stay: passwords, the database's volume, what was kept, whose numbers."""
    kubernetes, run = stage.cluster.kubernetes, stage.cluster.postgresql.run
    core = f"/api/v1/namespaces/{OLDER}"
    named = {item["metadata"]["name"]: item for item in kubernetes.items(f"{core}/secrets")}
    return {
        "volumes": [
            each["metadata"]["uid"] for each in kubernetes.items(f"{core}/persistentvolumeclaims")
        ],
        "admin": named["dora-postgresql-admin"]["data"],
        "writer": named["dora-postgresql"]["data"]["writer-password"],
        "reader": named["dora-postgresql"]["data"]["reader-password"],
        "kept": {table: run(OLDER, f"select count(*) from {table}") for table in KEPT},
        "shop": run(
            OLDER,
            "select time_created, predicate, artifact_id from deployments "
            "where deploy_name = 'shop' order by time_created",
        ),
    }


def test_an_upgrade_keeps_passwords_events_and_numbers(
    stage: Stage, page: Page, older: dict[str, Any]
) -> None:
    page.run(Block("cluster", UPGRADE))
    stage.cluster.run_database_job(OLDER, OLDER)

    assert remaining(stage) == older
    assert older["shop"]
    assert all(older["volumes"])
    [secret] = [
        item["data"]
        for item in stage.cluster.kubernetes.items(f"/api/v1/namespaces/{OLDER}/secrets")
        if item["metadata"]["name"] == "dora-postgresql"
    ]
    assert secret.keys() >= {"metrics-password", "dashboards-password"}
    changes = "select count(*) from schema_migrations"
    assert stage.cluster.postgresql.run(OLDER, changes) == stage.rows(changes)


def test_installed_again_it_goes_on_with_what_was_kept(
    stage: Stage, page: Page, older: dict[str, Any]
) -> None:
    page.run(Block("cluster", UNINSTALL))
    left = remaining(stage)
    page.run(Block("cluster", AGAIN))
    stage.cluster.run_database_job(OLDER, OLDER)

    assert left == remaining(stage) == older
