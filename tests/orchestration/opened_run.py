"""A run in the store and the host that plays its stages, as the tests of the orchestration hold it."""

from dataclasses import dataclass
from pathlib import Path

from ssh_hosts import REPOSITORY, SshHost

from regtune.config import HostConfig, OrchestrationConfig
from regtune.contracts import RunSpec
from regtune.orchestration.store import Store

REGISTER = REPOSITORY / "include" / "regulations" / "register.yaml"


@dataclass(frozen=True)
class OpenedRun:
    """A run in the store, and a host that plays its stages."""

    store: Store
    spec: RunSpec
    host: SshHost
    host_config: HostConfig
    settings: OrchestrationConfig
    script: Path
    """What the host does in place of a stage; gets the zipapp, the stage's name and the run folder."""
