"""Settings of a function, read from its environment."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Branches that people release from, beside the default branch.
RELEASE_BRANCHES = "main, master, develop*, next, release*, maintenance*, hotfix*, stable, production, prod, v[0-9]*, *.x"


def setting(name: str, default: str = "") -> str:
    """Return a setting, the default where it is not set or empty."""
    return os.environ.get(name) or default


def settings(name: str, default: str = "") -> list[str]:
    """Return a setting that is a list, separated by commas; one that is set and empty is empty."""
    return [entry.strip() for entry in os.environ.get(name, default).split(",") if entry.strip()]


def matches(name: str | None, patterns: Iterable[str]) -> bool:
    """Return whether a name fits one of the patterns; `*` stands for anything, slashes too."""
    return name is not None and any(fnmatchcase(name, pattern) for pattern in patterns)


def release_branches() -> list[str]:
    """Return the patterns of branches that count beside the default one: RELEASE_BRANCHES."""
    return settings("RELEASE_BRANCHES", RELEASE_BRANCHES)


def deploy_tasks() -> list[str]:
    """Return the tasks of GitHub's deployments that deploy: DEPLOY_TASKS, else `deploy`."""
    return settings("DEPLOY_TASKS", "deploy")


def deploy_workflows() -> list[str]:
    """Return the patterns of workflows and pipelines that deploy: DEPLOY_WORKFLOWS, at first none."""
    return settings("DEPLOY_WORKFLOWS")


def deploy_jobs() -> list[str]:
    """Return the patterns of jobs that deploy: DEPLOY_JOBS, at first none."""
    return settings("DEPLOY_JOBS")


def incident_labels() -> list[str]:
    """Return the labels that make an issue an incident: INCIDENT_LABELS, else `incident`."""
    return settings("INCIDENT_LABELS", "incident")
