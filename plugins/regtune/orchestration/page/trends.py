"""Plots of the page: inline SVG made here, coloured by the page's style sheet, without script.

In: figures by effective date. Out: SVG text. Labels are escaped; every other value is a number formatted here.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from regtune.orchestration.page.summary import Interval

_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 30, 14, 30
_LABELS = 6


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
        shift = (number - (len(lines) - 1) / 2) * 5  # side by side, so that no interval hides another
        placed = [(_x(i, len(days)) + shift, point) for i, point in enumerate(line.points) if point is not None]
        path = " ".join(f"{x:.1f},{_y(point.value, 1.0):.1f}" for x, point in placed)
        marks = "".join(
            _mark(x, point, f"{days[i]} {line.title}") for i, x, point in _numbered(line.points, len(days), shift)
        )
        parts.append(f'<g class="line {html.escape(line.style)}"><polyline points="{path}"/>{marks}</g>')
    return _svg(label, parts)


def bars(label: str, days: Sequence[str], values: Sequence[float | None], unit: str) -> str:
    """Draw one bar a date."""
    top = _round_up(max((value for value in values if value is not None), default=0.0))
    width = min(28.0, (_WIDTH - _LEFT - _RIGHT) / max(len(days), 1) * 0.6)
    parts = [_grid([(top * share, f"{top * share:,.4g}") for share in (0.0, 0.5, 1.0)], top), _dates(days)]
    for i, value in enumerate(values):
        if value is not None:
            y = _y(value, top)
            title = f"<title>{html.escape(f'{days[i]}: {value:,.4g}{unit}')}</title>"
            shape = (
                f'x="{_x(i, len(days)) - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_y(0, top) - y:.1f}"'
            )
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


def _numbered(points: Sequence[Interval | None], count: int, shift: float) -> list[tuple[int, float, Interval]]:
    return [(i, _x(i, count) + shift, point) for i, point in enumerate(points) if point is not None]


def _mark(x: float, point: Interval, title: str) -> str:
    low, high, y = (_y(value, 1.0) for value in (point.low, point.high, point.value))
    told = html.escape(f"{title}: {point.value:.1%} ({point.low:.1%}–{point.high:.1%})")
    stem = f'<line x1="{x:.1f}" y1="{high:.1f}" x2="{x:.1f}" y2="{low:.1f}"/>'
    return f'<g>{stem}<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/><title>{told}</title></g>'


def _grid(ticks: Sequence[tuple[float, str]], top: float) -> str:
    lines = []
    for value, text in ticks:
        y = _y(value, top)
        lines.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{html.escape(text)}</text>')
    return f'<g class="grid">{"".join(lines)}</g>'


def _dates(days: Sequence[str]) -> str:
    """Some of the dates, the last one among them."""
    step = max(1, -(-len(days) // _LABELS))
    shown = [i for i in range(len(days)) if (len(days) - 1 - i) % step == 0]
    texts = [
        f'<text x="{_x(i, len(days)):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{html.escape(days[i][2:])}</text>'
        for i in shown
    ]
    return f'<g class="grid">{"".join(texts)}</g>'


def _x(index: int, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (index + 0.5) / max(count, 1)


def _y(value: float, top: float) -> float:
    share = min(max(value / top, 0.0), 1.0) if top else 0.0
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def _round_up(value: float) -> float:
    """A top of the scale that reads well: 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.1
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value or step == 10)  # noqa: PLR2004


def _svg(label: str, parts: Sequence[str]) -> str:
    name = html.escape(label)
    return f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
