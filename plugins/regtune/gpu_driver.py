"""What the GPU's driver tells of the cards in use: energy spent so far, memory taken.

In: the NVIDIA driver's own library (libnvidia-ml), by ctypes: no package. Out: figures, or None where there is no
driver, no card, or a card that does not tell. A card that CUDA_VISIBLE_DEVICES hides is not counted.
"""

import contextlib
import ctypes
import os
from collections.abc import Iterator

_LIBRARY = "libnvidia-ml.so.1"
_JOULES = 1 / 1000


class _Memory(ctypes.Structure):
    """nvmlMemory_t."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def energy_joules() -> float | None:
    """Energy that the visible cards have spent since the driver was loaded; None when one of them does not tell."""
    spent = 0.0
    with _driver() as driver:
        if driver is None:
            return None
        library, cards = driver
        for card in cards:
            millijoules = ctypes.c_ulonglong()
            if library.nvmlDeviceGetTotalEnergyConsumption(card, ctypes.byref(millijoules)) != 0:
                return None
            spent += millijoules.value * _JOULES
    return spent


def memory_used_bytes() -> int | None:
    """Memory that is taken on the visible cards, by whomever."""
    used = 0
    with _driver() as driver:
        if driver is None:
            return None
        library, cards = driver
        for card in cards:
            memory = _Memory()
            if library.nvmlDeviceGetMemoryInfo(card, ctypes.byref(memory)) != 0:
                return None
            used += memory.used
    return used


@contextlib.contextmanager
def _driver() -> Iterator[tuple[ctypes.CDLL, list[ctypes.c_void_p]] | None]:
    """The library with the handles of the visible cards; None when there is none."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        yield None
        return
    if library.nvmlInit_v2() != 0:
        yield None
        return
    try:
        cards = _cards(library)
        yield (library, cards) if cards else None
    finally:
        library.nvmlShutdown()


def _cards(library: ctypes.CDLL) -> list[ctypes.c_void_p]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        count = ctypes.c_uint()
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        names = [str(index) for index in range(count.value)]
    else:
        names = [name.strip() for name in visible.split(",") if name.strip()]
    cards = []
    for name in names:
        card = ctypes.c_void_p()
        if name.isdecimal():
            status = library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(name)), ctypes.byref(card))
        else:
            status = library.nvmlDeviceGetHandleByUUID(name.encode(), ctypes.byref(card))
        if status != 0:
            return []
        cards.append(card)
    return cards
