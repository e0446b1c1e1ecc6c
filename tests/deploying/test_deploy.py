"""`make deploy` with a stand-in of func: what it is asked, and what stays as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.functions import all_functions
from local.processes import clean_environment

MAKE = shutil.which("make") or "make"
FUNC = Path(__file__).with_name("func.py")
NAMES = [function.name for function in all_functions()]
METRICS = [one.name for one in all_functions() if one.path.startswith("metrics/")]
PATHS = [function.path for function in all_functions()]


@dataclass(frozen=True)
class Deployer:
    """A checkout, and a folder that is first on PATH and has our func."""

    checkout: Path
    programs: Path

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": f"{self.programs}:/usr/bin:/bin", "FUNC_LOG": str(self.programs / "log")}
        given |= {"FUNC_REGISTRY": "registry.example"} | environment
        return subprocess.run(
            [MAKE, f"PYTHON={sys.executable}", *arguments],
            cwd=self.checkout,
            env=clean_environment() | given,
            capture_output=True,
            check=False,
            text=True,
        )

    def asked(self) -> list[str]:
        """What func was asked and did since the last time."""
        log = self.programs / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def changed(self) -> str:
        """What git finds changed or new."""
        command = ["git", "-C", str(self.checkout), "status", "--porcelain"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def deployer(checkout: Path, tmp_path: Path) -> Deployer:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "func").write_text(f'#!/bin/sh\nexec {sys.executable} {FUNC} "$@"\n')
    (programs / "func").chmod(0o755)
    return Deployer(checkout, programs)


def test_every_function_is_deployed_once_and_the_checkout_stays_clean(deployer: Deployer) -> None:
    done = deployer.make("deploy", "NAMESPACE=elsewhere")

    assert done.returncode == 0, done.stdout + done.stderr
    assert deployer.asked() == ["version", *(f"deploy {name} elsewhere" for name in NAMES)]
    assert f"{len(NAMES)} of {len(NAMES)}: {PATHS[-1]}\n" in done.stdout
    assert deployer.changed() == ""


@pytest.mark.long
def test_after_a_deployment_the_repositorys_tests_pass(deployer: Deployer) -> None:
    deployer.make("deploy")

    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/test_repository.py"]
    done = subprocess.run(
        tests, cwd=deployer.checkout, env=clean_environment(), capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout.decode()[-2000:]


def test_nothing_is_undeployed_whatever_the_namespace_was(deployer: Deployer) -> None:
    deployer.make("deploy", "ONLY=transformers/github", "NAMESPACE=elsewhere")
    deployer.make("deploy", "ONLY=transformers/github")

    places = ("elsewhere", "dora-cloudevents")
    assert [line for line in deployer.asked() if line != "version"] == [
        f"deploy github-transformer {place}" for place in places
    ]


def test_one_kind_of_functions_can_be_deployed(deployer: Deployer) -> None:
    deployer.make("deploy", "ONLY=metrics")

    assert len(deployer.asked()) == 1 + len(METRICS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ONLY=transformers/git"], "expected ONLY to be a kind of functions or one of endpoints/"),
        (["NAMESPACE=a_b"], "expected NAMESPACE to be the name of a namespace, got 'a_b'"),
    ],
)
def test_a_wrong_argument_is_refused_before_func_is_asked(
    deployer: Deployer, arguments: list[str], sentence: str
) -> None:
    done = deployer.make("deploy", *arguments)

    assert done.returncode
    assert sentence in done.stderr
    assert deployer.asked() == []


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.20.0", "v1.21.4", "v1.23.0", "v1.24.2", "v2.0.1"])
def test_a_version_that_can_deploy_them_does(deployer: Deployer, version: str) -> None:
    deployer.make("deploy", "ONLY=transformers/github", FUNC_VERSION=version)

    assert len(deployer.asked()) == 2


@pytest.mark.long
@pytest.mark.parametrize("version", ["v1.19.2", "v1.22.2", "v1.9.0", "v0.0.0+source", "?"])
def test_a_version_that_cannot_is_refused_with_those_that_can(
    deployer: Deployer, version: str
) -> None:
    done = deployer.make("deploy", FUNC_VERSION=version)

    assert done.returncode
    assert f"expected func 1.23 or later, 1.21 or 1.20, got '{version}'" in done.stderr
    assert deployer.asked() == ["version"]


def test_without_func_the_sentence_says_where_it_is_had(deployer: Deployer) -> None:
    (deployer.programs / "func").unlink()

    done = deployer.make("deploy")

    assert "expected func on PATH, found none" in done.stderr


def test_the_first_that_fails_ends_it(deployer: Deployer) -> None:
    done = deployer.make("deploy", "ONLY=metrics", FUNC_FAILS="deployment-frequency")

    assert done.returncode
    assert "func could not deploy metrics/deployment-frequency" in done.stderr
    before = [name for name in METRICS if name < "deployment-frequency"]
    assert deployer.asked() == ["version", *(f"deploy {name} dora-cloudevents" for name in before)]
