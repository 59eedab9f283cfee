"""Is the log what was recorded? Texts, chains and tree are hashed again, and compared with every checkpoint."""

from collections.abc import Iterator

from dsr.audit import checkpoints, reading, second_look, tree
from dsr.audit.batches import BATCH
from dsr.audit.first_pass import FirstPass, Progress
from dsr.audit.note import Checkpoint as Stated
from dsr.audit.note import NoteError
from dsr.models.tree import Checkpoint

Named = dict[str, Stated]


def verify(*, start: int = 0, against: str = "", progress: Progress = int) -> Iterator[str]:
    """Name each thing that is not what was recorded, a sentence each; nothing when the log is whole.

    Begins a little before the leaf ``start``, at a multiple of 1024. ``against`` is the text of one more checkpoint,
    kept by somebody else. A quick pass sorts out what wants a second look, which alone decides and says what is wrong.
    The checkpoints are read before the size: the log may grow meanwhile, and is never smaller than they say.
    """
    stated: Named = {}
    with reading.lenient():
        yield from _stated(against, stated)
        said = tree.size()
        size = min(max(said, 0), tree.leaves())
    if said != size:
        yield f"head: the tree is said to have {said} leaves, and {size} are there"
    seen = FirstPass(min(max(start, 0), size) // BATCH * BATCH, size, [each.size for each in stated.values()])
    seen.run(progress)
    with reading.lenient():
        for begin, end in seen.doubtful:
            yield from second_look.entries(begin, end)
        yield from second_look.waiting()
        yield from second_look.strays()
        yield from second_look.nodes(seen.start, size, seen.levels)
    yield from _unlike(stated, seen)


def _stated(against: str, stated: Named) -> Iterator[str]:
    """Fill in what each checkpoint states, by its name, the same text once; says which cannot be believed."""
    rows = list(Checkpoint.objects.order_by("size", "pk").values_list("pk", "size", "note"))
    texts = {text: "given" for text in [against] if text}
    for found in checkpoints.published():
        texts.setdefault(found.text, found.name)
    for pk, _size, text in rows:
        if text not in texts:
            yield f"checkpoint row {pk}: is not among those published"
            texts[text] = f"row {pk}"
    for text, name in texts.items():
        try:
            stated[name] = checkpoints.opened(text)
        except NoteError as error:
            yield f"checkpoint {name}: {error}"
    for pk, size, text in rows:
        if texts[text] in stated and stated[texts[text]].size != size:
            yield f"checkpoint row {pk}: its column says {size} leaves, and its text does not"


def _unlike(stated: Named, seen: FirstPass) -> Iterator[str]:
    """Each checkpoint that this log does not continue."""
    for name, each in stated.items():
        if each.size > seen.size:
            yield f"checkpoint {name}: {each.size} entries were published, and the log has {seen.size}"
        elif each.size >= seen.start and each.size not in seen.roots:
            yield f"checkpoint {name}: leaves are missing, so it cannot be compared"
        elif each.size >= seen.start and seen.roots[each.size] != each.root:
            yield f"checkpoint {name}: the first {each.size} entries are not those that were published"
