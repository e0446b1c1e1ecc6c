"""What `func deploy` and Knative Serving would do: Knative Services of functions, and processes."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.functions import Function
from local.processes import Program, answers, free_port
from scripts.copy_library import copy_library
from tests.knative.daemons import daemon
from tests.knative.kubelet import container, environment
from tests.knative.kubernetes import SERVICES
from tests.knative.names import host

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.knative.kubernetes import Kubernetes, Object
    from tests.knative.names import Names

REFERENCE = re.compile(r"\{\{\s*(secret|configMap):([^:\s]+)(?::([^:\s]+))?\s*\}\}")
SCALE = {"min": "min-scale", "max": "max-scale", "target": "target"}


class Serving:
    """The processes of the functions, by name."""

    def __init__(self, kubernetes: Kubernetes, names: Names, folder: Path) -> None:
        self.kubernetes, self.names, self.folder = kubernetes, names, folder
        self.programs: dict[str, Program] = {}

    def deploy(self, functions: Iterable[Function]) -> None:
        """Make the functions' folders complete, apply their Services, start them and wait."""
        known = {function.name: function for function in functions}
        for function in known.values():
            copy_library(function.folder)
        self.kubernetes.apply(map(knative_service, known.values()))
        for service in self.kubernetes.items(f"{SERVICES}/services"):
            if service["metadata"]["name"] in known:
                self._start(service, known[service["metadata"]["name"]].folder)
        for program in self.programs.values():
            program.wait_until(partial(answers, f"{url(program)}/health/readiness"))
        self.serve({name: port(program) for name, program in self.programs.items()})

    def serve(self, ports: Mapping[str, int], namespace: str = "dora-cloudevents") -> None:
        """Make Knative Services ready, each served by what listens at a port."""
        self.names.lead({host(namespace, name): number for name, number in ports.items()})
        for name in ports:
            self.set_address(namespace, name, f"http://{host(namespace, name)}")

    def set_address(self, namespace: str, name: str, address: str) -> None:
        """Make a Knative Service ready, and say where."""
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        status = {"address": {"url": address}, "url": address, "conditions": [ready]}
        self.kubernetes.set_status(f"{SERVICES}/namespaces/{namespace}/services/{name}", status)

    def restart_what_died(self) -> None:
        """Start again what has ended by itself."""
        for program in self.programs.values():
            if not program.is_running():
                program.start()

    def stop(self) -> None:
        """Stop all functions."""
        for program in self.programs.values():
            program.signal_stop()
        for program in self.programs.values():
            program.stop()

    def _start(self, service: Object, folder: Path) -> None:
        name = service["metadata"]["name"]
        wanted = environment(self.kubernetes, service["metadata"], container(service))
        python = Path(sys.executable).parent
        given = {
            "PORT": str(free_port()),
            "ADDRESS": "127.0.0.1",
            "K_SERVICE": name,
            "PATH": f"{python}{os.pathsep}{os.environ['PATH']}",
        }
        if "K_SINK" in wanted:  # a function takes no proxy, which stands for DNS here
            sink = urlsplit(wanted["K_SINK"])
            address = f"http://127.0.0.1:{self.names.ports[str(sink.hostname)]}{sink.path}"
            given["K_SINK"] = address
        program = daemon(
            name, [folder / "app.sh"], self.folder, {**self.names.environment, **wanted, **given}
        )
        self.programs[name] = program
        program.start()


def url(program: Program) -> str:
    """Give the address of a function's process."""
    return f"http://127.0.0.1:{port(program)}"


def port(program: Program) -> int:
    """Give the port of a function's process."""
    return int(program.environment["PORT"])


def knative_service(function: Function) -> Object:
    """Give the Knative Service that `func deploy` makes of a func.yaml."""
    deploy = function.definition["deploy"]
    labels = {label["key"]: label["value"] for label in deploy.get("labels", [])}
    options = deploy.get("options", {})
    scale = {
        f"autoscaling.knative.dev/{SCALE[key]}": str(value)
        for key, value in options.get("scale", {}).items()
    }
    template = {
        "metadata": {"labels": labels, "annotations": scale},
        "spec": {"containers": [_container(function, options.get("resources", {}))]},
    }
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": function.name, "namespace": deploy["namespace"], "labels": labels},
        "spec": {"template": template},
    }


def _container(function: Function, resources: Mapping[str, Any]) -> Object:
    entries = [_entry(entry) for entry in function.definition.get("run", {}).get("envs", [])]
    address = {"name": "ADDRESS", "value": "0.0.0.0"}  # noqa: S104 - a container's own
    return {
        "name": "user-container",
        "image": f"registry.example/{function.name}",
        "env": [address, *(entry for entry in entries if "name" in entry)],
        "envFrom": [entry for entry in entries if "name" not in entry],
        "livenessProbe": {"httpGet": {"path": "/health/liveness", "port": 8080}},
        "readinessProbe": {"httpGet": {"path": "/health/readiness", "port": 8080}},
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
        },
    }


def _entry(entry: Mapping[str, Any]) -> Object:
    """Turn an entry of run.envs into one of env, or of envFrom where it has no name."""
    value = str(entry["value"])
    reference = REFERENCE.fullmatch(value)
    if reference is None:
        return {"name": entry["name"], "value": value}
    kind, name, key = reference.groups()
    if key is None:
        return {f"{kind}Ref": {"name": name}}
    return {"name": entry["name"], "valueFrom": {f"{kind}KeyRef": {"name": name, "key": key}}}
