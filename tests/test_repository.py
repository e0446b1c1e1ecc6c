"""Rules that hold for every function, Trigger and statement, so that nothing lists them by hand."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from local.functions import Function, all_functions
from scripts.copy_functions import SHARED, SHARED_FILES, SQL
from scripts.import_picture import floors, imported, module_picture, room_picture

REPOSITORY = Path(__file__).parents[1]
LIBRARY = REPOSITORY / "lib" / "dora"
FILES = ["func.py", "func.yaml", "requirements.txt"]
PUBLIC = {"metrics-endpoint", "webhooks-endpoint"}
TEMPLATES = {
    "transformer": "functions/transformers/generic",
    "metric": "functions/metrics/deployment-frequency",
}
TRANSFORMERS = sorted(REPOSITORY.glob("functions/transformers/*/func.py"))
TRANSFORMERS += [REPOSITORY / "templates/python/transformer/func.py"]
METRICS = sorted(REPOSITORY.glob("functions/metrics/*/func.py"))
METRICS += [REPOSITORY / "templates/python/metric/func.py"]
KINDS = {"endpoints": "-endpoint", "transformers": "-transformer", "metrics": ""}
MODULES = module_picture()
# What functions and commands run; the rest is what they find in the database.
STATEMENTS = [
    file
    for folder in ("commands", "endpoints", "metrics")
    for file in sorted((SQL / folder).rglob("*.sql"))
]
# Answers, and of the frame what all answers have: never the database.
PAGES_REACH = {"pages", "questions", "errors", "function", "times"}
each_function = pytest.mark.parametrize("function", all_functions(), ids=lambda each: each.name)
each_statement = pytest.mark.parametrize(
    "file", sorted(SQL.rglob("*.sql")), ids=lambda file: str(file.relative_to(SQL))
)


def read(path: str) -> str:
    return (REPOSITORY / path).read_text()


def objects(folder: str) -> dict[Path, dict[str, Any]]:
    files = sorted((REPOSITORY / folder).glob("*.yaml"))
    return {file: yaml.safe_load(file.read_text()) for file in files}


def imports(file: Path) -> set[str]:
    """Return the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@each_function
def test_a_function_has_the_files_that_differ_and_no_others(function: Function) -> None:
    files = [file.name for file in function.folder.iterdir() if file.name != "__pycache__"]

    assert sorted(files) == FILES


@pytest.mark.parametrize(("template", "like"), TEMPLATES.items())
def test_a_template_has_what_functions_have(template: str, like: str) -> None:
    folder, function = REPOSITORY / "templates" / "python" / template, REPOSITORY / like
    definition = yaml.safe_load((folder / "func.yaml").read_text())
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text())
    same = yaml.safe_load((function / "func.yaml").read_text()) | {"name": definition["name"]}

    files = sorted(file.name for file in folder.iterdir() if file.name != "__pycache__")
    assert files == sorted([*FILES, *SHARED_FILES, "manifest.yaml"])
    assert definition == same
    # func writes a func.yaml of its own, with what the manifest says.
    assert manifest["invoke"] == definition["invoke"]
    assert manifest["buildEnvs"] == definition["build"]["buildEnvs"]
    assert manifest.get("runEnvs") == definition.get("run", {}).get("envs")
    assert (folder / "requirements.txt").read_text() == (function / "requirements.txt").read_text()
    for name in SHARED_FILES:
        assert (folder / name).read_text() == (SHARED / name).read_text()
        assert (folder / name).stat().st_mode == (SHARED / name).stat().st_mode
    assert yaml.safe_load(read("manifest.yaml")) == {"templates": "templates"}


@each_function
def test_func_yaml_is_valid(function: Function) -> None:
    schema = json.loads(read("tests/data/func_yaml-schema.json"))

    # A time in YAML is a time in Python, and text in the schema.
    jsonschema.validate(function.definition | {"created": "2026-11-24T00:00:00Z"}, schema)


@each_function
def test_a_function_is_named_after_its_folder(function: Function) -> None:
    kind, name = function.folder.parts[-2:]

    assert function.name == name + KINDS[kind]


@each_function
def test_no_namespace_is_named_for_func_to_undeploy_from(function: Function) -> None:
    assert "namespace" not in function.definition
    assert "namespace" not in function.definition["deploy"]


