"""The records of parse_report.json: what parse found in each file and where every character went."""

from regtune.contracts import Contract


class ParseWarning(Contract):
    """Something that a person should look at."""

    code: str
    """For programs: documents/notices.py lists them."""
    message: str
    """For people, in Korean."""
    page: int | None
    """1-based; null for the whole file."""


class Characters(Contract):
    """Where the non-blank characters of a file went; kept, moved and removed add up to the total."""

    total: int
    kept: int
    """In the text of provisions."""
    moved: dict[str, int]
    """`heading` into path, `revision_tag` into revision_tags."""
    removed: dict[str, int]
    """By reason: running_head, page_mark, line_number, contents, commentary, amendment, comparison, repeated_title,
    repeated_table_head, struck_twice, …"""


class FileReport(Contract):
    """What parse found in one file."""

    regulation_id: str
    """Of the file's (first) regulation."""
    regulation_title: str
    regulations: dict[str, str]
    """Id and title of each regulation of the file, in the order of the pages."""
    file: str
    pages: int
    characters: Characters
    counts: dict[str, int]
    """articles, deleted, parts, chapters, sections, addenda, addendum_articles, annexes, forms."""
    warnings: tuple[ParseWarning, ...]


class ParseReport(Contract):
    """parse_report.json."""

    files: tuple[FileReport, ...]
