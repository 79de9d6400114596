"""Counting tokens as the student model does.

In: the name of a tokenizer. Out: a function from text to its number of tokens. `qwen` is the vocabulary that the
dashscope package carries (Qwen 1 to 3 share it for ordinary text); anything else is the path of a tokenizer.json.
"""

import base64
import importlib.util
import unicodedata
from collections.abc import Callable
from pathlib import Path

from regtune.errors import ConfigurationError, PrerequisiteMissingError

TokenCounter = Callable[[str], int]

_QWEN_VOCABULARY = "resources/qwen.tiktoken"
_QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def load_counter(tokenizer: str) -> TokenCounter:
    """Return the token counter that `chunk.tokenizer` names.

    Raises:
        PrerequisiteMissingError: a package is not installed.
        ConfigurationError: the path names no tokenizer.json.
    """
    return _qwen() if tokenizer == "qwen" else _from_file(Path(tokenizer))


def _qwen() -> TokenCounter:
    try:
        import tiktoken
    except ImportError as error:
        raise PrerequisiteMissingError("chunk: tiktoken is not installed; install include/hosts.") from error
    spec = importlib.util.find_spec("dashscope")
    path = Path(spec.origin).parent / _QWEN_VOCABULARY if spec and spec.origin else None
    if path is None or not path.is_file():
        raise PrerequisiteMissingError(
            "chunk.tokenizer is qwen, but the dashscope package that carries its vocabulary is not installed; "
            "install it or name a tokenizer.json."
        )
    ranks: dict[bytes, int] = {}
    for line in path.read_bytes().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    encoding = tiktoken.Encoding("qwen", pat_str=_QWEN_PATTERN, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoding.encode_ordinary(unicodedata.normalize("NFC", text)))


def _from_file(path: Path) -> TokenCounter:
    if not path.is_file():
        raise ConfigurationError(f"chunk.tokenizer: {path}: no such file; write qwen or the path of a tokenizer.json.")
    try:
        import tokenizers
    except ImportError as error:
        raise PrerequisiteMissingError("chunk: tokenizers is not installed; install include/hosts.") from error
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the binding raises bare Exception for what it cannot read
        raise ConfigurationError(f"chunk.tokenizer: {path}: not a tokenizer.json ({error}).") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
