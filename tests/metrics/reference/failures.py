"""Rules 14, 15 and 17: what failed, when it recovered, what was rework."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.metrics.reference.deployments import Deployment, Deployments, Rollout
from tests.metrics.reference.incidents import Incident

CHAIN = timedelta(hours=24)
WHILE_IT_BURNS = timedelta(hours=24)


class Failures:
    """What follows from incidents and rollbacks."""

    def __init__(self, deployments: Deployments, incidents: list[Incident]) -> None:
        self.deployments, self.incidents = deployments, incidents
        self.taken_back: dict[Rollout, Deployment | None] = {}
        backs = [
            (rollout, deployment)
            for deployment in deployments.all
            if deployment.is_rollback
            for rollout in deployment.rollouts
        ]
        for rollout, deployment in sorted(backs, key=lambda back: back[0].event.order):
            self.taken_back[rollout] = self._takes_back(rollout, deployment)

    # Rule 14

    def _takes_back(self, rollout: Rollout, own: Deployment) -> Deployment | None:
        """What one rollout of a rollback takes back."""
        rollouts = self.deployments.rollouts[rollout.target]
        if number := rollouts.index(rollout):
            before = self.deployments.joined[rollout.target][number - 1]
            at_target = rollouts[number - 1]
        else:
            earlier = [
                deployment
                for deployment in self.deployments.of(own.service, own.environment)
                if deployment.first.order < rollout.event.order
            ]
            if not earlier:
                return None
            before, at_target = earlier[-1], earlier[-1].rollouts[0]
        if not before.is_rollback:
            return before
        if before.time >= rollout.event.time - CHAIN:
            return self.taken_back[at_target]
        return self._latest_of_version(before)

    def _latest_of_version(self, rollback: Deployment) -> Deployment | None:
        """The latest deployment of the version of a rollback before it that is none."""
        same = [
            deployment
            for deployment in self.deployments.of(rollback.service, rollback.environment)
            if deployment.first.order < rollback.first.order
            and not deployment.is_rollback
            and deployment.version.is_same(rollback.version)
        ]
        return same[-1] if same else None

    def taken_back_by(self, rollback: Deployment) -> list[Deployment]:
        """All that the rollouts of a rollback took back."""
        found = [self.taken_back.get(rollout) for rollout in rollback.rollouts]
        return [deployment for deployment in self.deployments.all if deployment in found]

    def rollbacks_of(self, deployment: Deployment) -> list[Deployment]:
        """The rollbacks that took a deployment back."""
        return [d for d in self.deployments.all if deployment in self.taken_back_by(d)]

    def incidents_of(self, deployment: Deployment) -> list[Incident]:
        """Those that make it fail: that belong to it, or to a rollback that took it back."""
        hit = [deployment, *self.rollbacks_of(deployment)]
        return [each for each in self.incidents if each.deployment in hit and each.is_failure]

    def is_failed(self, deployment: Deployment) -> bool:
        if deployment.is_rollback:
            return False
        if deployment.said_failed is not None:
            return deployment.said_failed
        return bool(self.incidents_of(deployment) or self.rollbacks_of(deployment))

    # Rule 15

    def recovered(self, deployment: Deployment) -> datetime | None:
        """When a failed deployment recovered; None is not yet."""
        ends = [incident.resolved for incident in self.incidents_of(deployment)]
        known = [end for end in ends if end]
        all_ended = [max(known)] if ends and len(known) == len(ends) else []
        taken_back = [rollback.time for rollback in self.rollbacks_of(deployment)]
        return min([*all_ended, *taken_back[-1:]], default=None)

    # Rule 17

    def is_rework(self, deployment: Deployment) -> bool:
        return (
            deployment.is_rollback or deployment.is_unplanned or self.is_during_incident(deployment)
        )

    def is_during_incident(self, deployment: Deployment) -> bool:
        """During an open time of an incident of an earlier one, not too long after it began."""
        own = self.deployments.of(deployment.service, deployment.environment)
        earlier = own[: own.index(deployment)]
        return any(
            began <= deployment.time <= began + WHILE_IT_BURNS
            and (ended is None or deployment.time <= ended)
            for incident in self.incidents
            if incident.deployment in earlier
            for began, ended in incident.open_times
        )
