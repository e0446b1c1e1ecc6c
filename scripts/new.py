"""Make all files of a source or a metric of your own: `make new-source NAME=octopus`.

The files are those of templates/python and scripts/new_files, with the name in the place of the
template's. What lists every function (the README, a page of docs/) gets its row. They pass the
repository's tests as they are; what is printed at the end says which to edit.
"""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
FILES = REPOSITORY / "scripts" / "new_files"
TEMPLATES = REPOSITORY / "templates" / "python"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 40


def main() -> None:
    """Make what the command line says."""
    parser = ArgumentParser("scripts.new", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    source = kinds.add_parser("source", help="a transformer, with all that belongs to it")
    source.add_argument("name")
    source.add_argument("--webhook", action="store_true", help="the tool sends plain webhooks")
    kinds.add_parser("metric", help="a metric that can be asked").add_argument("name")
    given = parser.parse_args()
    if given.kind == "source":
        new_source(given.name, webhook=given.webhook)
    else:
        new_metric(given.name)


def new_source(name: str, *, webhook: bool) -> None:
    """Make a transformer, its Trigger, source, examples and rows."""
    function = f"{name}-transformer"
    new = New("my-source", name, REPOSITORY / "functions" / "transformers" / name)
    new.copy_function("transformer")
    new.copy_files("source")
    takes, section = "deployments", "source"
    if webhook:
        takes, section = "webhooks of its deployments", "webhook"
        new.copy_files("webhook")
        new.replace("func.py", f"com.example.{name}.deployed", f"dev.dora.webhooks.{name}")
        new.insert(
            "functions/endpoints/webhooks/func.py",
            r'    "[\w-]+": \(signatures\.',
            f'    "{name}": (signatures.has_token, webhooks.from_plain),\n',
        )
        new.insert(
            "docs/events.md",
            r"\| `/",
            f"| `/{name}` | a token | `dev.dora.webhooks.{name}` | of the content |\n",
        )
    new.insert(
        "README.md",
        r"\| \[[\w-]+-transformer\]",
        f"| [{function}](functions/transformers/{name}/func.py) | {takes} | service.deployed | nothing |\n",
    )
    words = new.named((FILES / section / "section.md").read_text())
    new.insert("docs/events.md", "## Marks", words, before=True)
    new.accept_examples(f"tests/functions/{function}")
    new.tell(
        f"tests/functions/{function}/inputs/: events as {name} sends them, one of each kind",
        f"functions/transformers/{name}/func.py: what they become",
        f"docs/events.md, sources/{name}/README.md: the same in words, and how {name} is set up",
        f"`pytest tests/functions/test_golden.py --accept -k {function}` writes what the examples"
        " become: read it. `make test` compares all of it.",
    )


def new_metric(name: str) -> None:
    """Make a metric, its Trigger, table, statements, the entry by which it is asked, and its rows."""
    new = New("my-metric", name, REPOSITORY / "functions" / "metrics" / name)
    table = new.named("my_metric")
    if known := list(REPOSITORY.glob(f"sql/schema/*_{table}.sql")):
        sys.exit(f"{known[0].relative_to(REPOSITORY)} has a table of that name already")
    new.copy_function("metric")
    new.copy_files("metric")
    entry = new.named((FILES / "metric" / "entry.txt").read_text())
    new.insert("lib/dora/questions/metrics.py", r"\}$", entry, before=True)
    new.insert(
        "README.md",
        r"\| \[[\w-]+\]\(functions/metrics/",
        f"| [{name}](functions/metrics/{name}/func.py) | recorded service events | nothing | `{table}` |\n",
    )
    new.insert("sql/README.md", r"\| `shipped_changes`", f"| `{table}` | deployment |\n")
    new.run("-m", "scripts.write_routes")
    new.written.append("docs/questions.md names it")
    new.tell(
        f"sql/metrics/{name}/apply.sql, with the table in sql/schema/90_{table}.sql: what becomes a row",
        f"sql/metrics/{name}/query.sql, with its words in lib/dora/questions/metrics.py: what is answered",
        f"tests/metrics/test_{table}.py: what happens, and what is answered then",
        "docs/metrics.md: what the number means, and why",
    )


class New:
    """Files that are made of a template's.

    Args:
        old: the template's name.
        name: what stands in its place.
        folder: the function's own.
    """

    def __init__(self, old: str, name: str, folder: Path) -> None:
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            sys.exit(f"expected NAME to be lower case, digits and single dashes, got {name!r:.80}")
        if folder.exists():
            sys.exit(f"{folder.relative_to(REPOSITORY)} is there already")
        self.old, self.name, self.folder = old, name, folder
        self.written: list[str] = []

    def named(self, text: str) -> str:
        """Return a text with the name in all the forms that the template's has in it."""
        for change in (
            str,
            _snake,
            lambda one: _snake(one).upper(),
            lambda one: one.replace("-", ""),
        ):
            text = text.replace(change(self.old), change(self.name))
        return text

    def copy_function(self, template: str) -> None:
        """Make the function's own folder."""
        self.folder.mkdir()
        for file in ("func.py", "func.yaml", "requirements.txt"):
            self._write(TEMPLATES / template / file, self.folder / file)

    def copy_files(self, kind: str) -> None:
        """Make the files of scripts/new_files that belong elsewhere, at the same path in the repository."""
        for file in sorted((FILES / kind).rglob("*/*")):
            if file.is_file():
                path = self.named(str(file.relative_to(FILES / kind)))
                self._write(file, REPOSITORY / path)

    def replace(self, file: str, old: str, new: str) -> None:
        """Write something else into a file of the function's folder."""
        path = self.folder / file
        path.write_text(path.read_text().replace(old, new))

    def insert(self, file: str, pattern: str, text: str, *, before: bool = False) -> None:
        """Put text behind the last line that begins with the pattern, or before the first one."""
        path = REPOSITORY / file
        lines = path.read_text().splitlines(keepends=True)
        found = [number for number, line in enumerate(lines) if re.match(pattern, line)]
        place = found[0] if before else found[-1] + 1
        path.write_text("".join([*lines[:place], text, *lines[place:]]))
        self.written.append(f"{file} names it")

    def accept_examples(self, folder: str) -> None:
        """Write what the examples become."""
        test = ["tests/functions/test_golden.py", "-k", self.named("my-source-transformer")]
        self.run("-m", "pytest", "-q", "-n", "0", "--accept", *test)
        self.written += [
            f"{folder}/outputs/{file.name}"
            for file in sorted((REPOSITORY / folder / "outputs").iterdir())
        ]

    def run(self, *arguments: str) -> None:
        """Run a module of this project; where it fails, end with what it says."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, capture_output=True, check=False, cwd=REPOSITORY, text=True)  # noqa: S603 - this project's own
        if done.returncode:
            sys.exit(done.stdout + done.stderr)

    def tell(self, *steps: str) -> None:
        """Say what was made, and what is left to do."""
        print("\n".join(dict.fromkeys(self.written)))
        print("\n".join(["", "yours to edit now:", *(f"- {step}" for step in steps)]))

    def _write(self, template: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.named(template.read_text()))
        self.written.append(str(target.relative_to(REPOSITORY)))


def _snake(name: str) -> str:
    return name.replace("-", "_")


if __name__ == "__main__":
    main()
