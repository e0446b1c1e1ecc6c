"""A stand-in of func, as 1.23.1 behaves: what it did is a line each in the file that FUNC_LOG names.

It deploys to the flag's namespace, else the function's, else the one where it is. It writes where
that is into func.yaml, and undeploys from another one that stands there.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import yaml


def log(*words: str) -> None:
    with Path(os.environ["FUNC_LOG"]).open("a") as file:
        file.write(" ".join(words) + "\n")


def deploy(folder: Path, flag: str | None) -> None:
    file = folder / "func.yaml"
    function = yaml.safe_load(file.read_text())
    deployed = function["deploy"].get("namespace")
    wanted = flag or function.get("namespace") or deployed or "default"
    log("deploy", function["name"], wanted)
    if deployed and deployed != wanted:
        log("undeploy", function["name"], deployed)
    function["deploy"] |= {"namespace": wanted, "image": f"registry.example/{function['name']}"}
    function |= {"registry": os.environ["FUNC_REGISTRY"]}
    file.write_text(yaml.safe_dump(function, sort_keys=False))
    (folder / ".func").mkdir(exist_ok=True)
    (folder / ".func" / "built").write_text("a digest")


parser = argparse.ArgumentParser()
parser.add_argument("command", choices=["version", "deploy"])
parser.add_argument("--path", type=Path)
parser.add_argument("--namespace")
given = parser.parse_args()
if given.command == "version":
    log("version")
    print(os.environ.get("FUNC_VERSION", "v1.23.1"))  # noqa: T201 - what func does
elif given.path.name == os.environ.get("FUNC_FAILS"):
    sys.exit(1)
else:
    deploy(given.path, given.namespace)
