"""What is drawn by chance, the same for the same number.

Named like the strategies of Hypothesis, which draws so that a failure gets small: it begins with the
simplest and then varies what it has, in which little new meets. Here each draw is independent of the
others, which finds more in a hundred histories, and costs a tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import Any


class Strategy:
    """Something that can be drawn."""

    def __init__(self, draw: Callable[[Random], Any]) -> None:
        self.draw = draw

    def map(self, change: Callable[[Any], Any]) -> Strategy:
        return Strategy(lambda random: change(self.draw(random)))

    def flatmap(self, choose: Callable[[Any], Strategy]) -> Strategy:
        return Strategy(lambda random: choose(self.draw(random)).draw(random))

    def __or__(self, other: Strategy) -> Strategy:
        return sampled_from([self, other]).flatmap(lambda drawn: drawn)


def just(value: Any) -> Strategy:
    return Strategy(lambda _: value)


def none() -> Strategy:
    return just(None)


def sampled_from(values: Sequence[Any]) -> Strategy:
    return Strategy(lambda random: random.choice(values))


def booleans() -> Strategy:
    return sampled_from([False, True])


def integers(least: int, most: int) -> Strategy:
    return Strategy(lambda random: random.randint(least, most))


def permutations(values: Sequence[Any]) -> Strategy:
    return Strategy(lambda random: random.sample(values, len(values)))


def lists(
    each: Strategy,
    *,
    min_size: int = 0,
    max_size: int,
    unique_by: Callable[[Any], Hashable] | None = None,
) -> Strategy:
    """Draw a list; of those that are alike by `unique_by` the first stays."""

    def draw(random: Random) -> list[Any]:
        size = random.randint(min_size, max_size)
        if unique_by is None:
            return [each.draw(random) for _ in range(size)]
        found: dict[Hashable, Any] = {}
        while len(found) < size:
            drawn = each.draw(random)
            found.setdefault(unique_by(drawn), drawn)
        return list(found.values())

    return Strategy(draw)


def fixed_dictionaries(
    parts: dict[str, Strategy], *, optional: dict[str, Strategy] | None = None
) -> Strategy:
    """Draw each part, and each of the optional ones half the time."""

    def draw(random: Random) -> dict[str, Any]:
        extra = {name: part for name, part in (optional or {}).items() if random.random() < 0.5}
        return {name: part.draw(random) for name, part in (parts | extra).items()}

    return Strategy(draw)


def builds(make: Callable[..., Any], *parts: Strategy, **named: Strategy) -> Strategy:
    return Strategy(
        lambda random: make(
            *(part.draw(random) for part in parts),
            **{name: part.draw(random) for name, part in named.items()},
        )
    )
