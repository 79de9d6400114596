"""What stands beside a rule and is none: reasons and text of an amendment, a comparison of old and new, a translation.

In: the blocks of one file. Out: the blocks without such stretches. An amending text quotes articles and has a 부칙 of
its own, and a 신구조문대비표 prints the old text beside the new one: left in, they would be articles twice, and once
as they no longer are. A file that holds nothing else keeps them.
"""

import re
from collections.abc import Iterator, Sequence

from regtune.documents import attachments, headings
from regtune.documents.blocks import Block, FileBlocks
from regtune.documents.bundles import title_of
from regtune.documents.lines import Line
from regtune.documents.notices import warned
from regtune.documents.sections import opens_body
from regtune.documents.tables import FIRST_CELL_BAND, Table, cell_lines

_BEFORE = r"[\[【<〈(■□◆◇○●◎▣※]*(?:(?:붙임|별첨|참고|첨부)?\d{0,2}[.)\]】>]?|[가나다라마]\.|[ⅠⅡⅢⅣⅤ]\.?)"
_AFTER = r"[\]】>〉)]?"
_COMPARISON = re.compile(rf"{_BEFORE}(?:[가-힣]{{2,20}})?신[·ㆍ․/]?구(?:조문)?(?:대비|대조|비교)표(?:\(안\))?{_AFTER}")
_REASON = re.compile(
    rf"{_BEFORE}(?:제정[·ㆍ․]?)?(?:일부|전부)?개정(?:이유|사유|배경|취지|문)(?:(?:및|[·ㆍ])주요(?:내용|골자))?{_AFTER}:?"
)
_AMENDS = re.compile(r"(?:일부|전부|전문)를(?:다음|아래)과같이(?:개정|변경)한다\.?$")
_AMENDING_TITLE = re.compile(
    r"(?:일부|전부|전문)?개정(?:규정|규칙|지침|학칙|세칙|내규|요령|기준|정관|법률|령)?(?:\(?안\)?)?"
)
_OLD = re.compile(r"현행(?:규정|조문)?|개정전")
_NEW = re.compile(r"개정(?:\(?안\)?|후|규정|조문)?(?:\(안\))?|변경\(?안\)?")
_ENGLISH = re.compile(r"(?:Chapter|Article|CHAPTER|ARTICLE)\s*(?:1|I)\b")
_ENGLISH_ARTICLE = re.compile(r"(?:Article|ARTICLE)\s*\d+")
_FEWEST_ENGLISH = 2
"""Articles of a translation; one alone stands below its own in Korean."""
_LETTER, _HANGUL = re.compile("[A-Za-z]"), re.compile("[가-힣]")
_SEARCHED = 25
"""Lines below a title, and above a first sign of an amending text."""
_NUMBERED = re.compile(r"\s*(?:\d|[가-하]\.)")


def set_amendments_aside(file: FileBlocks, blocks: Sequence[Block]) -> list[Block]:
    """The blocks of the rules alone; what was taken out is counted in the file's report, with a warning for each."""
    stretches = list(_stretches(blocks))
    kept = [block for i, block in enumerate(blocks) if not any(start <= i < end for start, end, _ in stretches)]
    if not any(isinstance(block, Line) and _opens_rule(block) for block in kept):
        return list(blocks)
    for start, end, reason in stretches:
        count = sum(block.characters for block in blocks[start:end])
        file.removed[reason] += count
        file.warnings.append(warned(f"{reason}_left_out", blocks[start].page, count=count))
    return kept


def _stretches(blocks: Sequence[Block]) -> Iterator[tuple[int, int, str]]:
    """Start, end and reason of each stretch that is no rule in force."""
    yield from _translations(blocks)
    yield from _amendments(blocks)


def _translations(blocks: Sequence[Block]) -> Iterator[tuple[int, int, str]]:
    """Stretches in English with articles of their own, from the title above them."""
    end = 0
    for i, block in enumerate(blocks):
        if i < end or not isinstance(block, Line) or not _ENGLISH.match(block.text):
            continue
        start = i
        while start > end and _is_english(blocks[start - 1]):
            start -= 1
        end = next((j for j in range(i, len(blocks)) if not _is_english(blocks[j])), len(blocks))
        articles = sum(bool(_ENGLISH_ARTICLE.match(line.text)) for line in _lines(blocks[start:end]))
        if articles >= _FEWEST_ENGLISH:
            yield start, end, "translation"


def _is_english(block: Block) -> bool:
    """Whether a block has more Latin letters than Hangul, or neither."""
    lines = [block] if isinstance(block, Line) else cell_lines(block)
    text = "".join(line.text for line in lines)
    hangul = len(_HANGUL.findall(text))
    return not hangul or len(_LETTER.findall(text)) > hangul


