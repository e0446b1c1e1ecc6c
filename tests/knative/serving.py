"""What `func deploy` and Knative Serving would do: Knative Services of functions, and processes."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.processes import Program, answers, free_port
from scripts.copy_functions import copy_function
from tests.broker.stand import NAMESPACE
from tests.knative.daemons import daemon
from tests.knative.kubernetes import SERVICES
from tests.knative.names import host
from tests.knative.pods import Pod

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local.functions import Function
    from tests.knative.kubernetes import Kubernetes, Object
    from tests.knative.names import Names

REFERENCE = re.compile(r"\{\{\s*(secret|configMap):([^:\s]+)(?::([^:\s]+))?\s*\}\}")
SCALE = {"min": "min-scale", "max": "max-scale", "target": "target"}


class Serving:
    """The processes of the functions, and what their Services say of their environment, by name."""

    def __init__(
        self, kubernetes: Kubernetes, names: Names, database: Mapping[str, str], folder: Path
    ) -> None:
        self.kubernetes, self.names, self.folder = kubernetes, names, folder
        self.database = database
        self.functions: dict[str, Function] = {}
        self.environments: dict[str, dict[str, str]] = {}
        self.programs: dict[str, Program] = {}

    def deploy(self, functions: Iterable[Function]) -> None:
        """Write the functions' folders complete, apply their Services, start them and wait."""
        self.functions = {function.name: function for function in functions}
        for function in self.functions.values():
            copy_function(function.path, self.built(function.name), NAMESPACE)
        self.kubernetes.apply(map(knative_service, self.functions.values()))
        self.update()

    def update(self) -> None:
        """Start what Services ask for anew, as a revision would be, and wait until it is ready."""
        wanted = self._wanted()
        started = [name for name in wanted if wanted[name] != self.environments.get(name)]
        self.environments = wanted
        for name in started:
            self._start(name)
        for name in started:
            ready = f"{url(self.programs[name])}/health/readiness"
            self.programs[name].wait_until(partial(answers, ready))
        self.serve({name: port(self.programs[name]) for name in started})

    def serve(self, ports: Mapping[str, int]) -> None:
        """Make Knative Services ready, each served by what listens at a port."""
        self.names.lead({host(NAMESPACE, name): number for name, number in ports.items()})
        for name in ports:
            self.set_address(name, f"http://{host(NAMESPACE, name)}")

    def set_address(self, name: str, address: str, namespace: str = NAMESPACE) -> None:
        """Make a Knative Service ready, and say where."""
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        status = {"address": {"url": address}, "url": address, "conditions": [ready]}
        self.kubernetes.set_status(f"{SERVICES}/namespaces/{namespace}/services/{name}", status)

    def stop(self) -> None:
        """Stop all functions."""
        for program in self.programs.values():
            program.signal_stop()
        for program in self.programs.values():
            program.stop()

    def _wanted(self) -> dict[str, dict[str, str]]:
        """Return the functions' environments as their Services are now; write the files they mount."""
        pods = {
            service["metadata"]["name"]: Pod(self.kubernetes, service, self.folder / "pods")
            for service in self.kubernetes.items(f"{SERVICES}/namespaces/{NAMESPACE}/services")
            if service["metadata"]["name"] in self.functions
        }
        for pod in pods.values():
            pod.mount()
        return {name: pod.environment() for name, pod in pods.items()}

    def _start(self, name: str) -> None:
        if name in self.programs:
            self.programs[name].stop()
        command = [self.built(name) / "app.sh"]
        self.programs[name] = daemon(name, command, self.folder, self._environment(name))
        self.programs[name].start()

    def built(self, name: str) -> Path:
        """Return the folder that a function's image is made of."""
        return self.folder / "functions" / self.functions[name].path

    def _environment(self, name: str) -> dict[str, str]:
        given = {
            "PORT": str(self._port(name)),
            "ADDRESS": "127.0.0.1",
            "K_SERVICE": name,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        wanted = self.environments[name]
        sink = {"K_SINK": self.names.resolve(wanted["K_SINK"])} if "K_SINK" in wanted else {}
        return {**self.names.environment, **wanted, **self.database, **sink, **given}

    def _port(self, name: str) -> int:
        return port(self.programs[name]) if name in self.programs else free_port()


def url(program: Program) -> str:
    """Return the address of a function's process."""
    return f"http://127.0.0.1:{port(program)}"


def port(program: Program) -> int:
    """Return the port of a function's process."""
    return int(program.environment["PORT"])


def knative_service(function: Function) -> Object:
    """Return the Knative Service that `func deploy` makes of a func.yaml (1.23.1, but for BUILT)."""
    deploy = function.definition["deploy"]
    labels = {
        "boson.dev/function": "true",
        "function.knative.dev/name": function.name,
        "function.knative.dev/runtime": function.definition["runtime"],
        **{label["key"]: label["value"] for label in deploy.get("labels", [])},
    }
    options = deploy.get("options", {})
    scale = {
        f"autoscaling.knative.dev/{SCALE[key]}": f"{value:f}" if key == "target" else str(value)
        for key, value in options.get("scale", {}).items()
    }
    pod = {"containers": [_container(function, options.get("resources", {}))]}
    if _volumes(function):
        pod["volumes"] = [_volume(said) for said in _volumes(function)]
    template = {"metadata": {"labels": labels, "annotations": scale}, "spec": pod}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": function.name, "namespace": NAMESPACE, "labels": labels},
        "spec": {"template": template},
    }


def _container(function: Function, resources: Mapping[str, Any]) -> Object:
    entries = [_entry(entry) for entry in function.definition.get("run", {}).get("envs", [])]
    address = {"name": "ADDRESS", "value": "0.0.0.0"}  # noqa: S104 - a container's own
    mounts = [_mount(said) for said in _volumes(function)]
    return {
        "name": "user-container",
        "image": f"registry.example/{function.name}:latest",
        "env": [address, *(entry for entry in entries if "name" in entry)],
        "envFrom": [entry for entry in entries if "name" not in entry],
        **({"volumeMounts": mounts} if mounts else {}),
        "livenessProbe": {"httpGet": {"path": "/health/liveness", "port": 8080}},
        "readinessProbe": {"httpGet": {"path": "/health/readiness", "port": 8080}},
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _volumes(function: Function) -> list[Mapping[str, str]]:
    return list(function.definition.get("run", {}).get("volumes", []))


def _volume(said: Mapping[str, str]) -> Object:
    return {"name": f"config-map-{said['configMap']}", "configMap": {"name": said["configMap"]}}


def _mount(said: Mapping[str, str]) -> Object:
    return {"name": f"config-map-{said['configMap']}", "mountPath": said["path"]}


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
