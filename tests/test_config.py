"""config: every shipped file loads, and a wrong setting is named."""

from pathlib import Path

import pytest
import yaml

from regtune.config import load_config, parse_config
from regtune.errors import ConfigurationError

CONFIGS = sorted((Path(__file__).resolve().parents[1] / "include" / "config").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_configuration_loads(path: Path) -> None:
    """Every file in include/config has the one shape, and freezes to JSON and back."""
    config = load_config(path)
    assert type(config).model_validate_json(config.model_dump_json(by_alias=True)) == config


def test_production_asks_for_the_plans_dataset() -> None:
    """150 lookup, 100 procedure, 50 negative; a pool of 300 with at least 100 negatives; 8:1:1."""
    config = load_config(CONFIGS[0].with_name("pipeline.yaml"))
    quota, pool, split = config.generate.quota, config.generate.evaluation_pool, config.split
    assert (quota.lookup, quota.procedure, quota.negative) == (150, 100, 50)
    assert pool.total == 300
    assert pool.negative >= 100
    assert (split.train, split.validation, split.test) == (8, 1, 1)


def test_every_knob_has_a_trade_off_beside_it() -> None:
    """pipeline.yaml explains itself: each section but the plainest holds comments."""
    text = (CONFIGS[0].with_name("pipeline.yaml")).read_text(encoding="utf-8")
    sections = text.split("\n\n")
    bare = [section.split(":")[0] for section in sections if ":" in section and "#" not in section]
    assert not bare


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        pytest.param(("generate", "quota", "lookup"), -1, "generate.quota.lookup", id="below zero"),
        pytest.param(("generate", "quotas"), {}, "generate.quotas", id="unknown key"),
        pytest.param(("train", "engine"), "magic", "train.engine", id="no such choice"),
        pytest.param(("chunk", "max_tokens"), 4096, "must be below train.max_seq_length (1024)", id="cross check"),
        pytest.param(("endpoints", "judge", "base_urls"), [], "endpoints.judge.base_urls", id="no address"),
    ],
)
def test_a_wrong_setting_is_named(path: tuple[str, ...], value: object, says: str) -> None:
    """The message holds the dotted path of the first wrong setting."""
    content = yaml.safe_load(CONFIGS[0].with_name("pipeline.yaml").read_text(encoding="utf-8"))
    section = content
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    with pytest.raises(ConfigurationError) as caught:
        parse_config(content, "pipeline.yaml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [pytest.param("a: [", id="no yaml"), pytest.param("", id="empty"), pytest.param("- 1", id="a list")]
)
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, text: str) -> None:
    """Exit 2 with the file's name."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"mine\.yaml") as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
