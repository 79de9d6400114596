"""The code of a run as one file: a zipapp named by the hash of its content.

In: the running package. Out: `regtune-<sha12>.pyz`, the same bytes for the same code wherever it is packed.
Any Python from 3.10 with the stages' packages runs it: `python regtune-<sha12>.pyz <stage> <run folder>`.
"""

import zipfile
from pathlib import Path

from regtune.artifacts import replacing
from regtune.code_hash import package_files

_MAIN = b"""import os
import sys

from regtune.cli import main

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written and hashed: what torch and a JVM do at their end takes seconds of everybody's time
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def bundle_name(code_sha256: str) -> str:
    """File name of the zipapp of this code."""
    return f"regtune-{code_sha256[:12]}.pyz"


def write_bundle(path: Path) -> None:
    """Pack the running package; stored and not compressed, since compressors differ in their bytes."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as bundle:
        bundle.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), _MAIN)
        for name, content in package_files():
            bundle.writestr(zipfile.ZipInfo(f"regtune/{name}", _EPOCH), content)
