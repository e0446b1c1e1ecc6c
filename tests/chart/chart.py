"""The chart as Helm renders it, from a complete copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.copy_chart import REPOSITORY, copy_manifests

Object = dict[str, Any]
HELM = shutil.which("helm")
# Each major version of it; `make test-knative` brings both.
HELMS = [path for name in ("helm", "helm3") if (path := shutil.which(name))]
needs_helm = pytest.mark.skipif(not HELM, reason="there is no helm")


@dataclass(frozen=True)
class Chart:
    """A chart's folder, and which Helm renders it."""

    folder: Path
    program: str = HELM or "helm"

    def helm(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Helm, in a home of its own, without a cluster."""
        environment = {"PATH": os.defpath, "HOME": str(self.folder.parent)}
        return subprocess.run(
            [self.program, command, str(self.folder), *arguments],
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )

    def render(self, *arguments: str) -> list[Object]:
        """Return the objects that it makes."""
        done = self.helm("template", *arguments)
        assert done.returncode == 0, done.stderr
        return [item for item in yaml.safe_load_all(done.stdout) if item]

    def refusal(self, *arguments: str) -> str:
        """Return the sentence with which it refuses values."""
        done = self.helm("template", *arguments)
        assert done.returncode
        return done.stderr


def copied(folder: Path) -> Chart:
    """Copy the chart and make it complete, as `make chart` does."""
    source = REPOSITORY / "charts" / "dora"
    shutil.copytree(source, folder / "dora", ignore=shutil.ignore_patterns("files"))
    copy_manifests(folder / "dora" / "files")
    return Chart(folder / "dora")


def objects(*folders: str) -> list[Object]:
    """Return the objects that `kubectl apply -f` makes of folders: it does not look into theirs."""
    files = [file for name in folders for file in sorted((REPOSITORY / name).glob("*.yaml"))]
    return [item for file in files for item in yaml.safe_load_all(file.read_text())]


VERSION = yaml.safe_load((REPOSITORY / "charts" / "dora" / "Chart.yaml").read_text())["version"]
# What Helm's way to apply objects adds to each.
LABELS = {
    "app.kubernetes.io/name": "dora",
    "app.kubernetes.io/instance": "release-name",
    "app.kubernetes.io/version": VERSION,
    "app.kubernetes.io/part-of": "dora",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": f"dora-{VERSION}",
}
KEEP = "helm.sh/resource-policy"


def by_name(items: Iterable[Object]) -> dict[tuple[str, str, str], Object]:
    """Return objects by kind, namespace and name, without what Helm's way adds; each is there once."""
    found: dict[tuple[str, str, str], Object] = {}
    for item in map(_plain, items):
        metadata = item["metadata"]
        key = item["kind"], metadata.get("namespace", ""), metadata["name"]
        assert key not in found, f"{key} is there twice"
        found[key] = item
    return found


def _plain(item: Object) -> Object:
    metadata = dict(item["metadata"])
    for part, added in (("labels", LABELS), ("annotations", {KEEP: "keep"})):
        said = {key: value for key, value in metadata.pop(part, {}).items() if key not in added}
        metadata |= {part: said} if said else {}
    return item | {"metadata": metadata}
