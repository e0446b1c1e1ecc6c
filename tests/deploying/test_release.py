"""What the release workflow is made of, with stand-ins of func and Docker; and its words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.functions import all_functions
from local.processes import clean_environment
from scripts.copy_functions import REPOSITORY
from scripts.notes import notes, version

NAMES = sorted(function.name for function in all_functions())
WORKFLOW = (REPOSITORY / ".github" / "workflows" / "release.yaml").read_text()
FUNC = """\
if [ "$1" = version ]; then echo v1.23.1; else echo "$@" >>"$LOG"; fi
"""
DOCKER = """\
echo "$@" >>"$LOG"
if [ "$3" = inspect ]; then echo "sha256:$(printf %064d 7)"; fi
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for name, script in {"func": FUNC, "docker": DOCKER}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def _images(checkout: Path, programs: Path, *arguments: str) -> list[str]:
    log = programs / "log"
    environment = clean_environment() | {"PATH": f"{programs}:/usr/bin:/bin", "LOG": str(log)}
    for module in (["scripts.copy_functions"], ["scripts.images", *arguments]):
        subprocess.run([sys.executable, "-m", *module], cwd=checkout, env=environment, check=True)
    return log.read_text().splitlines()


def test_each_function_is_built_and_pushed_under_its_own_name(
    checkout: Path, programs: Path
) -> None:
    arguments = ("build", "--registry", "registry.example/dora", "--tag", "1-arm64")

    asked = _images(checkout, programs, *arguments)

    images = [re.findall(r"--image (\S+) --push$", line)[0] for line in asked]
    assert sorted(images) == [f"registry.example/dora/{name}:1-arm64" for name in NAMES]
    assert all(line.startswith("build --path ") for line in asked)


def test_images_of_both_architectures_are_joined_into_values_of_the_chart(
    checkout: Path, programs: Path
) -> None:
    values = programs / "images.yaml"
    arguments = ("join", "--registry", "r.example", "--tag", "1", "--values", str(values))

    asked = _images(checkout, programs, *arguments, "--architectures", "amd64", "arm64")

    image = "r.example/metrics-endpoint:1"
    assert f"buildx imagetools create --tag {image} {image}-amd64 {image}-arm64" in asked
    made = yaml.safe_load(values.read_text())["functions"]
    assert made["registry"] == "r.example"
    assert made["digests"] == dict.fromkeys(NAMES, f"sha256:{7:064d}")


def test_a_release_has_notes_and_one_version_everywhere() -> None:
    chart = yaml.safe_load((REPOSITORY / "charts" / "dora" / "Chart.yaml").read_text())
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()

    assert chart["version"] == chart["appVersion"] == version()
    assert "### Added" in notes(changelog, version())
    assert "## " not in re.sub("###", "", notes(changelog, version()))


def test_a_version_without_notes_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"expected CHANGELOG\.md to have a section 9\.9\.9"):
        notes("## 1.0.0\n\n- it\n", "9.9.9")


def test_the_workflow_runs_what_is_here() -> None:
    jobs = yaml.safe_load(WORKFLOW)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)

    assert all(re.search(r"@v\d", step["uses"]) for step in steps if "uses" in step)
    commands = " ".join(step.get("run", "") for step in steps)
    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= set(targets)
    for module in re.findall(r"python -m ([\w.]+)", commands):
        assert (REPOSITORY / f"{module.replace('.', '/')}.py").is_file()
    assert "contents" in yaml.safe_load(WORKFLOW)["permissions"]