@each_function
def test_what_a_deployer_sets_comes_from_a_config_map(function: Function) -> None:
    entries = function.definition.get("run", {}).get("envs", [])
    takes = {"value": "{{ configMap:dora-settings }}"} in entries

    # The dead letters keep whatever comes, and metrics have the catalog.
    assert takes == (
        not function.path.startswith("metrics/") and function.name != "dead-letters-endpoint"
    )


@each_function
def test_only_what_people_call_can_be_reached_from_outside(function: Function) -> None:
    labels = function.definition["deploy"].get("labels", [])
    visibility = {label["key"]: label["value"] for label in labels}

    assert (visibility != {"networking.knative.dev/visibility": "cluster-local"}) == (
        function.name in PUBLIC
    )


@each_function
def test_a_secret_is_only_named(function: Function) -> None:
    for entry in function.definition.get("run", {}).get("envs", []):
        secret = "PASSWORD" in entry.get("name", "")
        assert not secret or re.fullmatch(r"\{\{ secret:[\w-]+:[\w-]+ \}\}", entry["value"])


@each_function
def test_a_function_looks_like_parliaments_to_func(function: Function) -> None:
    assert "parliament" in imports(function.folder / "func.py")
    assert (SHARED / "Procfile").read_text() == "web: python -m dora.serve .\n"


@each_function
def test_what_a_function_requires_is_pinned_alike_everywhere(function: Function) -> None:
    constraints = (SHARED / "constraints.txt").read_text()
    pinned = dict(line.split("==") for line in constraints.splitlines())
    first, *required = (function.folder / "requirements.txt").read_text().splitlines()

    assert first == "-c constraints.txt"
    assert {name.replace("-", "_") for name in required} <= {
        name.replace("-", "_") for name in pinned
    }


def test_the_project_is_tested_with_what_functions_are_deployed_with() -> None:
    constraints = (SHARED / "constraints.txt").read_text().splitlines()
    project = re.findall(r'^  "([\w-]+==[\d.]+)"', read("pyproject.toml"), re.MULTILINE)

    assert {one.replace("-", "_") for one in project[:8]} <= {
        one.replace("-", "_") for one in constraints
    }


@each_function
def test_functions_import_the_library_and_never_each_other(function: Function) -> None:
    allowed = {"__future__", "base64", "cloudevents", "dora", "hashlib", "json", "re"}
    allowed |= {"collections", "typing", "parliament", "werkzeug"}

    assert {name.split(".")[0] for name in imports(function.folder / "func.py")} <= allowed


@pytest.mark.parametrize(("package", "module"), [("pg8000", "database"), ("waitress", "clients")])
def test_one_module_knows_what_may_be_replaced(package: str, module: str) -> None:
    knowing = [
        file.stem
        for file in LIBRARY.rglob("*.py")
        if package in {name.split(".")[0] for name in imports(file)}
    ]

    assert knowing == [module]


def test_the_library_does_without_parliament() -> None:
    knowing = {
        file.stem
        for file in LIBRARY.rglob("*.py")
        for name in imports(file)
        if name.split(".")[0] in ("parliament", "func_python", "hypercorn")
    }

    # It is `func` that looks for parliament, in a func.py.
    assert knowing == {"successor"}


def reached(file: Path) -> set[str]:
    """Return the modules of the library that a file imports, directly and through others."""
    found, new = set[str](), imported(file, set(MODULES))
    while new:
        found |= new
        new = set().union(*(MODULES[name] for name in new)) - found
    return found


def rooms(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_map_of_the_library_has_every_room() -> None:
    described = re.findall(r"^    (\w+) ", read("lib/dora/__init__.py"), re.MULTILINE)

    assert sorted(described) == sorted(rooms(set(MODULES)) - {"__main__"})


def test_every_package_of_the_library_is_installed() -> None:
    installed = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]
    folders = {file.parent.relative_to(LIBRARY.parent) for file in LIBRARY.rglob("*.py")}

    assert sorted(installed) == sorted(
        [*(".".join(folder.parts) for folder in folders), "dora.sql"]
    )


def test_imports_run_in_no_circle() -> None:
    assert floors(MODULES)
    assert floors(room_picture(MODULES))


