"""Claims about what is asked of the GPU's driver, with a library in the driver's place."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = """
#include <string.h>
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **card) { *card = (void *)(long)(index + 1); return index > 1; }
int nvmlDeviceGetHandleByUUID(const char *uuid, void **card) { *card = (void *)2; return strcmp(uuid, "GPU-b") != 0; }
int nvmlDeviceGetTotalEnergyConsumption(void *card, unsigned long long *mj) { *mj = (long)card * 1000; return TELLS; }
struct memory { unsigned long long total, free, used; };
int nvmlDeviceGetMemoryInfo(void *card, struct memory *memory) { memory->used = (long)card * 100; return 0; }
"""
PROGRAM = """
import json
from regtune.gpu_driver import energy_joules, memory_used_bytes
print(json.dumps([energy_joules(), memory_used_bytes()]))
"""


def asked(folder: Path, **environment: str) -> list[float | None]:
    """Energy and memory as a process with that library path sees them."""
    paths = os.pathsep.join(sys.path)
    without = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    env = {**without, "LD_LIBRARY_PATH": str(folder), "PYTHONPATH": paths, **environment}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
    found: list[float | None] = json.loads(done.stdout)
    return found


@pytest.fixture
def compiler() -> str:
    """A C compiler, for the library in the driver's place."""
    found = shutil.which("cc")
    if found is None:
        pytest.skip("no C compiler here")
    return found


@pytest.mark.parametrize(
    ("tells", "environment", "expected"),
    [
        pytest.param("0", {}, [3.0, 300], id="both cards"),
        pytest.param("0", {"CUDA_VISIBLE_DEVICES": "1"}, [2.0, 200], id="one by its number"),
        pytest.param("0", {"CUDA_VISIBLE_DEVICES": "GPU-b"}, [2.0, 200], id="one by its id"),
        pytest.param("0", {"CUDA_VISIBLE_DEVICES": ""}, [None, None], id="none is visible"),
        pytest.param("0", {"CUDA_VISIBLE_DEVICES": "7"}, [None, None], id="no such card"),
        pytest.param("3", {}, [None, 300], id="a card that does not tell its energy"),
    ],
)
def test_the_visible_cards_are_summed(
    tmp_path: Path, compiler: str, tells: str, environment: dict[str, str], expected: list[float | None]
) -> None:
    """Energy in joules and memory in bytes of the cards that CUDA_VISIBLE_DEVICES leaves; None where one is silent."""
    (tmp_path / "driver.c").write_text(DRIVER, encoding="utf-8")
    library = str(tmp_path / "libnvidia-ml.so.1")
    build = [compiler, "-shared", "-fPIC", f"-DTELLS={tells}", "-o", library, str(tmp_path / "driver.c")]
    subprocess.run(build, check=True, capture_output=True)
    assert asked(tmp_path, **environment) == expected
