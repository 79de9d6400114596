"""A regulation's article as the stand-in reads it: paragraphs (항), sentences with their provisos, numbered items (호).

In: the text that stands between a prompt's delimiters. Out: an Article. It reads text only; it asks nothing.
"""

import re
from dataclasses import dataclass

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_HEADER = re.compile(r"^\s*(제\d+조(?:의\d+)?)\(([^)]*)\)\s*")
_ANNEX = re.compile(r"((?:별표|별지)\s*(?:제?\d+호?(?:의\d+)?(?:서식)?)?)")
_PARAGRAPH = re.compile(rf"(?:^|(?<=\s))(?=[{CIRCLED}])")
_ITEM = re.compile(r"^\s*(\d+)\.\s+(.*)$")
_SENTENCE = re.compile(r".+?(?:다\.|[.](?=\s*$)|$)(?:\s+|$)", re.DOTALL)


@dataclass(frozen=True)
class Statement:
    """A sentence, and the provisos (`다만, …`) that limit it."""

    main: str
    provisos: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole of it."""
        return " ".join((self.main, *self.provisos))


@dataclass(frozen=True)
class Passage:
    """One 항 (or an article without any)."""

    place: str
    """`제2항`, or empty."""
    raw: str
    """As it stands in the article."""
    statements: tuple[Statement, ...]
    items: tuple[tuple[str, str], ...]
    """(number, text) of each 호."""


@dataclass(frozen=True)
class Article:
    """What a question is asked about."""

    regulation: str
    number: str
    title: str
    passages: tuple[Passage, ...]
    text: str

    @property
    def cited(self) -> str:
        """`취업규칙 제26조`."""
        return f"{self.regulation} {self.number}".strip()


def read_article(text: str, heading: str) -> Article:
    """Read an article.

    Args:
        text: between <조문> and </조문>.
        heading: between <규정> and </규정>, from the outermost: `취업규칙 / 제5장 휴일 및 휴가 / 제26조(…)`.
    """
    parts = [part.strip() for part in re.split(r"\s[/>〉]\s", heading) if part.strip()]
    header = _HEADER.match(text) or (_HEADER.match(parts[-1]) if parts else None)
    if header:
        addendum = "부칙 " if any(part.startswith("부칙") for part in parts) else ""
        number, title = f"{addendum}{header[1]}", header[2]
    else:
        annex = _ANNEX.search(parts[-1] if parts else text)
        number = annex[1].strip() if annex else ""
        title = re.sub(r"[\[\]〔〕<>〈〉]", "", (parts[-1] if parts else "").replace(number, "")).strip()
    body = _HEADER.sub("", text)
    passages = tuple(read_passage(part) for part in _PARAGRAPH.split(body) if part.strip())
    return Article(parts[0] if parts else "", number, title, passages, text)


def read_passage(raw: str) -> Passage:
    """Read one 항: its sentences, then its items."""
    text = raw.strip()
    place = f"제{CIRCLED.index(text[0]) + 1}항" if text[:1] in CIRCLED and text else ""
    lead: list[str] = []
    items: list[tuple[str, str]] = []
    for line in text.lstrip(CIRCLED).strip().split("\n"):
        match = _ITEM.match(line)
        if match:
            items.append((match[1], match[2].strip()))
        elif items:
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}".strip())
        else:
            lead.append(line.strip())
    return Passage(place, text.lstrip(CIRCLED).strip(), read_statements(" ".join(lead)), tuple(items))


def read_statements(text: str) -> tuple[Statement, ...]:
    """Split into sentences; a proviso belongs to the sentence before it."""
    statements: list[Statement] = []
    for match in _SENTENCE.finditer(text.strip()):
        sentence = match[0].strip()
        if sentence.startswith("다만") and statements:
            last = statements[-1]
            statements[-1] = Statement(last.main, (*last.provisos, sentence))
        elif sentence:
            statements.append(Statement(sentence, ()))
    return tuple(statements)
