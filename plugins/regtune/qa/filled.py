"""What filling.py has made so far: the pairs that were taken and the attempts that were not.

The texts of new ones are not in it: they are read back from the journal by the hash of their request.
"""

from dataclasses import dataclass, field

from regtune.contracts import QAPair
from regtune.qa.novelty import Novelty
from regtune.qa.plan import Slot
from regtune.qa.same_pairs import Candidate


@dataclass(frozen=True)
class Taken:
    """A slot that was filled."""

    slot: Slot
    attempt: int
    request_sha256: str
    qa_id: str
    row: QAPair | None = None
    """Of a pair of the run before."""


@dataclass(frozen=True)
class Refused:
    """An attempt whose proposal was not taken."""

    slot: Slot
    attempt: int
    reason: str
    request_sha256: str
    raw: str | None
    unreadable: bool = False
    """The reply was no JSON of the schema."""


@dataclass
class Filled:
    """The result of one or more fillings."""

    novelty: Novelty
    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    covered: set[str] = field(default_factory=set)
    """Ids of chunks with an answerable pair."""
    barred: Novelty = field(default_factory=lambda: Novelty({}))
    """Pairs that the set that is being filled must not ask again."""

    def why_not(self, pair: Candidate) -> str | None:
        """Say `duplicate` or `near_duplicate` when the pair asks what it may not, else None."""
        return self.novelty.why_not(pair) or self.barred.why_not(pair)
