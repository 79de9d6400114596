"""Which articles training has seen: what a score says depends on it.

In: training rows, and chunks, which tell to which article a row belongs. Out: a set to look pairs up in.
"""

from collections.abc import Iterable

from regtune.contracts import Chunk, QAPair


class SeenArticles:
    """Articles of the training rows; a chunk that nobody describes counts as an article of its own."""

    def __init__(self, train: Iterable[QAPair], chunks: Iterable[Chunk]) -> None:
        """Take the rows and the chunks."""
        self._articles = {chunk.chunk_id: (chunk.regulation_id, chunk.article) for chunk in chunks}
        self._seen = {self._article_of(pair) for pair in train}

    def __contains__(self, pair: QAPair) -> bool:
        """True when a training row is about the pair's article."""
        return self._article_of(pair) in self._seen

    def _article_of(self, pair: QAPair) -> tuple[str, str]:
        return self._articles.get(pair.chunk_id, ("", pair.chunk_id))
