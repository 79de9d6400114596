"""Where the DAG's settings lie: include/ of the repository, or what the environment of Airflow's processes names.

REGTUNE_CONFIG and REGTUNE_REGISTER are paths; unset, they are include/config/pipeline.yaml and
include/regulations/register.yaml. Read when asked, never at import.
"""

import os
from pathlib import Path

from regtune.config import PipelineConfig, include_path, load_config

PROMPTS = include_path("prompts")
ALERTS = include_path("alerts")


def register_path() -> Path:
    """The register of regulations."""
    return Path(os.environ.get("REGTUNE_REGISTER") or include_path("regulations/register.yaml"))


def current_config() -> PipelineConfig:
    """The settings as they are now.

    Raises:
        ConfigurationError: the file is missing or wrong.
    """
    return load_config(Path(os.environ.get("REGTUNE_CONFIG") or include_path("config/pipeline.yaml")))