def _amendments(blocks: Sequence[Block]) -> Iterator[tuple[int, int, str]]:
    """Start, end and reason of each stretch that tells how a rule was amended."""
    i, body, addendum = 0, False, False
    while i < len(blocks):
        block = blocks[i]
        reason = _sign(blocks, i, inside=body and not addendum)
        if reason is None:
            if isinstance(block, Line):
                body = body or _opens_rule(block)
                addendum = addendum or headings.addendum(block.text) is not None
            i += 1
            continue
        start = i if body else _amending_title_above(blocks, i)
        end = _end_of_table(blocks, i) if _heads_comparison(blocks, i) else _next_rule(blocks, i + 1, reason)
        yield start, end, reason
        i, body, addendum = end, body and end < len(blocks) and not _begins_rule(blocks, end), False


def _sign(blocks: Sequence[Block], i: int, *, inside: bool) -> str | None:
    """The reason to leave out what begins here; among articles, before their 부칙, only a comparison can."""
    if _heads_comparison(blocks, i):
        return "comparison"
    block = blocks[i]
    if not isinstance(block, Line) or (inside and "표" not in block.text):
        return None
    text = "".join(block.text.split())
    if _COMPARISON.fullmatch(text):
        return "comparison"
    if inside:
        return None
    return "amendment" if _REASON.fullmatch(text) or _AMENDS.search(text) else None


def _heads_comparison(blocks: Sequence[Block], i: int) -> bool:
    """Whether a table begins whose heads are `현행` and `개정안`."""
    block = blocks[i]
    if isinstance(block, Table):
        heads = ["".join("".join(line.text for line in c.lines).split()) for c in block.cells if c.top == 0]
    elif block.band >= FIRST_CELL_BAND:
        near = blocks[i : i + 2]
        heads = ["".join(line.text.split()) for line in near if isinstance(line, Line)]
    else:
        return False
    return len(heads) > 1 and bool(_OLD.fullmatch(heads[0]) and _NEW.fullmatch(heads[1]))


def _end_of_table(blocks: Sequence[Block], i: int) -> int:
    """The first block that stands outside the table, or its rest on the next pages."""
    page = blocks[i].page
    for end in range(i + 1, len(blocks)):
        block = blocks[end]
        inside = isinstance(block, Table) or block.band >= FIRST_CELL_BAND
        if not inside or block.page > page + 1:
            return end
        page = block.page
    return len(blocks)


def _next_rule(blocks: Sequence[Block], i: int, reason: str) -> int:
    """Where a rule begins or, after a comparison, an annex."""
    for end in range(i, len(blocks)):
        block = blocks[end]
        if _begins_rule(blocks, end):
            return end
        if reason == "comparison" and isinstance(block, Line) and block.band < FIRST_CELL_BAND:
            mark = attachments.attachment(block.text)
            if mark and mark.bracketed and not _COMPARISON.fullmatch("".join(block.text.split())):
                return end
    return len(blocks)


def _begins_rule(blocks: Sequence[Block], i: int) -> bool:
    """Whether a title stands here with its 제1장 or 제1조 a few lines below, of no amending rule."""
    block = blocks[i]
    if not isinstance(block, Line) or block.band >= FIRST_CELL_BAND:
        return False
    if title_of(block) is not None and not _AMENDING_TITLE.search("".join(block.text.split())):
        for below in _lines(blocks[i + 1 : i + 1 + _SEARCHED]):
            if _opens_rule(below):
                return True
            if _sign([below], 0, inside=False) or headings.addendum(below.text) or headings.article(below.text):
                return False
    return False


def _opens_rule(line: Line) -> bool:
    """Whether a line is the 제1장 or 제1조 of a rule, not of a 부칙."""
    article = headings.article(line.text)
    return opens_body(line.text) and not (article and article.title and "시행일" in article.title)


def _amending_title_above(blocks: Sequence[Block], i: int) -> int:
    """Index of the title `○○규정 일부개정규정(안)` above the first sign, else of the sign."""
    for j in range(i, max(-1, i - _SEARCHED), -1):
        block = blocks[j]
        text = "".join(block.text.split()) if isinstance(block, Line) else ""
        if _AMENDING_TITLE.search(text) and _AMENDING_TITLE.split(text)[-1] == "" and not _NUMBERED.match(text):
            return j
    return i


def _lines(blocks: Sequence[Block]) -> Iterator[Line]:
    return (block for block in blocks if isinstance(block, Line))