@pytest.mark.parametrize("file", TRANSFORMERS, ids=lambda file: file.parent.name)
def test_a_transformer_never_reaches_the_database(file: Path) -> None:
    allowed = {"cdevents", "tools", "function", "errors", "events", "times", "settings"}

    assert rooms(imported(file, set(MODULES))) <= allowed
    assert "database" not in reached(file)


@pytest.mark.parametrize("file", METRICS, ids=lambda file: file.parent.name)
def test_a_metric_follows_the_log_and_does_nothing_else(file: Path) -> None:
    assert imported(file, set(MODULES)) == {"event_log", "function"}


def test_pages_show_answers_and_nothing_else() -> None:
    pages = {name for name in MODULES if name.startswith("pages")}

    assert rooms(set().union(*(MODULES[name] for name in pages))) <= PAGES_REACH
    # Words, and what led to a deployment step by step, are for whoever shows them.
    for_others = {"pages.words", "pages.chain"}
    reaching = {name for name in MODULES if (MODULES[name] & pages) - for_others} - pages
    assert reaching == set()


def test_only_what_a_deployer_names_is_asked_over_http() -> None:
    asking = {
        file.relative_to(LIBRARY).as_posix()
        for file in LIBRARY.rglob("*.py")
        if {name.split(".")[0] for name in imports(file)} & {"requests", "urllib3", "http"}
    }

    asked = {"ask.py", "api_server.py", "resend.py"}
    assert asking == {"sink.py", *(f"commands/{name}" for name in asked), "backfill/rest.py"}


def test_only_commands_reach_commands() -> None:
    commands = {"commands", "backfill", "__main__"}
    outside = [name for name in MODULES if not rooms({name}) <= commands]

    assert not any(rooms(MODULES[name]) & commands for name in outside)
    assert not any(rooms(reached(one.folder / "func.py")) & commands for one in all_functions())


@pytest.mark.parametrize("command", ["rebuild", "replay", "redrive", "resync"])
def test_a_metrics_image_has_what_a_command_on_a_cluster_imports(command: str) -> None:
    file = LIBRARY / "commands" / f"{command}.py"
    paths = [LIBRARY / name.replace(".", "/") for name in reached(file)]
    modules = [each / "__init__.py" if each.is_dir() else each.with_suffix(".py") for each in paths]
    names = {name.split(".")[0] for each in (file, *modules) for name in imports(each)}
    required = read("functions/metrics/deployment-frequency/requirements.txt").lower().split()
    # parliament brings Flask along, and that Werkzeug.
    brought = {"yaml" if name == "pyyaml" else name for name in required} | {"flask", "werkzeug"}

    assert names - sys.stdlib_module_names - {"dora"} <= brought


def test_the_library_stands_by_itself() -> None:
    for file in LIBRARY.rglob("*.py"):
        assert not {name.split(".")[0] for name in imports(file)} & {"local", "tests", "scripts"}


def test_every_function_that_takes_events_has_a_trigger_of_its_name() -> None:
    triggers = {trigger["metadata"]["name"] for trigger in objects("triggers").values()}
    functions = {function.name for function in all_functions() if function.takes_events}

    # The Broker itself sends to the dead letters.
    assert triggers == functions


def test_a_trigger_is_named_like_its_file_and_its_subscriber() -> None:
    for file, trigger in objects("triggers").items():
        assert trigger["kind"] == "Trigger"
        assert file.stem == trigger["metadata"]["name"]
        assert trigger["spec"]["subscriber"]["ref"]["name"] == file.stem
        assert trigger["spec"]["broker"] == "dora"


@each_function
def test_who_sends_by_itself_is_told_where_the_broker_is(function: Function) -> None:
    requires = (function.folder / "requirements.txt").read_text().splitlines()
    # A metric sends nothing; its image has what the commands need.
    sends = "requests" in requires and not function.path.startswith("metrics/")
    bindings = REPOSITORY.glob("sources/*/sink-binding.yaml")
    bound = {yaml.safe_load(file.read_text())["spec"]["subject"]["name"] for file in bindings}

    assert sends == (function.name in bound)


