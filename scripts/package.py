"""Make what a release has for clusters, in build/release; `make package` runs it.

The chart packed, the same rendered, for those who apply files, and a kustomization.yaml for that.

Environment: REGISTRY, where the functions' images are (ghcr.io/you): with it the rendered chart has
the functions, too; VALUES, a file of more values, such as scripts/images.py makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts import copy_chart

CHART = copy_chart.FILES.parent
RELEASE = copy_chart.REPOSITORY / "build" / "release"
RENDERED = "dora.yaml"
KUSTOMIZATION = f"""\
# All of dora-cloudevents but its Secrets, which are made first: charts/dora/README.md.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - {RENDERED}
"""


def main() -> None:
    """Make them, and say what there is."""
    copy_chart.main()
    shutil.rmtree(RELEASE, ignore_errors=True)
    RELEASE.mkdir(parents=True)
    _helm("package", str(CHART), "--destination", str(RELEASE))
    [packed] = RELEASE.glob("dora-*.tgz")
    (RELEASE / RENDERED).write_text(_helm("template", "dora", str(packed), *_values()))
    (RELEASE / "kustomization.yaml").write_text(KUSTOMIZATION)
    for file in sorted(RELEASE.iterdir()):
        print(file.relative_to(copy_chart.REPOSITORY))


def _values() -> list[str]:
    # What compares a cluster with these files misses a Job that is gone.
    kept = "database.ttlSecondsAfterFinished=null"
    values = [f"--set=database.apply=true,database.createConfigMap=true,{kept}"]
    if registry := os.environ.get("REGISTRY"):
        values.append(f"--set=functions.enabled=true,functions.registry={registry}")
    if file := os.environ.get("VALUES"):
        values.append(f"--values={file}")
    return values


def _helm(*arguments: str) -> str:
    try:
        done = subprocess.run(["helm", *arguments], capture_output=True, check=False, text=True)  # noqa: S603, S607 - helm, where PATH has it
    except FileNotFoundError:
        sys.exit("expected helm on PATH, found none: https://helm.sh/docs/intro/install/")
    if done.returncode:
        sys.exit(f"helm could not {arguments[0]} the chart: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
