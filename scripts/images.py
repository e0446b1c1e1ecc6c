"""Build the images of all functions with func, and join those of several architectures into one.

    python -m scripts.images build --registry ghcr.io/you --tag 0.2.0-amd64
    python -m scripts.images join --registry ghcr.io/you --tag 0.2.0 --architectures amd64 arm64

`build` takes what `make functions` has written and is run on a machine of each architecture; `join`
makes one image of them by Docker's buildx, and values of the chart that name the images by digest.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.copy_functions import BUILD, function_names
from scripts.deploy import func_version, unfit


def main() -> None:
    """Build or join them; the first that fails ends it."""
    given = _arguments()
    if given.command == "build":
        if problem := unfit(func_version()):
            sys.exit(problem)
        for path in function_names():
            build(path, given.registry, given.tag)
        return
    digests = {
        service: join(f"{given.registry}/{service}:{given.tag}", given.architectures)
        for service in map(service_name, function_names())
    }
    given.values.write_text(values(given.registry, digests))
    print(f"{given.values}: {len(digests)} images")


def service_name(path: str) -> str:
    """Return the name of the function of a folder, which is its image's."""
    [line] = [
        line
        for line in (BUILD / path / "func.yaml").read_text().splitlines()
        if line.startswith("name: ")
    ]
    return line.removeprefix("name: ")


def build(path: str, registry: str, tag: str) -> None:
    """Build the image of a function for this machine's architecture, and push it."""
    image = f"{registry}/{service_name(path)}:{tag}"
    print(image, flush=True)
    _run("func", "build", "--path", str(BUILD / path), "--image", image, "--push")


def join(image: str, architectures: list[str]) -> str:
    """Make one image of those of several architectures; return its digest."""
    parts = [f"{image}-{each}" for each in architectures]
    _run("docker", "buildx", "imagetools", "create", "--tag", image, *parts)
    found = _run(
        *("docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", image)
    )
    return found.strip()


def values(registry: str, digests: dict[str, str]) -> str:
    """Return values of the chart that take these images."""
    lines = [f"    {name}: {digest}\n" for name, digest in sorted(digests.items())]
    return f"functions:\n  enabled: true\n  registry: {registry}\n  digests:\n{''.join(lines)}"


def _run(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)  # noqa: S603 - what PATH has
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed; mend it and do the same again")
    return done.stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts.images")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("build", "join"):
        command = commands.add_parser(name)
        command.add_argument("--registry", required=True)
        command.add_argument("--tag", required=True)
        if name == "join":
            command.add_argument("--architectures", nargs="+", required=True)
            command.add_argument("--values", type=Path, default=BUILD.parent / "images.yaml")
    return parser.parse_args()


if __name__ == "__main__":
    main()
