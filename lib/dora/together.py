"""What many requests keep at the same time goes into the database in one statement, on one connection.

A commit waits for the disk, and every statement costs the database about as much as three events more
in one. So one thread keeps what waits, all of it, and meanwhile the next requests come to wait. Each is
answered when what it brought is committed.

Where there is no such thread, as in a command, whoever keeps does it at once.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from dora.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Keep = Callable[[Iterable[str]], object]

Answer = TypeVar("Answer")
# More in one statement saves nothing, and is there several times while it is sent.
MOST_REPORTS, MOST_CHARACTERS = 200, 1024 * 1024
_used: list[Together] = []
# What the thread has to do, once there is one.
_turns: list[SimpleQueue[Callable[[], None]]] = []


def together(keep: Keep) -> Together:
    """Let what is kept be kept together with what others keep at the same time.

    Args:
        keep: keeps reports, all or none of them; raises PermanentError where one of them cannot be kept.
    """
    made = Together(keep)
    _used.append(made)
    return made


def start() -> None:
    """Start the thread, if this process has anything to keep together."""
    if _used and not _turns:
        _turns.append(SimpleQueue())
        threading.Thread(target=_work, args=_turns, name="together", daemon=True).start()


def in_turn(call: Callable[[], Answer]) -> Answer:
    """Return what a call returns, made by the thread that has the connection, if there is one."""
    if not _turns:
        return call()
    waiting = _Waiting()
    _turns[0].put(lambda: waiting.end(*_tried(call)))
    answer: Answer = waiting.wait()
    return answer


class Together:
    """Keeps reports, with those of others that wait, and returns when they are kept."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: deque[_Waiting] = deque()

    def __call__(self, reports: Iterable[str]) -> None:
        """Keep reports, all or none of them.

        Raises:
            PermanentError: one of them cannot be kept.
            TemporaryError: the database is away or busy.
        """
        if not _turns:
            self._keep(reports)
            return
        waiting = _Waiting(reports)
        self._waiting.append(waiting)
        # It comes to nothing where an earlier turn has kept this, too.
        _turns[0].put(self._keep_what_waits)
        waiting.wait()

    def _keep_what_waits(self) -> None:
        taken = self._take()
        _, error = self._tried(taken)
        if isinstance(error, PermanentError) and len(taken) > 1:
            # The database refuses one of them and does not say which.
            for each in taken:
                each.end(*self._tried([each]))
        else:
            for each in taken:
                each.end(None, error)

    def _take(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        reports = characters = 0
        while self._waiting and reports < MOST_REPORTS and characters < MOST_CHARACTERS:
            taken.append(self._waiting.popleft())
            reports += len(taken[-1].reports)
            characters += sum(map(len, taken[-1].reports))
        return taken

    def _tried(self, taken: list[_Waiting]) -> tuple[Any, Exception | None]:
        reports = [report for each in taken for report in each.reports]
        return _tried(lambda: self._keep(reports)) if reports else (None, None)


class _Waiting:
    """A request that waits: what it brought, and what came of that."""

    def __init__(self, reports: Iterable[str] = ()) -> None:
        self.reports = list(reports)
        self._came: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def end(self, answer: Any, error: Exception | None) -> None:
        """Let it go on."""
        self._came.put((answer, error))

    def wait(self) -> Any:
        """Return the answer, or raise the error, once there is one."""
        answer, error = self._came.get()
        if error is not None:
            raise error
        return answer


def _tried(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
        return None, error


def _work(turns: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        turns.get()()
