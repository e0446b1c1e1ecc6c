"""Deploy the copies of the functions in build/functions with func; `make deploy` runs it.

Environment: ONLY, a function (`transformers/github`) or a kind (`metrics`), all where it is not set;
FUNC_REGISTRY and the like are func's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from scripts.copy_functions import BUILD, function_names

VERSION = re.compile(r"(\d+)\.(\d+)")
FITTING = ((1, 20), (1, 21))
FITTING_FROM = (1, 23)


def main() -> None:
    """Deploy one function after the other; the first that fails ends it."""
    names = wanted(os.environ.get("ONLY", ""))
    if problem := unfit(func_version()):
        sys.exit(problem)
    for number, name in enumerate(names, start=1):
        print(f"{number} of {len(names)}: {name}", flush=True)
        ended = subprocess.run(["func", "deploy", "--path", str(BUILD / name)], check=False)  # noqa: S603, S607 - func, where PATH has it
        if ended.returncode:
            sys.exit(f"func could not deploy {name}; mend it and do the same again")


def wanted(only: str) -> list[str]:
    """Return the functions to deploy."""
    names = [name for name in function_names() if not only or f"{name}/".startswith(f"{only}/")]
    if not names:
        known = ", ".join(function_names())
        sys.exit(f"expected ONLY to be a kind of functions or one of {known}, got {only!r:.80}")
    return names


def func_version() -> str:
    """Return what func says which version it is."""
    try:
        said = subprocess.run(["func", "version"], capture_output=True, check=False, text=True)  # noqa: S607 - as above
    except FileNotFoundError:
        sys.exit(
            "expected func on PATH, found none: https://knative.dev/docs/functions/install-func/"
        )
    return " ".join(said.stdout.split())


def unfit(version: str) -> str | None:
    """Return why this version of func cannot deploy the functions; None where it can."""
    found = VERSION.search(version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    if number in FITTING or number >= FITTING_FROM:
        return None
    return (
        f"expected func 1.23 or later, 1.21 or 1.20, got {version!r:.80}: 1.19 and 1.22 wrap these"
        " functions in a scaffold that cannot be built, and earlier ones refuse their func.yaml"
    )


if __name__ == "__main__":
    main()
