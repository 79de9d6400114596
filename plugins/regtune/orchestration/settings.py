"""Where the DAG's settings lie: include/ of the repository, or what the environment of Airflow's processes names.

REGTUNE_CONFIG and REGTUNE_REGISTER are paths; unset, they are include/config/pipeline.yaml and
include/regulations/register.yaml. Read when asked, never at import.
"""

import os
from pathlib import Path

from regtune.config import PipelineConfig, load_config

_INCLUDE = Path(__file__).resolve().parents[3] / "include"
PROMPTS = _INCLUDE / "prompts"
ALERTS = _INCLUDE / "alerts"


def register_path() -> Path:
    """The register of regulations."""
    return Path(os.environ.get("REGTUNE_REGISTER") or _INCLUDE / "regulations" / "register.yaml")


def current_config() -> PipelineConfig:
    """The settings as they are now.

    Raises:
        ConfigurationError: the file is missing or wrong.
    """
    return load_config(Path(os.environ.get("REGTUNE_CONFIG") or _INCLUDE / "config" / "pipeline.yaml"))
