"""The release workflow, run as it is written, as far as this machine has what it runs on.

func, Docker and GitHub's command are stand-ins, which note what they are asked; what `uses` names is
left out. All else is real: make, Python, Helm.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.functions import all_functions
from local.processes import clean_environment
from scripts.notes import version
from tests.chart.chart import HELM, needs_helm
from tests.checkout import copy_repository

pytestmark = needs_helm
WORKFLOW = Path(".github") / "workflows" / "release.yaml"
DIGEST = f"sha256:{7:064d}"
PROGRAMS = {
    "docker": f'if [ "$3" = inspect ]; then echo {DIGEST}; fi',
    "gh": 'cp "$6" "$(dirname "$LOG")/notes"',
    "helm": f'if [ "$1" != push ]; then exec {HELM} "$@"; fi',
    # GitHub's has nothing of ours installed.
    "python": f'exec {sys.executable} -S "$@"',
    "curl": 'while [ "$1" != --output ]; do shift; done; cp "$(dirname "$0")/func" "$2"',
    "func": 'if [ "$1" = version ]; then echo v1.23.1; fi',
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A checkout in which the workflow ran, and what the stand-ins were asked."""
    folder = tmp_path_factory.mktemp("release")
    programs, checkout, log = folder / "bin", folder / "checkout", folder / "log"
    programs.mkdir()
    (folder / "installed").mkdir()
    for name, script in PROGRAMS.items():
        (programs / name).write_text(f'#!/bin/bash\necho "{name} $*" >>"$LOG"\n{script}\n')
        (programs / name).chmod(0o755)
    copy_repository(checkout)
    environment = clean_environment() | {
        "PATH": os.pathsep.join([str(folder / "installed"), str(programs), os.environ["PATH"]]),
        "LOG": str(log),
        "GITHUB_ACTOR": "acme",
        "GITHUB_REPOSITORY": "Acme/Dora",
        "GITHUB_REF_NAME": f"v{version()}",
    }
    for job in yaml.safe_load((checkout / WORKFLOW).read_text())["jobs"].values():
        for said in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
            for step in job["steps"]:
                _run(step, said, checkout, environment, folder / "installed")
    return checkout, log.read_text().splitlines()


def _run(
    step: dict[str, str],
    matrix: dict[str, str],
    checkout: Path,
    environment: dict[str, str],
    installed: Path,
) -> None:
    """Run what a step runs, by the shell that GitHub takes for it."""
    command = step.get("run", ":").replace("/usr/local/bin", str(installed))
    for name, value in matrix.items():
        command = command.replace(f"${{{{ matrix.{name} }}}}", value)
    assert "${{" not in command
    own = dict.fromkeys(step.get("env", {}), "token")
    shell = ["bash", "-e", "-o", "pipefail", "-c", command]
    done = subprocess.run(
        shell, cwd=checkout, env=environment | own, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_each_function_is_built_for_both_architectures_and_joined(
    released: tuple[Path, list[str]],
) -> None:
    _, asked = released

    built = [
        re.findall(r"--image (\S+) --push$", line)[0]
        for line in asked
        if line.startswith("func build")
    ]
    names = {function.name for function in all_functions()}
    images = {f"ghcr.io/acme/dora/{name}:{version()}" for name in names}
    assert set(built) == {f"{image}-{each}" for image in images for each in ("amd64", "arm64")}
    joined = {
        line.split()[5] for line in asked if line.startswith("docker buildx imagetools create")
    }
    assert joined == images


def test_the_rendered_chart_names_the_images_by_their_digests(
    released: tuple[Path, list[str]],
) -> None:
    checkout, _ = released
    rendered = (checkout / "build" / "release" / "dora.yaml").read_text()

    images = set(re.findall(r'image: "?(ghcr\.io/\S+?)"?$', rendered, re.MULTILINE))
    assert images == {f"ghcr.io/acme/dora/{each.name}@{DIGEST}" for each in all_functions()}


def test_the_release_has_the_chart_its_notes_and_what_it_is_made_of(
    released: tuple[Path, list[str]],
) -> None:
    checkout, asked = released
    chart = f"build/release/dora-{version()}.tgz"

    [pushed] = [line for line in asked if line.startswith("helm push")]
    [created] = [line for line in asked if line.startswith("gh release create")]
    assert pushed == f"helm push {chart} oci://ghcr.io/acme/dora/charts"
    files = {"dora.yaml", "functions.cdx.json", "kustomization.yaml", Path(chart).name}
    assert {Path(word).name for word in created.split() if "build/" in word} == files
    assert {file.name for file in (checkout / "build" / "release").iterdir()} == files
    assert "### Added" in (checkout.parent / "notes").read_text()
