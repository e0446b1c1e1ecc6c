"""What a handler raises when it cannot do its work.

DoraError
├── PermanentError       can never be right: goes to the dead letters
│   ├── NoCloudEventError    is no CloudEvent at all
│   ├── NotFoundError        names something that is not there
│   └── UnauthorizedError    does not show who sends it
├── UnknownShapeError    is kept, and nothing is known to become of it: that is reported
└── TemporaryError       may be right later: the Broker tries again
    └── DeadlockError        waited for what waited for it

Each is raised with one sentence that says what was expected and what came. The sentence is the
answer that the sender reads, so it holds no secret and no traceback.
"""

from __future__ import annotations


class DoraError(Exception):
    """The base of all errors that have a sentence for the sender."""


class PermanentError(DoraError):
    """The request can never be right; trying again is useless."""


class NoCloudEventError(PermanentError):
    """What came is no CloudEvent."""


class NotFoundError(PermanentError):
    """What was asked for is not there."""


class UnauthorizedError(PermanentError):
    """The sender did not show who it is."""


class ForbiddenError(PermanentError):
    """Who asks may not see this."""


class UnknownShapeError(DoraError):
    """What came is an event, in a shape of which nobody knows what it means."""


class TemporaryError(DoraError):
    """The request may be right; something that it needs is away."""


class DeadlockError(TemporaryError):
    """The database ended a transaction that waited for another one, which waited for it."""
