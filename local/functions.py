"""The project's functions as processes of this machine, as their `func.yaml` describes them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.processes import Program, clean_environment, free_port

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Function:
    """A function's folder and what its func.yaml says."""

    folder: Path
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name, which is its Knative Service's."""
        return str(self.definition["name"])

    @property
    def path(self) -> str:
        """Its folder below functions/, such as `transformers/github`."""
        return "/".join(self.folder.parts[-2:])

    @property
    def takes_events(self) -> bool:
        """Whether it is called with CloudEvents; else it is asked with GET."""
        return bool(self.definition["invoke"] == "cloudevent")

    @property
    def environment(self) -> dict[str, str]:
        """The environment that it is deployed with, without what comes from the cluster."""
        entries = self.definition.get("run", {}).get("envs", [])
        return {
            entry["name"]: str(entry["value"])
            for entry in entries
            if "name" in entry and "{{" not in str(entry["value"])
        }


def all_functions(repository: Path = REPOSITORY) -> list[Function]:
    """Find every function: a folder with a func.yaml."""
    return [
        Function(file.parent, yaml.safe_load(file.read_text()))
        for file in sorted(repository.glob("functions/*/*/func.yaml"))
    ]


def function_program(
    function: Function, environment: dict[str, str], logs: Path, port: int | None = None
) -> Program:
    """Make the program that serves a function at a port, a free one where none is given."""
    settings = function.environment | environment
    settings |= {"PORT": str(port or free_port()), "ADDRESS": "127.0.0.1"}
    return Program(
        function.name,
        [sys.executable, "-m", "dora.serve", str(function.folder)],
        clean_environment() | settings,
        logs / f"{function.name}.log",
    )


def url(program: Program) -> str:
    """Return the address of a function's process."""
    return f"http://127.0.0.1:{program.environment['PORT']}"
