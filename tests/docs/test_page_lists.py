"""What docs/troubleshooting.md and docs/clusters.md show works, and what they quote is said."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from local.functions import REPOSITORY
from tests.docs.blocks import Block, blocks, checkout, run
from tests.docs.test_operating import run_here
from tests.docs.test_readme import examples
from tests.local.conftest import RunningStack

TROUBLESHOOTING = (REPOSITORY / "docs" / "troubleshooting.md").read_text()
CLUSTERS = [block for block in blocks("clusters.md") if block.place == "here"]
# Where the sentences come from that the page quotes; others say the rest.
SPOKEN = ("lib", "local", "charts/dora/templates", "sql", "Makefile")
OF_OTHERS = {"password authentication failed", "invalid ownership metadata", "unknown shape"}
OF_OTHERS |= {"certificate verify failed", "relation … does not exist"}


def test_every_command_of_troubleshooting_works(running: RunningStack) -> None:
    shown = list(examples(TROUBLESHOOTING))

    assert len(shown) == 2
    for command, _ in shown:
        run_here(running, command)


def test_what_it_quotes_is_what_is_said() -> None:
    quoted = set(re.findall(r"(?<!\*)\*([^*|]+)\*(?!\*)", TROUBLESHOOTING)) - OF_OTHERS
    said = " ".join(
        file.read_text()
        for part in SPOKEN
        for file in ([REPOSITORY / part] if part == "Makefile" else (REPOSITORY / part).rglob("*"))
        if file.suffix in {".py", ".tpl", ".yaml", ".sql", ""} and file.is_file()
    )

    assert len(quoted) > 6
    for sentence in quoted:
        parts = [part.strip(" :,*") for part in re.split(r"…|\d+\.\d+", sentence)]
        assert all(part in said for part in parts), sentence


@pytest.mark.parametrize("block", CLUSTERS, ids=lambda block: block.commands.split()[0])
def test_what_clusters_shows_makes_objects(block: Block, tmp_path: Path) -> None:
    if "helm" in block.commands and not shutil.which("helm"):
        pytest.skip("there is no helm")

    shown = run(block, checkout(tmp_path), {"HOME": str(tmp_path)})

    made = [item for item in yaml.safe_load_all(shown.partition("files\n")[2] or shown) if item]
    if "helm" in block.commands:
        [policy] = [item for item in made if item["metadata"]["name"] == "functions"]
        assert {port["port"] for port in policy["spec"]["egress"][0]["ports"]} == {5353}
    else:
        [source] = [item for item in made if item["kind"] == "ApiServerSource"]
        assert source["spec"]["sink"] == {"uri": "https://broker.example.com/dora-cloudevents/dora"}
        assert source["spec"]["ceOverrides"]["extensions"] == {
            "doracluster": "eu-2",
            "doraenvironment": "production",
        }
        assert source["spec"]["resources"][0] == {"apiVersion": "apps/v1", "kind": "Deployment"}


def test_the_versions_are_those_that_are_asked_for() -> None:
    page = (REPOSITORY / "docs" / "install.md").read_text()
    kubernetes = yaml.safe_load((REPOSITORY / "charts" / "dora" / "Chart.yaml").read_text())[
        "kubeVersion"
    ]
    python = re.findall(
        r'requires-python = ">=([\d.]+)"', (REPOSITORY / "pyproject.toml").read_text()
    )

    assert f"| Kubernetes | {kubernetes.removeprefix('>=').removesuffix('.0-0')} or later |" in page
    assert f"| {python[0]} or later | `make` refuses" in page
    tools = REPOSITORY / "tests" / "knative" / "tools"
    tested = re.search(
        r"k8s.io/kubernetes v(1\.\d+)", (tools / "kubernetes" / "go.mod").read_text()
    )
    assert tested
    assert f"Tests run on Kubernetes {tested[1]}," in page
