"""Questions to the metrics endpoint, whose address is DORA_URL: options, answers, what is shown.

Options are the parameters of the endpoint, by their names.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import requests

from dora.commands.command import address, tell
from dora.commands.terminal import plain
from dora.errors import PermanentError, TemporaryError
from dora.pages.words import count

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from dora.questions.question import Parameters

LOCAL_URL = "http://127.0.0.1:8090"  # of `make run`
CONNECT_SECONDS, ANSWER_SECONDS = 5, 60
JSON, CSV = "application/json", "text/csv"
CLIENT_ERROR, SERVER_ERROR = 400, 500


def authorization() -> dict[str, str]:
    """Return the header that shows DORA_READ_TOKEN, where it is set."""
    token = os.environ.get("DORA_READ_TOKEN", "").strip()
    return {"authorization": f"Bearer {token}"} if token else {}


def add_question(parser: ArgumentParser, parameters: Parameters) -> None:
    """Add an option for each parameter of a question, and how the answer is shown."""
    for name, parameter in parameters.items():
        if name != "format":
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                dest=name,
                metavar=None if "enum" in parameter.schema else name.upper().replace("_BY", ""),
                choices=parameter.schema.get("enum"),
                action="append" if parameter.may_repeat else "store",
                help=parameter.says.replace("%", "%%").replace("`", ""),
            )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="the answer in JSON")
    shown.add_argument("--csv", action="store_true", help="the answer in CSV, lists complete")


def question_of(given: Namespace, parameters: Parameters) -> dict[str, Any]:
    """Return the parameters that were given."""
    return {name: value for name, value in vars(given).items() if name in parameters and value}


def answer(
    given: Namespace,
    path: str,
    part: str,
    parameters: Parameters,
    show_answer: Callable[[Any], None],
) -> int:
    """Ask, and show the answer, which has this part, as it was asked for; return the exit status."""
    question = question_of(given, parameters)
    if given.csv:
        show_csv(path, question)
    elif given.json:
        show_json(ask(path, part, question))
    else:
        found = ask(path, part, question)
        show_answer(found)
        tell_about(found)
    return 0


def ask(path: str, part: str, question: dict[str, Any]) -> dict[str, Any]:
    """Return what the metrics endpoint answers, from JSON: an object which has this part.

    Raises:
        PermanentError: it refuses the question, or is no metrics endpoint.
        TemporaryError: it does not answer.
    """
    response = _get(path, question, JSON)
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or part not in found:
        raise PermanentError(
            f"expected {url()} to be a metrics endpoint of this release, which answers {path} with"
            f" {part}, got {response.text!r:.80}"
        )
    return found


def show_json(found: Any) -> None:
    """Show an answer as JSON, in characters that command no terminal."""
    print(json.dumps(found, indent=2))  # noqa: T201 - the answer


def show_csv(path: str, question: dict[str, Any]) -> None:
    """Show an answer as CSV, as it comes; a terminal is shown nothing that would command it."""
    response = _get(path, question, CSV)
    response.encoding = "utf-8"
    is_terminal = sys.stdout.isatty()
    for chunk in response.iter_content(64 * 1024, decode_unicode=True):
        sys.stdout.write(plain(chunk.replace("\r", "")) if is_terminal else chunk)


def tell_about(found: dict[str, Any]) -> None:
    """Say what an answer leaves out, and what is about to change."""
    left_out = found.get("unknown_tier") or {}
    if left_out.get("deployments"):
        one, many = ("is", "its environment is"), ("are", "their environments are")
        are, where = one if left_out["deployments"] == 1 else many
        tell(
            f"{count(left_out['deployments'], 'deployment')} {are} left out, for nobody says of "
            f"which tier {where}: {', '.join(left_out['environments'])}"
        )
    if found.get("rebuilding"):
        tell(
            "the catalog was changed; until everything is computed anew, these are the old numbers"
        )
    if found.get("next"):
        tell("there are more: --limit 1000 shows more of them, --csv all")


def url() -> str:
    """Return where the metrics endpoint is."""
    return address("DORA_URL", os.environ.get("DORA_URL") or LOCAL_URL)


def _get(path: str, question: dict[str, Any], accept: str) -> requests.Response:
    try:
        response = requests.get(
            url() + path,
            question,
            headers={"accept": accept} | authorization(),
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            stream=accept == CSV,
        )
    except requests.RequestException as error:
        raise TemporaryError(
            f"no answer from the metrics endpoint at {url()} ({type(error).__name__});"
            " DORA_URL says where it is"
        ) from error
    if response.status_code >= CLIENT_ERROR:
        raise (TemporaryError if response.status_code >= SERVER_ERROR else PermanentError)(
            _refusal(response)
        )
    return response


def _refusal(response: requests.Response) -> str:
    try:
        sentence = response.json()["error"]
    except (ValueError, LookupError, TypeError):
        sentence = f"answers {response.status_code} {' '.join(response.text.split()):.80}"
    return f"{url()}: {sentence}"
