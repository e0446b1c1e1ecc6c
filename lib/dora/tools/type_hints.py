"""What a run of Tekton's says of what it built and of what: Tekton Chains' type hints in its results.

https://tekton.dev/docs/chains/slsa-provenance/#type-hinting
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from dora.errors import PermanentError
from dora.tools.artifacts import artifact_id
from dora.tools.payloads import fields, get, listed, named, repository_url, sha_or_none, word

OUTPUTS, INPUTS = "ARTIFACT_OUTPUTS", "ARTIFACT_INPUTS"
URL, DIGEST, IMAGES = "IMAGE_URL", "IMAGE_DIGEST", "IMAGES"
# Before an address of a repository or an image in the hints.
SCHEME = re.compile(r"^(git\+(?=https?://|ssh://)|oci://|docker://)")


class Origin(NamedTuple):
    """What a run worked on, as its inputs say."""

    repository: str | None = None
    commit: str | None = None


def results(resource: Any) -> list[Any]:
    """Return a run's results, which each version of Tekton's API calls differently."""
    status = fields(resource, "status")
    kinds = (listed(status, f"{kind}esults") for kind in ("r", "pipelineR", "taskR"))
    return next(filter(None, kinds), [])


def result(resource: Any, *names: str) -> str | None:
    """Return the first of these results that is a text."""
    return named(results(resource), *names)


def images(resource: Any) -> list[str]:
    """Return the package URLs of the images that a run built; what is none is left out."""
    pairs = [*_pairs(resource), *_artifacts(resource, OUTPUTS)]
    built = [f"{url}@{digest}" for url, digest in pairs if url and digest]
    purls = map(_purl, [*built, *_listed_images(resource)])
    return [*dict.fromkeys(purl for purl in purls if purl)]


def origin(resource: Any) -> Origin:
    """Return the repository and commit that a run's inputs name; one that is no commit is none."""
    for url, digest in _artifacts(resource, INPUTS):
        commit = sha_or_none({"": digest.removeprefix("sha1:")}, "")
        if commit:
            return Origin(repository_url(url), commit)
    return Origin()


def _pairs(resource: Any) -> list[tuple[str, str]]:
    """Return address and digest of each image that two results of a common prefix name."""
    names = [word(each, "name") or "" for each in results(resource)]
    prefixes = [name.removesuffix(URL) for name in names if name.endswith(URL)]
    return [
        (result(resource, prefix + URL) or "", result(resource, prefix + DIGEST) or "")
        for prefix in prefixes
    ]


def _artifacts(resource: Any, suffix: str) -> list[tuple[str, str]]:
    """Return address and digest of each result of this type, an object or the text of one."""
    hints = [one for one in results(resource) if (word(one, "name") or "").endswith(suffix)]
    values = [_object(get(hint, "value")) for hint in hints]
    return [
        (SCHEME.sub("", (word(value, "uri") or "").strip()), (word(value, "digest") or "").strip())
        for value in values
    ]


def _object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _listed_images(resource: Any) -> list[str]:
    """Return what the result IMAGES lists by digest, as an array or as a text."""
    found = next((one for one in results(resource) if word(one, "name") == IMAGES), None)
    values = listed(found, "value") or [word(found, "value") or ""]
    return [image for value in values for image in re.split(r"[,\s]+", str(value)) if "@" in image]


def _purl(artifact: str) -> str | None:
    try:
        return artifact_id(artifact)
    except PermanentError:
        return None
