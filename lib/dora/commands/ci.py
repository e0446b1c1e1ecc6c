"""What a pipeline's environment says of itself: of GitHub Actions, of GitLab CI, or of none.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

NO_COMMIT = re.compile("0+")


class Pipeline(NamedTuple):
    """What is known of the run that reports; None and nothing where it is no pipeline's.

    `run` holds what distinguishes this attempt from all others, so that a step which is tried again
    reports the same event.
    """

    run: tuple[str, ...] = ()
    tool: str | None = None
    repository: str | None = None
    repository_id: str | None = None
    service: str | None = None
    commit: str | None = None
    before: str | None = None
    branch: str | None = None
    default_branch: str | None = None
    environment: str | None = None
    tier: str | None = None
    started: str | None = None
    url: str | None = None


def pipeline() -> Pipeline:
    """Return what the environment says of the pipeline that runs this."""
    if "GITHUB_RUN_ID" in os.environ:
        return _github()
    return _gitlab() if "CI_PIPELINE_ID" in os.environ else Pipeline()


def _github() -> Pipeline:
    name, run = _value("GITHUB_REPOSITORY") or "", _value("GITHUB_RUN_ID") or ""
    repository = f"{_value('GITHUB_SERVER_URL') or 'https://github.com'}/{name}"
    return Pipeline(
        run=(run, _value("GITHUB_RUN_ATTEMPT") or "1"),
        tool="github",
        repository=repository,
        repository_id=_value("GITHUB_REPOSITORY_ID"),
        service=name.rpartition("/")[2] or None,
        commit=_value("GITHUB_SHA"),
        branch=_value("GITHUB_REF_NAME") if _value("GITHUB_REF_TYPE") == "branch" else None,
        url=f"{repository}/actions/runs/{run}",
    )


def _gitlab() -> Pipeline:
    before = _value("CI_COMMIT_BEFORE_SHA") or ""
    return Pipeline(
        run=(_value("CI_PIPELINE_ID") or "", _value("CI_JOB_ID") or ""),
        tool="gitlab",
        repository=_value("CI_PROJECT_URL"),
        repository_id=_value("CI_PROJECT_ID"),
        service=_value("CI_PROJECT_NAME"),
        commit=_value("CI_COMMIT_SHA"),
        before=None if NO_COMMIT.fullmatch(before) else before or None,
        branch=_value("CI_COMMIT_BRANCH"),
        default_branch=_value("CI_DEFAULT_BRANCH"),
        environment=_value("CI_ENVIRONMENT_NAME"),
        tier=_value("CI_ENVIRONMENT_TIER"),
        started=_value("CI_JOB_STARTED_AT"),
        url=_value("CI_JOB_URL"),
    )


def _value(name: str) -> str | None:
    return os.environ.get(name) or None
