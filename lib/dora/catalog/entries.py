"""What a catalog says: the file catalog.yaml, and the rows that become of it.

    services:
      shop:
        team: storefront
        aliases: [shop-api, {name: PABC123, tool: pagerduty, environment: production}]
        repositories: [https://github.com/acme/shop, {url: https://github.com/acme/mono, paths: [shop/]}]
        environments: [blue, green]            # its production; then no others are
    environments: {prod-us: production}        # as reported: as meant
    tiers: {blue: production}
    default_environment: production            # of what reports none

Every part is optional. docs/metrics.md, rules 1 to 5, says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import yaml

from dora.limits import ENVIRONMENT_BYTES, NAME_BYTES, too_long

TIERS = ("production", "staging", "testing", "development")
PRODUCTION = "production"
# A service's parts, and a catalog's: how each is read.
Entries = dict[str, Any]
Rows = dict[str, list[dict[str, Any]]]


class CatalogError(ValueError):
    """What was expected of the catalog, what came, and where."""


def documents(file: str, text: str) -> list[Any]:
    """Return the documents of a file that are not empty.

    Raises:
        CatalogError: it is no YAML.
    """
    try:
        return [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise CatalogError(f"expected {file} to be YAML, got none{where}") from error


def read(file: str, text: str) -> Entries:
    """Return the parts of catalog.yaml.

    Raises:
        CatalogError: it is no catalog.
    """
    found = documents(file, text)
    if len(found) > 1:
        raise CatalogError(f"expected one document in {file}, got {len(found)}")
    return _parts(found[0] if found else {}, file, CATALOG)


def merged(first: Entries, second: Entries) -> Entries:
    """Return what both say; of a part of a service that both say, what the first does."""
    services = dict(second.get("services", {}))
    for name, service in first.get("services", {}).items():
        services[name] = services.get(name, {}) | service
    named = {
        part: second.get(part, {}) | first.get(part, {})
        for part in ("environments", "tiers")
        if part in first or part in second
    }
    return second | first | named | {"services": services}


def rows(said: Entries) -> Rows:
    """Return the rows of the catalog's tables, by the table's name without `catalog_`.

    Raises:
        CatalogError: an alias stands for two services.
    """
    services: dict[str, Entries] = said.get("services", {})
    meant: dict[str, str] = said.get("environments", {})
    default = said.get("default_environment", PRODUCTION)
    return {
        "services": [
            {"service_id": name, "team": service.get("team")} for name, service in services.items()
        ],
        "aliases": _aliases(services),
        "repositories": _of_services(services, "repositories"),
        "production": [
            {"service_id": name, "environment_id": meant.get(environment, environment)}
            for name, service in services.items()
            for environment in service.get("environments", [])
        ],
        "environments": [
            {"environment_name": name, "environment_id": environment}
            for name, environment in ({"": meant.get(default, default)} | meant).items()
        ],
        "tiers": [
            {"environment_id": name, "tier": tier} for name, tier in said.get("tiers", {}).items()
        ],
    }


def _aliases(services: dict[str, Entries]) -> list[dict[str, Any]]:
    found: dict[tuple[str, ...], str] = {}
    for alias in _of_services(services, "aliases"):
        key, service = (alias["name"], alias["tool"], alias["environment"]), alias["service_id"]
        if found.setdefault(key, service) != service:
            raise CatalogError(
                f"expected {alias['name']!r} to be an alias of one service, "
                f"got {found[key]!r} and {service!r}"
            )
    names = ("name", "tool", "environment")
    return [
        dict(zip(names, key, strict=True)) | {"service_id": service}
        for key, service in found.items()
    ]


def _of_services(services: dict[str, Entries], part: str) -> list[dict[str, Any]]:
    return [
        each | {"service_id": name}
        for name, service in services.items()
        for each in service.get(part, [])
    ]


Reader = Callable[[Any, str], Any]


def _parts(given: Any, where: str, readers: dict[str, Reader]) -> dict[str, Any]:
    """Read the parts of a mapping; one that is empty is as if it were not there."""
    named = _mapping(given, where)
    unknown = [str(name) for name in named if name not in readers]
    if unknown:
        raise CatalogError(f"expected {' '.join(readers)} in {where}, got {unknown[0]!r:.80}")
    return {
        name: readers[name](part, f"{name} of {where}")
        for name, part in named.items()
        if part is not None
    }


def _mapping(given: Any, where: str) -> dict[Any, Any]:
    if not isinstance(given or {}, dict):
        raise CatalogError(f"expected a mapping as {where}, got {given!r:.80}")
    return given or {}


def text(given: Any, where: str, most_bytes: int = NAME_BYTES) -> str:
    """Return a word of the catalog as text; YAML takes some for numbers."""
    if (
        isinstance(given, bool)
        or not isinstance(given, str | int | float)
        or not str(given).strip()
    ):
        raise CatalogError(f"expected text as {where}, got {given!r:.80}")
    if sentence := too_long(str(given).strip(), most_bytes):
        raise CatalogError(f"{where:.80}: {sentence}")
    return str(given).strip()


def _environment(given: Any, where: str) -> str:
    return text(given, where, ENVIRONMENT_BYTES)


def _tier(given: Any, where: str) -> str:
    if given not in TIERS:
        raise CatalogError(f"expected {', '.join(TIERS)} as {where}, got {given!r:.80}")
    return str(given)


def _named(reader: Reader, name_of: Reader = text) -> Reader:
    def read_all(given: Any, where: str) -> dict[str, Any]:
        return {
            name_of(name, f"a name in {where}"): reader(part, f"{name} in {where}")
            for name, part in _mapping(given, where).items()
        }

    return read_all


def _list(reader: Reader) -> Reader:
    def read_all(given: Any, where: str) -> list[Any]:
        if not isinstance(given, list):
            raise CatalogError(f"expected a list as {where}, got {given!r:.80}")
        return [reader(each, where) for each in given]

    return read_all


def _alias(given: Any, where: str) -> dict[str, str]:
    said = given if isinstance(given, dict) else {"name": given}
    readers: dict[str, Reader] = {"name": text, "tool": text, "environment": _environment}
    found = {"tool": "", "environment": ""} | _parts(said, where, readers)
    return found | {"name": text(found.get("name"), f"name in {where}")}


def _repository(given: Any, where: str) -> dict[str, Any]:
    said = given if isinstance(given, dict) else {"url": given}
    found = _parts(said, where, {"url": text, "paths": _list(text)})
    return {
        "repository_url": text(found.get("url"), f"url in {where}"),
        "paths": found.get("paths") or None,
    }


def _service(given: Any, where: str) -> dict[str, Any]:
    return _parts(given, where, SERVICE)


def _unique(given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(given))


SERVICE: dict[str, Reader] = {
    "team": text,
    "aliases": _list(_alias),
    "repositories": _list(_repository),
    "environments": lambda given, where: _unique(_list(_environment)(given, where)),
}
CATALOG: dict[str, Reader] = {
    "services": _named(_service),
    "environments": _named(_environment, _environment),
    "tiers": _named(_tier, _environment),
    "default_environment": _environment,
}
