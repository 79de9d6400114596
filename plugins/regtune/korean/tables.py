"""Figures of tables, which stand without the unit that is printed once above the table.

In: text with Markdown rows. Out: the same text, in which a bare figure of a row carries its unit.
"""

import re

_UNIT = re.compile(r"\(\s*단위\s*:\s*([^)\s][^)]*?)\s*\)")
_BARE_CELL = re.compile(r"(?<=\|)(\s*)(\d[\d,.]*)(\s*)(?=\|)")


def with_units(text: str) -> str:
    """Give bare cells the unit of the last `(단위: …)` above: `| 45,000 |` under `(단위: 원)` is `| 45,000원 |`."""
    unit, lines = "", []
    for line in text.split("\n"):
        named = _UNIT.search(line)
        if named:
            unit = named[1].split()[-1]  # 미국 달러: the currency's last word is the unit
        is_row = bool(unit) and line.startswith("|")
        lines.append(_BARE_CELL.sub(rf"\g<1>\g<2>{unit}\g<3>", line) if is_row else line)
    return "\n".join(lines)
