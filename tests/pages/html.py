"""Reading pages: their elements with what they are in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img"}


@dataclass
class Element:
    """An element: its tag, its attributes, what it is in, and all the text in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    text: str = ""

    def within(self, attribute: str) -> str | None:
        """Return the nearest value of an attribute, its own or that of what it is in."""
        one: Element | None = self
        while one is not None:
            if attribute in one.attributes:
                return one.attributes[attribute]
            one = one.parent
        return None


@dataclass
class Page(HTMLParser):
    """The elements of a page, in their order."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self.open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.open[-1] if self.open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, parent)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"{tag} ends within {self.open[-1].tag}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str | None = None, **attributes: str) -> list[Element]:
        """Return the elements that have these attributes, dashes in the place of underscores."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in (None, element.tag)
            and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str | None = None, **attributes: str) -> Element:
        """Return the only such element."""
        [element] = self.all(tag, **attributes)
        return element

    @property
    def links(self) -> list[str]:
        """Where anything of the page leads, or is loaded from."""
        return [
            element.attributes[name]
            for element in self.elements
            for name in ("href", "src", "action")
            if name in element.attributes
        ]
