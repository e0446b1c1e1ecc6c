"""The types of CDEvents that we know, as facts: one line an event, in a notation of our own.

They are the facts of the schemas at https://github.com/cdevents/spec/tree/v0.5.1/schemas and of the
releases before it; 0.5.0 is left out, for its schemas contradict themselves. A test compares what
`schemas` makes of them with the official schemas.

Notation:
    name: kind     a field that may be there; `name*` must be there, of `a|b*` exactly one
    ...            further fields are allowed; without it they are not
    kind+          the same kind, but not empty
    kind?          the same kind, or null
    [kind]         a list of that kind
    =a|b           one of these strings
    -              in a column of versions: not in that release; as content: no fields
Other kinds are a name in OBJECTS, or one of the simple ones in `schemas`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC_VERSION = "0.5.1"

# What a context holds beside its source and type.
RELEASES = {
    "0.3.0": "version*: string+, id*: string+, timestamp*: date-time",
    "0.4.1": "version*: string+, id*: string+, timestamp*: date-time, \
schemaUri: uri+, chainId: string+, links: [link]",
    "0.5.1": "specversion*: string+, id*: string+, timestamp*: date-time, \
schemaUri: uri+, chainId: string+, links: [link]",
}

TABLE = """
event                  0.3.0  0.4.1  0.5.1  content
artifact.deleted       -      0.1.0  0.2.0  user: string+
artifact.downloaded    -      0.1.0  0.2.0  user: string+
artifact.packaged      0.1.1  -      -      change*: reference
artifact.packaged      -      0.2.0  0.3.0  change*: reference, sbom: sbom
artifact.published     0.1.1  -      -      -
artifact.published     -      0.2.0  0.3.0  user: string+, sbom: sbom
artifact.signed        0.1.0  0.2.0  0.3.0  signature*: string+
branch.created         0.1.2  0.2.0  0.3.0  repository: reference
branch.deleted         0.1.2  0.2.0  0.3.0  repository: reference
build.queued           0.1.1  0.2.0  0.3.0  -
build.started          0.1.1  0.2.0  0.3.0  -
build.finished         0.1.1  0.2.0  0.3.0  artifactId: string
change.created         0.1.2  -      -      repository: reference
change.created         -      0.3.0  0.4.0  repository: reference, description: string+
change.updated         0.1.2  0.2.0  0.3.0  repository: reference
change.reviewed        0.1.2  0.2.0  0.3.0  repository: reference
change.merged          0.1.2  0.2.0  0.3.0  repository: reference
change.abandoned       0.1.2  0.2.0  0.3.0  repository: reference
environment.created    0.1.1  0.2.0  -      name: string, url: string
environment.created    -      -      0.3.0  name: string, uri: uri
environment.modified   0.1.1  0.2.0  -      name: string, url: string
environment.modified   -      -      0.3.0  name: string, uri: uri
environment.deleted    0.1.1  0.2.0  0.3.0  name: string
incident.detected      0.1.0  0.2.0  0.3.0  environment*: reference, service: reference, \
artifactId: string+, description: string
incident.reported      0.1.0  0.2.0  0.3.0  environment*: reference, service: reference, \
artifactId: string+, description: string, ticketURI*: uri+
incident.resolved      0.1.0  0.2.0  0.3.0  environment*: reference, service: reference, \
artifactId: string+, description: string
pipelineRun.queued     0.1.1  0.2.0  -      pipelineName: string, url: string
pipelineRun.queued     -      -      0.3.0  pipelineName: string, uri: uri
pipelineRun.started    0.1.1  0.2.0  -      pipelineName*: string, url*: string
pipelineRun.started    -      -      0.3.0  pipelineName*: string, uri*: uri
pipelineRun.finished   0.1.1  0.2.0  -      pipelineName: string, url: string, \
outcome: string, errors: string
pipelineRun.finished   -      -      0.3.0  pipelineName: string, uri: uri, \
outcome: =success|failure|cancel|error, errors: string
repository.created     0.1.1  0.2.0  -      name*: string+, owner: string, url*: string+, viewUrl: string
repository.created     -      -      0.3.0  name*: string+, owner: string, uri*: uri, viewUrl: uri
repository.modified    0.1.1  0.2.0  -      name: string, owner: string, url: string, viewUrl: string
repository.modified    -      -      0.3.0  name: string, owner: string, uri: uri, viewUrl: uri
repository.deleted     0.1.1  0.2.0  -      name: string, owner: string, url: string, viewUrl: string
repository.deleted     -      -      0.3.0  name: string, owner: string, uri: uri, viewUrl: uri
service.deployed       0.1.1  0.2.0  0.3.0  environment*: reference, artifactId*: string+
service.upgraded       0.1.1  0.2.0  0.3.0  environment*: reference, artifactId*: string+
service.rolledback     0.1.1  0.2.0  0.3.0  environment*: reference, artifactId*: string+
service.published      0.1.1  0.2.0  0.3.0  environment: reference
service.removed        0.1.1  0.2.0  0.3.0  environment: reference
taskRun.started        0.1.1  0.2.0  -      taskName: string, url: string, pipelineRun: reference
taskRun.started        -      -      0.3.0  taskName: string, uri: uri, pipelineRun: reference
taskRun.finished       0.1.1  0.2.0  -      taskName: string, url: string, \
pipelineRun: reference, outcome: string, errors: string
taskRun.finished       -      -      0.3.0  taskName: string, uri: uri, \
pipelineRun: reference, outcome: string, errors: string
testCaseRun.queued     0.1.0  0.2.0  0.3.0  environment*: reference, trigger: trigger, \
testSuiteRun: test-run, testCase: test-case
testCaseRun.started    0.1.0  0.2.0  0.3.0  environment*: reference, trigger: trigger, \
testSuiteRun: test-run, testCase: test-case
testCaseRun.skipped    -      0.1.0  0.2.0  environment: reference, reason: string, \
testSuiteRun: test-run, testCase: test-case
testCaseRun.finished   0.1.0  0.2.0  -      environment*: reference, reason: string, \
testSuiteRun: test-run, testCase: test-case, \
outcome*: =pass|fail|cancel|error, severity: =low|medium|high|critical
testCaseRun.finished   -      -      0.3.0  environment*: reference, reason: string, \
testSuiteRun: test-run, testCase: test-case, \
outcome*: =success|failure|cancel|error, severity: =low|medium|high|critical
testOutput.published   0.1.0  0.2.0  0.3.0  outputType*: =report|video|image|log|other, \
format*: string, uri: uri, testCaseRun: test-run
testSuiteRun.queued    0.1.0  0.2.0  -      environment*: reference, trigger: trigger, \
testSuite: test-suite-with-url
testSuiteRun.queued    -      -      0.3.0  environment*: reference, trigger: trigger, \
testSuite: test-suite
testSuiteRun.started   0.1.0  0.2.0  0.3.0  environment*: reference, trigger: trigger, \
testSuite: test-suite
testSuiteRun.finished  0.1.0  0.2.0  -      environment*: reference, reason: string, \
testSuite: test-suite, outcome*: =pass|fail|cancel|error, severity: =low|medium|high|critical
testSuiteRun.finished  -      -      0.3.0  environment*: reference, reason: string, \
testSuite: test-suite, outcome*: =success|failure|cancel|error, severity: =low|medium|high|critical
ticket.created         -      0.1.0  0.2.0  summary*: string, creator*: string+, \
uri*: uri-reference+, ticketType: string, group: string, assignees: [string], \
priority: string, labels: [string], milestone: string
ticket.updated         -      0.1.0  0.2.0  summary: string, creator: string+, \
uri*: uri-reference+, ticketType: string, group: string, assignees: [string], \
priority: string, labels: [string], milestone: string, updatedBy: string
ticket.closed          -      0.1.0  0.2.0  summary: string, creator: string+, \
uri*: uri-reference+, ticketType: string, group: string, assignees: [string], \
priority: string, labels: [string], milestone: string, updatedBy: string, resolution*: string+
"""

OBJECTS = {
    "reference": "id*: string+, source: uri-reference+",
    "sbom": "uri*: uri-reference+",
    "test-run": "id*: string+, source: string",
    "test-case": "id*: string+, version: string, name: string, uri: uri, \
type: =performance|functional|unit|security|compliance|integration|e2e|other",
    "test-suite": "id*: string+, version: string, name: string, uri: uri",
    "test-suite-with-url": "id*: string+, version: string, name: string, url: uri",
    "trigger": "type: =manual|pipeline|event|schedule|other, uri: uri, ...",
    # Links to other events, in the context.
    "END": "linkType*: =END, from: event, tags: anything",
    "PATH": "linkType*: =PATH, from*: event, tags: anything",
    "RELATION": "linkType*: =RELATION, linkKind*: string+, target*: target, tags: anything",
    "event": "contextId*: string+, ...",
    "target": "contextId: string+, ...",
    "anything": "...",
    # Ours, in customData.
    "dora": "commits: [commit], branch: string, defaultBranch: string+, before: string+, \
head: string+, totalCommits: count, team: string+, openedAt: date-time, commit: string+, \
repository: string+, repositoryId: number-of-its-tool, tier: string+, startedAt: date-time, \
unplanned: boolean, images: [string+], templateFingerprint: string+, revision: whole-number, \
uid: string+, deployment: string+, mergedInto: string+, alert: string+, assumedEnvironment: boolean, \
serviceNames: [string+], ...",
    "commit": "sha*: string+, committedAt: date-time, bot: boolean, paths: [string+], ...",
}

# A person's word on a deployment or an incident; null takes back what an earlier one said.
CORRECTION = "dev.cdeventsx.dora-correction.created.0.1.0"
CORRECTION_CONTENT = "deployment|incident*: reference, counts: boolean?, failed: boolean?, \
unplanned: boolean?, commit: string+?, repository: string+?, service: string+?, by*: string+, \
because*: string+"


class EventType(NamedTuple):
    """A type of CDEvents; `context`, `subject` and `content` are the fields of these objects."""

    name: str
    context: str
    subject: str
    content: str


def _event_type(event: str, release: str, version: str, content: str) -> EventType:
    name = f"dev.cdevents.{event.lower()}.{version}"
    subject = event.partition(".")[0]
    is_test = subject.startswith("test")  # whose schemas take any text as a source
    context = f"source*: {'string+' if is_test else 'uri-reference+'}, type*: ={name}"
    fields = f"id*: string+, source: {'string' if is_test else 'uri-reference+'}"
    if release != SPEC_VERSION:
        fields += f", type*: ={subject}"
    elif event == "ticket.closed":  # the one schema of 0.5.1 that still has it
        fields += f", type: ={subject}"
    return EventType(name, f"{RELEASES[release]}, {context}", fields, content)


def _event_types() -> Iterator[EventType]:
    for line in TABLE.strip().splitlines()[1:]:
        event, *versions, content = line.split(maxsplit=len(RELEASES) + 1)
        for release, version in zip(RELEASES, versions, strict=True):
            if version != "-":
                yield _event_type(event, release, version, content)


def _custom(release: str, subject_type: str) -> EventType:
    context = f"{RELEASES[release]}, source*: uri-reference+, type*: custom-type"
    subject = f"id*: string+, source: uri-reference+{subject_type}"
    return EventType("a custom CDEvent", context, subject, "...")


def _own(name: str, content: str) -> EventType:
    context = f"{RELEASES[SPEC_VERSION]}, source*: uri-reference+, type*: ={name}"
    return EventType(name, context, "id*: string+, source: uri-reference+", content)


TYPES = {event_type.name: event_type for event_type in _event_types()}

# The release of a custom event shows in the name of the field that holds it.
CUSTOM = {
    "version": _custom("0.4.1", ", type*: custom-subject"),
    "specversion": _custom("0.5.1", ""),
}

# Custom events of our own, whose content has to be right.
OWN = {CORRECTION: _own(CORRECTION, CORRECTION_CONTENT)}

_NEWEST = {
    ".".join(name.split(".")[2:4]): name
    for name, event_type in TYPES.items()
    if event_type.context.startswith("specversion")
}


def newest(event: str) -> str:
    """Return the type of an event, such as "service.deployed", in release SPEC_VERSION.

    Raises:
        KeyError: CDEvents have no such event.
    """
    return _NEWEST[event.lower()]
