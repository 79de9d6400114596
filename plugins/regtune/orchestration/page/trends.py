"""Plots of the page: inline SVG made here, coloured by the page's style sheet, without script.

In: figures by effective date. Out: SVG text. Labels are escaped; every other value is a number formatted here.
Across, places are per cent, so that a plot fills a phone or a wide screen with letters of one size; down, they are
pixels of a fixed height.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from regtune.orchestration.page.summary import Interval

HEIGHT = 210
_TOP, _BOTTOM = 20, 30
_FIRST, _LAST = 11.0, 96.0
"""Per cent across of the first and the last date; what is left of them is for the scale's numbers."""
_LABELS = 4
_SIDE_PIXELS = 6
"""Between the lines of one date, so that no interval hides another."""


@dataclass(frozen=True)
class Line:
    """One line of a plot: a style class, and an estimate (or nothing) for each date."""

    style: str
    title: str
    points: Sequence[Interval | None]


def rates(label: str, days: Sequence[str], lines: Sequence[Line]) -> str:
    """Draw shares (0-1) with their 95% intervals over dates."""
    parts = [_grid([(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)], 1.0), _dates(days)]
    for number, line in enumerate(lines):
        aside = (number - (len(lines) - 1) / 2) * _SIDE_PIXELS
        placed = [(_x(i, len(days)), days[i], point) for i, point in enumerate(line.points) if point is not None]
        ends = [(x, _y(point.value, 1.0)) for x, _, point in placed]
        path = "".join(
            f'<line class="path" x1="{x1:.2f}%" y1="{y1:.1f}" x2="{x2:.2f}%" y2="{y2:.1f}"/>'
            for (x1, y1), (x2, y2) in pairwise(ends)
        )
        marks = "".join(_mark(x, point, f"{day} {line.title}") for x, day, point in placed)
        parts.append(f'<g class="line {html.escape(line.style)}" transform="translate({aside:g},0)">{path}{marks}</g>')
    return _svg(label, parts)


def bars(label: str, days: Sequence[str], values: Sequence[float | None], unit: str) -> str:
    """Draw one bar a date."""
    top = _round_up(max((value for value in values if value is not None), default=0.0))
    width = min(6.0, (_LAST - _FIRST) / max(len(days), 1) * 0.6)
    parts = [_grid([(top * share, f"{top * share:,.4g}") for share in (0.0, 0.5, 1.0)], top), _dates(days)]
    for i, value in enumerate(values):
        if value is not None:
            y = _y(value, top)
            title = f"<title>{html.escape(f'{days[i]}: {value:,.4g}{unit}')}</title>"
            left, height = _x(i, len(days)) - width / 2, _y(0, top) - y
            shape = f'x="{left:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{height:.1f}"'
            parts.append(f'<rect class="bar" rx="2" {shape}>{title}</rect>')
    return _svg(label, parts)


def track(interval: Interval, style: str) -> str:
    """Draw one share on a scale of 0-1: its interval as a strip, its mean as a dot."""
    low, high, at = (f"{value * 116 + 2:.1f}" for value in (interval.low, interval.high, interval.value))
    width = f"{max(float(high) - float(low), 0.5):.1f}"
    return (
        f'<svg class="track {html.escape(style)}" viewBox="0 0 120 10" aria-hidden="true">'
        f'<line x1="2" y1="5" x2="118" y2="5"/><rect x="{low}" y="2.5" width="{width}" height="5" rx="2.5"/>'
        f'<circle cx="{at}" cy="5" r="3.4"/></svg>'
    )


def _mark(x: float, point: Interval, title: str) -> str:
    low, high, y = (_y(value, 1.0) for value in (point.low, point.high, point.value))
    told = html.escape(f"{title}: {point.value:.1%} ({point.low:.1%}–{point.high:.1%})")
    stem = f'<line x1="{x:.2f}%" y1="{high:.1f}" x2="{x:.2f}%" y2="{low:.1f}"/>'
    return f'<g>{stem}<circle cx="{x:.2f}%" cy="{y:.1f}" r="4"/><title>{told}</title></g>'


def _grid(ticks: Sequence[tuple[float, str]], top: float) -> str:
    """Lines across, each with its number above its left end."""
    lines = []
    for value, text in ticks:
        y = _y(value, top)
        lines.append(f'<line x1="0%" y1="{y:.1f}" x2="100%" y2="{y:.1f}"/>')
        lines.append(f'<text x="0%" y="{y - 4:.1f}">{html.escape(text)}</text>')
    return f'<g class="grid">{"".join(lines)}</g>'


def _dates(days: Sequence[str]) -> str:
    """Some of the dates, the last one among them."""
    step = max(1, -(-len(days) // _LABELS))
    shown = [i for i in range(len(days)) if (len(days) - 1 - i) % step == 0]
    texts = [_date(days[i], _x(i, len(days))) for i in shown]
    return f'<g class="grid">{"".join(texts)}</g>'


def _date(day: str, x: float) -> str:
    return f'<text x="{x:.2f}%" y="{HEIGHT - 8}" text-anchor="middle">{html.escape(day[2:])}</text>'


def _x(index: int, count: int) -> float:
    return _FIRST + (_LAST - _FIRST) * (index + 0.5) / max(count, 1)


def _y(value: float, top: float) -> float:
    share = min(max(value / top, 0.0), 1.0) if top else 0.0
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share


def _round_up(value: float) -> float:
    """A top of the scale that reads well: 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.1
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value or step == 10)  # noqa: PLR2004


def _svg(label: str, parts: Sequence[str]) -> str:
    name = html.escape(label)
    return f'<svg class="plot" width="100%" height="{HEIGHT}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
