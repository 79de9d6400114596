"""What the end-to-end tests play on: the demo's services, its settings, the store."""

import sys
from dataclasses import dataclass
from pathlib import Path

from ssh_hosts import REPOSITORY

from regtune.orchestration.store import Store

DEMO = REPOSITORY / "include" / "demo"
sys.path.insert(0, str(DEMO))

from services import Services  # noqa: E402 - include/demo is no package
from settings import Places, write_settings  # noqa: E402 - the same

__all__ = ["DEMO", "Places", "Services", "Stage", "write_settings"]


@dataclass(frozen=True)
class Stage:
    """The whole stage on which a test plays."""

    services: Services
    store: Store
    config_path: Path
    register_path: Path
