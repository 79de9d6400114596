"""Where the DAG's settings lie: include/ of the repository, or what the environment of Airflow's processes names.

REGTUNE_CONFIG is a path, REGTUNE_REGISTER a path or an fsspec URL; unset, they are include/config/pipeline.yaml and
include/regulations/register.yaml. Read when asked, never at import.
"""

import os
from pathlib import Path

from regtune.config import PipelineConfig, include_path, load_config

PROMPTS = include_path("prompts")
ALERTS = include_path("alerts")


def register_address() -> str:
    """The register of regulations: a path or a URL."""
    return os.environ.get("REGTUNE_REGISTER") or str(include_path("regulations/register.yaml"))


def register_path() -> Path:
    """A local register.yaml: the register itself, or the copy of one behind a URL.

    Raises:
        ConfigurationError: there is neither the register nor a copy.
    """
    address = register_address().removeprefix("file://")
    if "://" not in address:
        return Path(address)
    from regtune.orchestration.register_copy import local_copy

    home = Path(os.environ.get("AIRFLOW_HOME") or Path.home() / "airflow")
    return local_copy(address, home / "regtune", current_config().orchestration)


def current_config() -> PipelineConfig:
    """The settings as they are now.

    Raises:
        ConfigurationError: the file is missing or wrong.
    """
    return load_config(Path(os.environ.get("REGTUNE_CONFIG") or include_path("config/pipeline.yaml")))
