"""diff against the revision histories of two statutes: every revision's list of changed articles beside what is found.

Reads ../shared/statutes: one Markdown file for each promulgated version, and revisions.csv, whose `changed_list` names
the articles of the body that a revision changed, added or removed. Says every disagreement by its name. A listed
article counts as unchanged when both versions have the same letters and digits in the same order and no revision tag
of it bears the revision's date; this is told from the files, not by what compare itself overlooks.
"""

import csv
import difflib
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATUTES = REPOSITORY.parent / "shared" / "statutes"
sys.path.insert(0, str(REPOSITORY / "plugins"))

from regtune.contracts import ArticleChange, Provision  # noqa: E402 - after the path is set
from regtune.documents.diff import compare  # noqa: E402
from regtune.documents.naming import cited_as  # noqa: E402
from regtune.documents.revision_tags import take_tags  # noqa: E402

_GROUP = re.compile(r"#{2,4} (제\d+[편장절관].*)")
_ARTICLE = re.compile(r"#{5} 제(\d+)조(?:의(\d+))?\s*(?:\((.*)\))?\s*$")
_ADDENDUM = re.compile(r"(?:#+ )?부\s*칙\b.*")
_ADDENDUM_ARTICLE = re.compile(r"제(\d+)조(?:의(\d+))?\s*\(([^)]*)\)")
_LEVELS = "편장절관"
_ARAEA = "\u318d"
"""A letter to Unicode, a middle dot in every statute."""


@dataclass(frozen=True)
class Revision:
    """One row of revisions.csv beside what compare found."""

    law: str
    file: str
    listed: frozenset[str]
    found: dict[str, ArticleChange]
    """By the cited article."""
    missed: dict[str, str]
    """Listed but not found: what differs on the page, e.g. `ㆍ to ·`."""
    unchanged: frozenset[str]
    """Of those, the articles of which no letter and no digit differs and that no tag says to be revised here."""


def main() -> None:
    """Print precision and recall, and each disagreement."""
    if not STATUTES.is_dir():
        print("diff: ../shared/statutes is absent; nothing measured")
        return
    revisions = list(compare_revisions(STATUTES))
    right = sum(len(revision.listed & revision.found.keys()) for revision in revisions)
    found = sum(len(revision.found) for revision in revisions)
    listed = sum(len(revision.listed) for revision in revisions)
    print(
        f"diff: {len(revisions)} revisions of statutes, {listed} articles listed as changed, {found} found, {right} of "
        f"both: precision {right / found:.4f}, recall {right / listed:.4f}"
    )
    unchanged = sum(len(revision.unchanged) for revision in revisions)
    print(
        f"diff: {unchanged} of the {listed - right} missed have the same letters and digits in both versions and no "
        f"revision tag of that date: recall without them {right / (listed - unchanged):.4f}"
    )
    for revision in revisions:
        for article in sorted(revision.found.keys() - revision.listed):
            print(f"  {revision.law} {revision.file}: {article} {revision.found[article].kind}, not in the list")
        for article, differs in sorted(revision.missed.items()):
            print(
                f"  {revision.law} {revision.file}: {article} is in the list; its text differs in: {differs}"
                + (" (no letter, no digit, no tag of that date)" if article in revision.unchanged else "")
            )


def compare_revisions(statutes: Path) -> Iterator[Revision]:
    """Compare every version with the one before it in revisions.csv."""
    with (statutes / "revisions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for law, group in itertools.groupby(rows, key=lambda row: row["law"]):
        for before, after in itertools.pairwise(group):
            sides = [read_statute(statutes / law / row["file"]) for row in (before, after)]
            changes = compare(*sides)
            found = {
                change.new_article or change.old_article or "": change for change in changes if change.part == "body"
            }
            listed = frozenset(after["changed_list"].split())
            missed = {article: _differing(article, *sides) for article in listed - found.keys()}
            unchanged = frozenset(a for a in missed if _says_the_same(a, after["promulgated"], *sides))
            yield Revision(law, after["file"], listed, found, missed, unchanged)


def _says_the_same(article: str, promulgated: str, old: Sequence[Provision], new: Sequence[Provision]) -> bool:
    """Whether an article has the same letters and digits in both versions and no tag of the later one's date."""
    before, after = (_listed(article, side) for side in (old, new))
    day = ".".join(str(int(number)) for number in promulgated.split("-"))
    tagged = any(day in tag.replace(" ", "") for tag in after.revision_tags)
    letters = [[c for c in provision.text if c.isalnum() and c != _ARAEA] for provision in (before, after)]
    return letters[0] == letters[1] and not tagged


def _listed(article: str, side: Sequence[Provision]) -> Provision:
    return next(provision for provision in side if provision.part == "body" and cited_as(provision) == article)


def _differing(article: str, old: Sequence[Provision], new: Sequence[Provision]) -> str:
    texts = [_listed(article, side).text for side in (old, new)]
    steps = difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
    replaced = {f"{texts[0][i:j]} to {texts[1][k:m]}" for tag, i, j, k, m in steps if tag != "equal"}
    return ", ".join(sorted(replaced)) or "nothing"


def read_statute(path: Path) -> list[Provision]:
    """Read the Markdown of one version: its articles and its 부칙."""
    provisions: list[Provision] = []
    groups: list[str] = []
    part, fields, lines = "preamble", dict[str, object](), list[str]()

    def close() -> None:
        text, tags = take_tags("\n".join(line for line in lines if line))
        lines.clear()
        if text and part != "preamble":
            provisions.append(_provision(path, part, text, tags, fields))

    for raw in path.read_text(encoding="utf-8").split("\n"):
        line = re.sub(r"\*\*([①-⑳㉑-㉟])\*\*|\\(?=[.\-*])", r"\1", raw).strip()
        opened = _ARTICLE.match(line) if part != "addendum" else _ADDENDUM_ARTICLE.match(line)
        if group := _GROUP.match(line):
            close()
            level = next(level for level in _LEVELS if re.match(rf"제\d+{level}", group[1]))
            groups = [g for g in groups if _LEVELS.index(re.findall("[편장절관]", g)[0]) < _LEVELS.index(level)]
            groups.append(group[1])
            fields = {}
        elif _ADDENDUM.fullmatch(line) and part != "preamble":
            close()
            part, groups, fields = "addendum", [line.lstrip("# ")], {"path": (line.lstrip("# "),)}
        elif opened:
            close()
            part = "body" if part == "preamble" else part
            number = opened[1] + (f"의{opened[2]}" if opened[2] else "")
            heading = f"제{opened[1]}조" + (f"의{opened[2]}" if opened[2] else "")
            heading += f"({opened[3]})" if opened[3] else ""
            fields = {"number": number, "title": opened[3], "path": (*groups, heading)}
            lines.append(heading + (" " + line[opened.end() :].strip() if part == "addendum" else ""))
        else:
            lines.append(line)
    close()
    return provisions


def _provision(path: Path, part: str, text: str, tags: tuple[str, ...], fields: dict[str, object]) -> Provision:
    return Provision.model_validate(
        {
            "regulation_id": path.parent.name,
            "regulation_title": path.parent.name,
            "part": part,
            "kind": "article" if fields.get("number") else "other",
            "number": None,
            "title": None,
            "path": (),
            "text": text,
            "revision_tags": tags,
            "page_first": 1,
            "page_last": 1,
            "deleted": bool(re.fullmatch(r"제\d+조(?:의\d+)?(?:\([^)]*\))?\s*삭제", text)),
            **fields,
        }
    )


if __name__ == "__main__":
    main()
