"""All that the tools report, in the order of time."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from local.demo import github, kubernetes, pagerduty
from local.demo.releases import incidents, releases
from local.demo.services import SERVICES

if TYPE_CHECKING:
    from datetime import date, datetime

    from local.demo.releases import Release
    from local.demo.report import Report

# So that the last 90 days have the 90 before them to be compared with.
DAYS = 181
# What is reckoned before it, so that its first day follows on another one.
BEFORE = timedelta(days=70)


def reports(now: datetime) -> list[Report]:
    """Return what was reported in the last 181 days, the recorded rollouts not among it."""
    last = now.date()
    first = last - timedelta(days=DAYS - 1)
    found = [report for report in _reports(first - BEFORE, last) if first <= report.when.date()]
    return sorted(
        (report for report in found if report.when <= now), key=lambda one: (one.when, one.id)
    )


def _reports(first: date, last: date) -> list[Report]:
    found = [release for service in SERVICES for release in releases(service, first, last)]
    alarms = [alarm for service in SERVICES for alarm in incidents(service, first, last)]
    alarms += [release.incident for release in found if release.incident]
    return [
        *(report for alarm in alarms for report in pagerduty.reports(alarm)),
        *(report for release in found for report in _of_release(release)),
        *(
            report
            for _, of_one in groupby(sorted(found, key=_repository), _repository)
            for report in github.pushes(of_one)
        ),
    ]


def _of_release(release: Release) -> list[Report]:
    if release.service.clusters:
        return [*github.image(release), *kubernetes.rollouts(release)]
    return [*github.image(release), *github.deployments(release)]


def _repository(release: Release) -> str:
    return release.service.repository or ""
