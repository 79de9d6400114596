"""Plots of the report as inline SVG: an interval on a track, quality against cost, loss curves.

In: numbers and colours. Out: SVG text that needs no script and no font of its own. Every label is escaped.
Tracks stretch with the page (coordinates in per cent); the others have a narrow view box, so that their letters stay
readable at a phone's width.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS: Mapping[str, str] = {
    "tuned": "#0f766e",
    "base": "#8a94a3",
    "base_open_book": "#5b6fb5",
    "reference": "#b7791f",
}
WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 38
_LOG_FROM = 10
_FEW_POINTS = 20


@dataclass(frozen=True)
class Point:
    """One system in quality against cost."""

    label: str
    colour: str
    x: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """One system over runs."""

    label: str
    colour: str
    points: Sequence[tuple[int, float, float, float]]
    """(number of the run, rate, low, high)."""


def track(value: float, low: float, high: float, bounds: tuple[float, float], colour: str) -> str:
    """A dot with its interval on a line from the least to the greatest possible value."""
    left, right, at = (f"{_share(x, bounds) * 100:.2f}%" for x in (low, high, value))
    width = f"{(_share(high, bounds) - _share(low, bounds)) * 100:.2f}%"
    ticks = "".join(f'<line x1="{x}%" x2="{x}%" y1="4" y2="16" class="tick"/>' for x in (0, 25, 50, 75, 100))
    return (
        f'<svg class="track" height="20" role="img" aria-label="{escape(f"{value:.3f} ({low:.3f} - {high:.3f})")}">'
        f'<line x1="0" x2="100%" y1="10" y2="10" class="axis"/>{ticks}'
        f'<rect x="{left}" y="7" width="{width}" height="6" rx="3" fill="{colour}" opacity="0.32"/>'
        f'<line x1="{left}" x2="{left}" y1="5" y2="15" stroke="{colour}"/>'
        f'<line x1="{right}" x2="{right}" y1="5" y2="15" stroke="{colour}"/>'
        f'<circle cx="{at}" cy="10" r="5.5" fill="{colour}" stroke="#fff" stroke-width="1.5"/></svg>'
    )


def quality_against_cost(points: Sequence[Point], x_title: str) -> str:
    """Rates (0 to 1) with their intervals over a cost; logarithmic when the costs span a factor of ten."""
    if not points:
        return ""
    least, most = min(p.x for p in points), max(p.x for p in points)
    logarithmic = least > 0 and most / least >= _LOG_FROM
    span = (least / 1.5, most * 1.5) if logarithmic else (0.0, most * 1.15 or 1.0)

    def across(x: float) -> float:
        low, high, at = (math.log10(v) for v in (*span, x)) if logarithmic else (*span, x)
        return LEFT + (at - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    marks = "".join(
        f'<line x1="{across(p.x):.1f}" x2="{across(p.x):.1f}" y1="{_up(p.low):.1f}" y2="{_up(p.high):.1f}" '
        f'stroke="{p.colour}" stroke-width="2" opacity="0.45"/>'
        f'<circle cx="{across(p.x):.1f}" cy="{_up(p.value):.1f}" r="6" fill="{p.colour}" stroke="#fff" '
        f'stroke-width="1.5"><title>{escape(p.label)}: {p.value:.3f}, {p.x:.3g}</title></circle>'
        for p in points
    )
    ends = [least, most] if most > least else [least]
    scale = "".join(
        f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{x:.3g}</text>' for x in ends
    )
    title = x_title + (" · 로그 눈금" if logarithmic else "")
    return _framed(marks + scale, title, [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)])


def loss_curves(curves: Mapping[str, Sequence[tuple[float, float]]], colours: Mapping[str, str]) -> str:
    """Loss over steps; one line a curve."""
    points = [point for curve in curves.values() for point in curve]
    if not points:
        return ""
    last = max(x for x, _ in points) or 1.0
    top = max(y for _, y in points) * 1.05 or 1.0

    def place(x: float, y: float) -> str:
        return f"{LEFT + x / last * (WIDTH - LEFT - RIGHT):.1f},{_up(y / top):.1f}"

    lines = ""
    for name, curve in curves.items():
        path = " ".join(place(x, y) for x, y in curve)
        lines += f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="2"/>'
        spots = [place(x, y).split(",") for x, y in curve] if len(curve) <= _FEW_POINTS else []
        lines += "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colours[name]}"/>' for x, y in spots)
    end = f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM + 15}" text-anchor="end">{last:.0f}</text>'
    return _framed(lines + end, "학습 스텝", [(share, f"{share * top:.2f}") for share in (0, 0.5, 1)])


def over_runs(curves: Sequence[Curve], dates: Sequence[str]) -> str:
    """Rates (0 to 1) with their intervals, run after run; the first and the last date stand below."""
    last = max(len(dates) - 1, 1)

    def across(run: int) -> float:
        return LEFT + 8 + run / last * (WIDTH - LEFT - RIGHT - 16)

    drawn = ""
    for shift, curve in enumerate(curves):
        places = [(across(run) + 3 * shift, value, low, high) for run, value, low, high in curve.points]
        path = " ".join(f"{x:.1f},{_up(value):.1f}" for x, value, _, _ in places)
        drawn += f'<polyline points="{path}" fill="none" stroke="{curve.colour}" stroke-width="1.5" opacity="0.6"/>'
        for x, value, low, high in places:
            drawn += (
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_up(low):.1f}" y2="{_up(high):.1f}" stroke="{curve.colour}" '
                f'opacity="0.4"/><circle cx="{x:.1f}" cy="{_up(value):.1f}" r="4" fill="{curve.colour}">'
                f"<title>{escape(curve.label)}: {value:.3f}</title></circle>"
            )
    ends = ((dates[0], LEFT, "start"), (dates[-1], WIDTH - RIGHT, "end")) if dates else ()
    below = "".join(
        f'<text x="{x}" y="{HEIGHT - BOTTOM + 15}" text-anchor="{anchor}">{escape(text)}</text>'
        for text, x, anchor in ends
    )
    return _framed(drawn + below, "규정 기준일", [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)])


def _framed(inside: str, x_title: str, levels: Sequence[tuple[float, str]]) -> str:
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_up(share):.1f}" y2="{_up(share):.1f}" class="axis"/>'
        f'<text x="{LEFT - 6}" y="{_up(share) + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        for share, label in levels
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    title = f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_title)}</text>'
    return f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{grid}{inside}{title}</svg>'


def _share(x: float, bounds: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (x - bounds[0]) / (bounds[1] - bounds[0])))


def _up(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
