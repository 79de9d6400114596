"""Prompt templates: one file each in include/prompts, filled with string.Template.

In: template texts and values. Out: prompts. Values that come from documents or models are untrusted
and pass through `neutralise`, so that they cannot close the delimiters around them.
"""

import re
import unicodedata
from pathlib import Path
from string import Template

from regtune.artifacts import sha256_of_bytes
from regtune.errors import ConfigurationError

_BRACKETS = str.maketrans({"<": "〈", ">": "〉", "＜": "〈", "＞": "〉", "﹤": "〈", "﹥": "〉", "{": "｛", "}": "｝"})
_FENCE = re.compile(r"`{3,}|~{3,}|-{5,}|={5,}|#{4,}")


def load_prompts(folder: Path) -> dict[str, str]:
    """Read every `*.md` of a folder, by stem.

    Raises:
        ConfigurationError: the folder holds none.
    """
    prompts = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.md"))}
    if not prompts:
        raise ConfigurationError(f"{folder}: no prompt (*.md) here; give --prompts FOLDER.")
    return prompts


def render(prompts: dict[str, str], name: str, **values: str) -> str:
    """Fill one template; every value is used as given.

    Raises:
        ConfigurationError: there is no such prompt, or it names a variable that is not given.
    """
    if name not in prompts:
        raise ConfigurationError(f"include/prompts/{name}.md: not there; the run needs it.")
    try:
        return Template(prompts[name]).substitute(values)
    except (KeyError, ValueError) as error:
        raise ConfigurationError(f"include/prompts/{name}.md: bad placeholder: {error}.") from error


def prompt_sha256(prompts: dict[str, str], name: str) -> str:
    """Hash of a template before it is filled."""
    return sha256_of_bytes(prompts[name].encode())


def neutralise(text: str) -> str:
    """Make untrusted text unable to end or open a delimiter, or to be quoted as JSON.

    No angle brackets, no braces, no fences, nothing unseen.
    """
    return _FENCE.sub(" ", without_unseen(text).translate(_BRACKETS))


def without_unseen(text: str) -> str:
    """Drop characters that are not printed (zero width, direction, soft hyphen): they hide words from any rule."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")