def test_every_transformer_has_examples() -> None:
    for function in all_functions():
        inputs = REPOSITORY / "tests" / "functions" / function.name / "inputs"
        assert function.folder.parent.name != "transformers" or list(inputs.glob("*.json"))


def test_every_transformer_has_an_example_of_its_source() -> None:
    transformers = {
        file.parent.name for file in REPOSITORY.glob("functions/transformers/*/func.py")
    }
    sources = {folder.name for folder in (REPOSITORY / "sources").iterdir()}

    # What is posted by hand has its examples in docs/events.md.
    assert transformers - sources == {"generic"}


def test_the_readme_lists_every_function() -> None:
    listed = re.findall(
        r"^\| \[([\w-]+)\]\((functions/[\w/-]+)/func\.py\)", read("README.md"), re.MULTILINE
    )

    assert sorted(listed) == sorted(
        (function.name, str(function.folder.relative_to(REPOSITORY)))
        for function in all_functions()
    )


@each_statement
def test_a_statement_says_what_it_does_and_casts_its_parameters(file: Path) -> None:
    text = file.read_text()
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))

    assert text.startswith("-- ")
    assert "/*" not in text
    uncast = re.findall(r"(?<!:):[a-z_]+(?!::)\b(?!::)", re.sub(r"'[^']*'", "''", code))
    assert uncast == []


@pytest.mark.parametrize("file", STATEMENTS, ids=lambda file: str(file.relative_to(SQL)))
def test_a_statement_is_used_by_a_function_or_a_command(file: Path) -> None:
    code = [*LIBRARY.rglob("*.py"), *REPOSITORY.glob("functions/*/*/func.py")]
    name = f'"{file.relative_to(SQL).with_suffix("")}"'
    # What applies events, and which tables they become, is there once for each metric.
    if file.stem.startswith(("apply", "carefully", "tables")):
        name = f"/{file.stem}"

    assert any(name in each.read_text() for each in code)


def test_the_errors_by_which_an_event_is_set_aside_are_the_same_everywhere() -> None:
    handled = re.findall(
        r"\bwhen ([a-z_\s]+?) then\b", "".join(map(Path.read_text, SQL.rglob("*.sql")))
    )
    kinds = [tuple(each.split(" or ")) for each in map(" ".join, map(str.split, handled))]
    ours = [each for each in kinds if {"data_exception", "raise_exception"} & {*each}]

    assert len(ours) > 1
    assert len({*ours}) == 1


def test_the_licence_is_the_same_everywhere() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    chart = yaml.safe_load(read("charts/dora/Chart.yaml"))

    assert read("LICENSE").startswith(f"SPDX-License-Identifier: {project['license']}\n")
    assert chart["annotations"]["artifacthub.io/license"] == project["license"]


def test_ci_runs_what_has_to_pass() -> None:
    steps = yaml.safe_load(read(".github/workflows/ci.yaml"))["jobs"]["ci"]["steps"]

    assert ".ci/run" in [step.get("run") for step in steps]


def test_every_page_is_listed_with_what_it_answers() -> None:
    listed = set(
        re.findall(r"^\| \[[\w./-]+\]\(([\w./-]+)\)", read("docs/README.md"), re.MULTILINE)
    )
    pages = {file.name for file in REPOSITORY.glob("docs/*.md")} - {"README.md"}
    pages |= {f"../{file.name}" for file in REPOSITORY.glob("*.md")}

    assert listed == pages | {"adr"}


def test_every_box_of_the_picture_is_explained() -> None:
    page = read("docs/architecture.md")
    [picture] = re.findall(r"^```mermaid\n.*?^```$", page, re.DOTALL | re.MULTILINE)
    boxes = set(re.findall(r"[\[(]([\w -]+)[\])]", picture))
    explained = re.findall(
        r"^\| ([\w -]+) \|", page.partition("Beside the picture")[0], re.MULTILINE
    )

    assert picture in read("README.md")
    assert sorted(explained[1:]) == sorted(boxes)


def test_links_lead_somewhere() -> None:
    for document in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((REPOSITORY / "docs" / "adr").glob("*.md"))
    numbers = [int(file.name.partition("-")[0]) for file in files]

    assert numbers == list(range(1, len(files) + 1))
    assert [file.read_text().partition(". ")[0] for file in files] == [f"# {n}" for n in numbers]
