"""Report a deployment, an incident or a change that no tool reports, as a CDEvent.

It goes to the webhooks endpoint at DORA_WEBHOOKS_URL, with DORA_TOKEN as its token; else to the
Broker at K_SINK. In a pipeline of GitHub Actions or GitLab CI, what is not given is read from its
environment, and a step that runs again reports the same event. Where DORA_URL is set, what became of
it is awaited and said.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloudevents.conversion import to_structured

from dora import cdevents
from dora.commands import git
from dora.commands.ci import Pipeline, pipeline
from dora.commands.command import FAILED, Command, Stop, add_parser, tell
from dora.commands.correct import user
from dora.commands.reported import WAIT_SECONDS, outcome
from dora.commands.resend import add_webhooks_or_sink, sender_of
from dora.commands.terminal import show
from dora.errors import PermanentError
from dora.times import read_time, rfc3339
from dora.tools.artifacts import artifact_id, deployed_artifact, source_purl
from dora.tools.services import affected, environment

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from cloudevents.http import CloudEvent

NO_SENDER = "DORA_TOKEN is none of the secrets of the webhooks endpoint"
FULL_NAME = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
EXAMPLES = {
    "deployment": """
    dora report deployment --environment production --commits-since v1.3      # in a pipeline
    dora report deployment --service shop --artifact ghcr.io/acme/shop:1.4 --unplanned
    dora report deployment --service shop --commit $(git rev-parse HEAD) --dry-run
    """,
    "incident": """
    dora report incident checkout-7 --service shop --description "Checkout is down"
    dora report incident checkout-7 --service shop --resolved
    """,
    "change": """
    dora report change --branch main --commits-since v1.3                     # in a pipeline
    dora report change --repository https://git.example.com/acme/shop --branch main --commit HEAD
    """,
}


def _arguments(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, add in ARGUMENTS.items():
        says = f"Report that {SAYS[kind]}."
        one = add_parser(kinds, kind, SAYS[kind], f"{says}\n\n{__doc__}", EXAMPLES[kind])
        add(one)
        one.add_argument("--time", help="when it happened, RFC 3339; now where it is not given")
        one.add_argument("--source", metavar="URI", help="who reports it, else the repository")
        one.add_argument("--dry-run", action="store_true", help="print the event, and send nothing")
        one.add_argument(
            "--wait",
            metavar="SECONDS",
            type=float,
            default=WAIT_SECONDS,
            help="how long to wait for what becomes of it (default: %(default)s)",
        )
        add_webhooks_or_sink(one)


def _of_deployment(parser: ArgumentParser) -> None:
    _of_service(parser)
    parser.add_argument("--tier", help="production, staging, testing or development")
    parser.add_argument("--artifact", metavar="IMAGE", help="an image or package URL that runs now")
    _of_commits(parser)
    parser.add_argument("--team", help="whose service it is")
    parser.add_argument("--unplanned", action="store_true", help="it is a hotfix")
    parser.add_argument("--rollback", action="store_true", help="it goes back to what ran before")
    parser.add_argument("--started", metavar="TIME", help="when the deployment began")
    parser.add_argument("--url", help="where to look at it, else the pipeline's run")
    parser.add_argument("--id", help="what distinguishes it, else the pipeline's run or the time")


def _of_incident(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the same from its detection to its end")
    _of_service(parser)
    parser.add_argument("--description", metavar="TEXT", help="what people call it")
    parser.add_argument("--deployment", metavar="ID", help="which deployment caused it")
    parser.add_argument("--resolved", action="store_true", help="it is over")
    parser.add_argument("--url", help="where to look at it")


def _of_change(parser: ArgumentParser) -> None:
    _of_commits(parser)
    parser.add_argument("--branch", help="which branch it reached")
    parser.add_argument("--opened", metavar="TIME", help="when the pull request was opened")


def _of_service(parser: ArgumentParser) -> None:
    parser.add_argument("--service", help="which service, else the repository's name")
    parser.add_argument("--environment", help="which environment, else the catalog's default one")


def _of_commits(parser: ArgumentParser) -> None:
    parser.add_argument("--commit", metavar="SHA", help="its commit")
    parser.add_argument("--repository", metavar="URL", help="where that commit is")
    parser.add_argument(
        "--commits-since",
        metavar="TAG",
        help="name the commits that came since this tag or commit, by git log TAG..COMMIT here",
    )


ARGUMENTS = {"deployment": _of_deployment, "incident": _of_incident, "change": _of_change}
SAYS = {
    "deployment": "a service was deployed",
    "incident": "an incident was detected or resolved",
    "change": "a change was merged",
}


def _report(given: Namespace) -> int:
    event = MAKE[given.kind](given, pipeline(), _moment("--time", given.time) or _now())
    text = to_structured(event)[1].decode()
    if given.dry_run:
        show(json.dumps(json.loads(text), indent=2))
        return 0
    stop = Stop()
    sender = sender_of(given.sink, stop)
    if refused := sender.send(text):
        tell(f"refused: {refused}{NO_SENDER if refused.startswith('401') else ''}")
        return FAILED
    tell(f"sent {event['type']} {event['id']}{sender.remark and f': {sender.remark}'}")
    show(outcome(given.kind, event, given.wait, stop))
    return 0


def _deployment(given: Namespace, run: Pipeline, time: str) -> CloudEvent:
    service = _required("--service", given.service or run.service)
    repository = given.repository or run.repository
    commits = (
        git.commits_since(given.commits_since, _tip(given, run)) if given.commits_since else []
    )
    commit = _sha(given.commit) or run.commit or (commits[0]["sha"] if commits else None)
    artifact = _required("--artifact or --commit", _artifact(given, run, service, commit))
    where = environment(given.environment, run.environment)
    identity = (given.id,) if given.id else (*_occasion(given, run, time), artifact)
    return cdevents.build(
        "service.rolledback" if given.rollback else "service.deployed",
        identity=(service, where.content["environment"]["id"], *identity),
        source=given.source or repository or f"/people/{user()}",
        time=time,
        subject_id=service,
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": commit,
            "repository": repository,
            "repositoryId": run.repository_id if repository == run.repository else None,
            "commits": commits or None,
            "tier": given.tier or run.tier,
            "startedAt": _moment("--started", given.started or run.started),
            "team": given.team,
            "unplanned": given.unplanned or None,
            "url": given.url or run.url,
        },
    )


def _incident(given: Namespace, run: Pipeline, time: str) -> CloudEvent:
    where = affected(
        service=given.service or run.service,
        environment_id=given.environment or run.environment,
    )
    predicate = "resolved" if given.resolved else "detected"
    described = {"description": given.description} if given.description else {}
    return cdevents.build(
        f"incident.{predicate}",
        identity=(given.id, predicate, *_occasion(given, run, time)),
        source=given.source or run.repository or f"/people/{user()}",
        time=time,
        subject_id=given.id,
        content=where.content | described,
        dora=where.dora | {"deployment": given.deployment, "url": given.url or run.url},
    )


def _change(given: Namespace, run: Pipeline, time: str) -> CloudEvent:
    repository = _required("--repository", given.repository or run.repository)
    before, tip = given.commits_since or run.before, _tip(given, run)
    commits = git.commits_since(before, tip)[::-1] if before else [git.commit_of(tip)]
    if not commits:
        raise PermanentError(f"expected commits since {before!r:.80}, got none")
    sha = commits[-1]["sha"]
    branch = given.branch or run.branch
    return cdevents.build(
        "change.merged",
        identity=("push", str(branch), sha),
        source=given.source or repository,
        time=time,
        subject_id=sha,
        content={"repository": {"id": repository}},
        dora={
            "branch": branch,
            "defaultBranch": run.default_branch,
            "before": git.full_name(before) if before else None,
            "commits": commits,
            "openedAt": _moment("--opened", given.opened),
            "repositoryId": run.repository_id if repository == run.repository else None,
        },
    )


MAKE = {"deployment": _deployment, "incident": _incident, "change": _change}


def _occasion(given: Namespace, run: Pipeline, time: str) -> tuple[str, ...]:
    """Return what distinguishes this report from others of the same: the time, or the run."""
    return (time,) if given.time or not run.run else run.run


def _artifact(given: Namespace, run: Pipeline, service: str, commit: str | None) -> str | None:
    """Return what was deployed: what is given, else the commit of the pipeline's repository."""
    if given.artifact:
        return artifact_id(given.artifact)
    if run.tool and run.repository and commit and given.repository in (None, run.repository):
        return source_purl(run.tool, run.repository, commit)
    return deployed_artifact(service, commit)


def _tip(given: Namespace, run: Pipeline) -> str:
    return given.commit or run.commit or "HEAD"


def _sha(commit: str | None) -> str | None:
    """Return a commit's full name, of which git here knows what is short for it."""
    return git.full_name(commit) if commit and not FULL_NAME.fullmatch(commit) else commit


def _required(option: str, value: str | None) -> str:
    if not value:
        raise PermanentError(f"expected {option}, for no pipeline says it; got none")
    return value


def _moment(name: str, given: str | None) -> str | None:
    moment = read_time(name, given)
    return rfc3339(moment) if moment else None


def _now() -> str:
    return rfc3339(datetime.now(UTC).replace(microsecond=0))


COMMAND = Command(
    _report,
    _arguments,
    __doc__,
    """
    dora report deployment --environment production
    dora report incident checkout-7 --service shop --description "Checkout is down"
    dora report change --branch main
    """,
)
