"""Is the log what was recorded? Texts, chains and tree are hashed again, and compared with every checkpoint."""

from collections.abc import Iterator

from dsr.audit import checkpoints, second_look, tree
from dsr.audit.checkpoints import Published
from dsr.audit.first_pass import FirstPass, Progress
from dsr.audit.note import Checkpoint as Stated
from dsr.audit.note import NoteError
from dsr.audit.reading import BATCH
from dsr.models.tree import Checkpoint


def verify(*, start: int = 0, against: str = "", progress: Progress = int) -> Iterator[str]:
    """Name each thing that is not what was recorded, a sentence each; nothing when the log is whole.

    Begins a little before the leaf ``start``, at a multiple of 1024. ``against`` is the text of one more checkpoint,
    kept by somebody else. A quick pass sorts out what wants a second look, which alone decides and says what is wrong.
    """
    size = tree.size()
    start = min(start, size) // BATCH * BATCH
    stated: dict[str, Stated] = {}
    for name, found in _stated(against):
        if isinstance(found, Stated):
            stated[name] = found
        else:
            yield f"checkpoint {name}: {found}"
    seen = FirstPass(start, size, [each.size for each in stated.values()])
    seen.run(progress)
    for begin in seen.doubtful:
        yield from second_look.entries(begin, min(begin + BATCH, size))
    yield from second_look.waiting()
    yield from second_look.strays()
    yield from second_look.nodes(start, size, seen.levels)
    yield from _unlike(stated, seen)


def _stated(against: str) -> Iterator[tuple[str, Stated | NoteError]]:
    """What each checkpoint states, by its name, or why it cannot be believed; the same text once."""
    texts = {text: "given" for text in [against] if text}
    rows = (Published(f"row {row.pk}", row.note) for row in Checkpoint.objects.order_by("size", "pk"))
    for found in (*checkpoints.published(), *rows):
        texts.setdefault(found.text, found.name)
    for text, name in texts.items():
        try:
            yield name, checkpoints.opened(text)
        except NoteError as error:
            yield name, error


def _unlike(stated: dict[str, Stated], seen: FirstPass) -> Iterator[str]:
    """Each checkpoint that this log does not continue."""
    for name, each in stated.items():
        if each.size > seen.size:
            yield f"checkpoint {name}: {each.size} entries were published, and the log has {seen.size}"
        elif each.size >= seen.start and each.size not in seen.roots:
            yield f"checkpoint {name}: leaves are missing, so it cannot be compared"
        elif each.size >= seen.start and seen.roots[each.size] != each.root:
            yield f"checkpoint {name}: the first {each.size} entries are not those that were published"
