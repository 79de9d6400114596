"""YAML as the settings and the register are read: safe, and by libyaml where PyYAML was built with it.

In: text. Out: plain Python. The DAG file is parsed often and by every task: libyaml takes a tenth of the time.
"""

import yaml

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> object:
    """Read one document.

    Raises:
        ValueError: it is none; says where.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
