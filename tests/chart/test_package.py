"""What `make package` makes in a checkout, and the chart's README."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.processes import clean_environment
from scripts.chart_readme import with_table
from scripts.copy_chart import REPOSITORY
from tests.chart.chart import HELM, HELMS, Chart, by_name, needs_helm
from tests.chart.test_chart import EVERYTHING, FUNCTIONS, OURS
from tests.docs.blocks import checkout
from tests.knative.test_helm import SECOND

MAKE = shutil.which("make") or "make"
README = (REPOSITORY / "charts" / "dora" / "README.md").read_text()
VALUES = (REPOSITORY / "charts" / "dora" / "values.yaml").read_text()


def _package(folder: Path, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAKE, "package", f"PYTHON={sys.executable}"],
        cwd=folder,
        env=clean_environment() | {"PATH": path, "HOME": str(folder)} | environment,
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is made in a checkout for a registry."""
    folder = checkout(tmp_path_factory.mktemp("checkout"))
    path = f"{Path(str(HELM)).parent}{os.pathsep}{os.defpath}"
    done = _package(folder, path, REGISTRY="registry.example")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "release"


@pytest.mark.parametrize("helm", HELMS, ids=lambda path: Path(path).name)
def test_the_packed_chart_renders_by_itself_and_twice_the_same(release: Path, helm: str) -> None:
    [packed] = release.glob("dora-*.tgz")
    chart = Chart(packed, helm)

    first = chart.helm("template", *EVERYTHING).stdout
    assert chart.helm("template", *EVERYTHING).stdout == first
    assert ("Broker", OURS, "dora") in by_name(chart.render())


@needs_helm
def test_each_helm_makes_the_same_objects(release: Path) -> None:
    [packed] = release.glob("dora-*.tgz")
    versions = [Chart(packed, helm) for helm in HELMS]

    made = [by_name(each.render(*EVERYTHING)) for each in versions]

    assert made.count(made[0]) == len(made)
    assert all(each.helm("lint", "--strict").returncode == 0 for each in versions)


@needs_helm
def test_the_rendered_chart_is_whole_and_kustomize_finds_it(release: Path) -> None:
    kustomization = yaml.safe_load((release / "kustomization.yaml").read_text())
    [rendered] = kustomization["resources"]
    made = by_name(yaml.safe_load_all((release / rendered).read_text()))

    names = {name for kind, _, name in made if kind == "Service"}
    assert names >= FUNCTIONS.keys()
    assert ("Namespace", "", OURS) in made
    assert "Secret" not in {kind for kind, _, _ in made}
    # What compares a cluster with the file would miss a Job that goes by itself.
    [job] = [item for (kind, _, _), item in made.items() if kind == "Job"]
    assert "ttlSecondsAfterFinished" not in job["spec"]
    kubectl = shutil.which("kubectl")
    if kubectl:
        shown = subprocess.run([kubectl, "kustomize", release], check=True, capture_output=True)
        built = by_name(yaml.safe_load_all(shown.stdout))
        assert built.keys() == made.keys()


def test_without_helm_it_says_where_that_is_had(tmp_path: Path) -> None:
    done = _package(checkout(tmp_path), "/usr/bin:/bin")

    assert done.returncode
    assert "expected helm on PATH, found none" in done.stderr


def test_the_readme_of_the_chart_says_what_its_values_say() -> None:
    assert with_table(README, VALUES) == README, "`make chart` brings it up to date"


def test_a_second_release_is_installed_as_the_readme_says() -> None:
    command = " ".join(
        README.split("\n## A second one")[1].split("```")[1].replace("\\\n", "").split()[1:]
    )

    assert " ".join(SECOND.replace("\\\n", "").split()).startswith(command)


def test_every_value_is_in_the_readme_as_it_is_at_first() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (?:`(.*?)`)? \| .", README, re.MULTILINE)
    root = yaml.safe_load(VALUES)

    for name, shown in rows:
        value = root
        for part in name.split("."):
            value = value[part]
        if shown:
            assert yaml.safe_load(shown) == value, json.dumps(value)
    assert {name.split(".")[0] for name, _ in rows} == root.keys()
