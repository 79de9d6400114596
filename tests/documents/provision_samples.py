"""Provisions written by hand."""

import re
from typing import Any

from regtune.contracts import Provision

_NUMBER = re.compile(r"제(\d+)조(?:의(\d+))?(?:\((.*?)\))?")


def provision(text: str, *above: str, **fields: Any) -> Provision:
    """An article of 취업규칙 (`rules`) whose number, title and path are those of its text, below the headings given."""
    match = _NUMBER.match(text)
    number = match and (f"{match[1]}의{match[2]}" if match[2] else match[1])
    record = {
        "regulation_id": "rules",
        "regulation_title": "취업규칙",
        "part": "body",
        "kind": "article" if match else "other",
        "number": number,
        "title": match[3] if match else None,
        "path": (*above, match[0]) if match else above,
        "text": text,
        "revision_tags": (),
        "page_first": 1,
        "page_last": 1,
        "deleted": False,
    }
    return Provision.model_validate({**record, **fields})


def attachment(text: str, number: str | None = "1", part: str = "annex", **fields: Any) -> Provision:
    """A 별표 or form."""
    return provision(text, text.partition("\n")[0], part=part, kind="other", number=number, title=None, **fields)


def addendum(text: str, heading: str = "부칙", **fields: Any) -> Provision:
    """A 부칙 or an article of one."""
    return provision(text, heading, part="addendum", **fields)
