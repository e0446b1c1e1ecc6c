"""Build the programs of a cluster from source, once: `python -m tests.knative.tools`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.processes import StackError, alone_with
from tests.knative.daemons import require_programs

MODULES = Path(__file__).with_name("tools")
GO = (1, 26)
# 1.12 is the oldest release that the project runs on: `make test-knative` looks at both.
EVENTING = os.environ.get("DORA_TEST_EVENTING", "eventing")
# It downloads what it needs, and tries that once: between our attempts the network may recover.
PAUSES_SECONDS = (2, 20)
# What the programs do not hold themselves, by the module that it comes from.
DATA = {
    "eventing-1.12": ("knative.dev/eventing", ("config",)),
    "eventing": ("knative.dev/eventing", ("config", "third_party/eventing-integrations-latest")),
    "serving": ("knative.dev/serving", ("config/core/300-resources",)),
    "kwok": ("sigs.k8s.io/kwok", ("kustomize/stage",)),
}


@dataclass(frozen=True)
class Tools:
    """A folder with all programs, and with the manifests that belong to them.

    Knative Eventing is there in two releases; `eventing` names the one that is used.
    """

    folder: Path
    eventing: str

    def program(self, name: str) -> Path:
        """Return the path of a program."""
        of_eventing = self.manifests("eventing") / "bin" / name
        return of_eventing if of_eventing.exists() else self.folder / "bin" / name

    def manifests(self, module: str) -> Path:
        """Return the folder of the manifests that come from a module."""
        return self.folder / (self.eventing if module == "eventing" else module)


@dataclass(frozen=True)
class Package:
    """A Go package that is a program, and the module that says its version."""

    module: Path
    path: str

    @property
    def name(self) -> str:
        """The program's name: the end of the package's path, or the module's where that says more."""
        _, cmd, end = self.path.partition("/cmd/")
        is_of_module = not cmd or self.module.name.startswith(end)
        return self.module.name if is_of_module else end.replace("/", "_")

    @property
    def folder(self) -> str:
        """Where it is: releases of one module have programs of the same names."""
        return f"{self.module.name}/bin" if self.module.name.startswith("eventing") else "bin"


def packages() -> list[Package]:
    """Find every program: the `tool` directives of the modules."""
    return [
        Package(file.parent, path)
        for file in sorted(MODULES.glob("*/go.mod"))
        for path in re.findall(r"^(?:tool )?\s*(\S+/\S+)$", file.read_text(), re.MULTILINE)
    ]


def ready_tools() -> Tools:
    """Return the programs; build them where this has not been done.

    Raises:
        StackError: something is missing on this machine, or does not build.
    """
    folder = _folder()
    if not folder.exists():
        _require_go()
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone_with(folder.parent):
            if not folder.exists():  # nobody else has built it meanwhile
                # By the same name each time: what an interrupted build has made stays.
                building = folder.with_name(f"building-{folder.name}")
                _build(building)
                building.rename(folder)
    return Tools(folder, EVENTING)


def _folder() -> Path:
    user = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    cache = os.environ.get("DORA_CACHE") or f"{user}/dora-cloudevents"
    digest = hashlib.sha256()
    for file in sorted(MODULES.glob("*/go.*")):
        digest.update(file.read_bytes())
    return Path(cache).expanduser().resolve() / f"knative-{digest.hexdigest()[:16]}"


def _require_go() -> None:
    wanted = ".".join(map(str, GO))
    if not shutil.which("go"):
        raise StackError(f"Go {wanted} or later is missing: it builds Kubernetes and Knative")
    version = _go(["env", "GOVERSION"], Path.cwd())
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < GO:
        raise StackError(f"Go {wanted} or later is needed, but this is {version}")


def _build(folder: Path) -> None:
    programs = packages()
    _say(f"building {len(programs)} programs; the first time takes a quarter of an hour")
    for package in programs:
        start = time.monotonic()
        stamp = f"-s -w {_version_stamp(package)}"
        output = str(folder / package.folder / package.name)
        _go(["build", "-trimpath", f"-ldflags={stamp}", "-o", output, package.path], package.module)
        _say(f"built  {package.name:<30} {time.monotonic() - start:6.1f} s")
    for name, (module, folders) in DATA.items():
        _go(["mod", "download", module], MODULES / name)
        source = Path(_go(["list", "-m", "-f", "{{.Dir}}", module], MODULES / name))
        for part in folders:
            _copy_manifests(source, part, folder / name)


def _copy_manifests(source: Path, part: str, target: Path) -> None:
    """Copy the YAML files alone: the module cache's folders can only be read."""
    for file in (source / part).rglob("*.yaml"):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _version_stamp(package: Package) -> str:
    """Return what a program has to know of versions, as its own release writes it into it.

    Kubernetes without a version says v0.0.0, which Knative refuses to work with; Helm 3 renders for
    Kubernetes 1.20, which the chart refuses.
    """
    if package.path.startswith("helm.sh/helm/v3/"):
        client = _go(["list", "-m", "-f", "{{.Version}}", "k8s.io/client-go"], package.module)
        minor = client.split(".")[1]
        return " ".join(
            f"-X helm.sh/helm/v3/pkg/{part}.k8sVersion{key}={value}"
            for part in ("chartutil", "lint/rules")
            for key, value in (("Major", "1"), ("Minor", minor))
        )
    if not package.path.startswith("k8s.io/kubernetes/"):
        return ""
    version = _go(["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"], package.module)
    major, minor = version.removeprefix("v").split(".")[:2]
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(f"-X k8s.io/component-base/version.{key}={values[key]}" for key in values)


def _go(arguments: list[str], folder: Path) -> str:
    for pause_seconds in (*PAUSES_SECONDS, 0):
        done = subprocess.run(
            ["go", *arguments],  # noqa: S607 - whichever Go is on the path
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        if not done.returncode:
            return done.stdout.strip()
        time.sleep(pause_seconds)
    reason = done.stderr.strip().rpartition("\n")[2]
    raise StackError(f"go {' '.join(arguments)} in {folder} failed: {reason}")


def main() -> None:
    """Build what is missing and say where it is."""
    try:
        require_programs()
        _say(str(ready_tools().folder))
    except StackError as error:
        sys.exit(str(error))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
