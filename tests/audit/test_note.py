"""Signed notes: the vectors of Go's sumdb/note, and each way in which a note, a key or a checkpoint is malformed."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.audit.note import MAX_BYTES, Checkpoint, NoteError, Signer, Verifier, opened, verifier_text

# golang.org/x/mod/sumdb/note, note_test.go
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NOTE = f"{TEXT}\n{BY_PETER}"
PETER, ENOCH = Verifier.parse(PETER_KEY), Verifier.parse(ENOCH_KEY)

# The example of c2sp.org/tlog-checkpoint
HEAD = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = bytes.fromhex("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62")

LOG = Signer("example.com/log", bytes(range(32)))
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])).map("{}\n".format)


def base64_of(raw):
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(("key", "signatures"), [(PETER, BY_PETER), (ENOCH, BY_ENOCH), (PETER, BY_ENOCH + BY_PETER)])
def test_the_published_note_opens(key, signatures):
    assert opened(f"{TEXT}\n{signatures}", [key]) == TEXT


def test_the_published_seed_signs_the_published_note():
    signer = Signer("PeterNeumann", PETER_SEED)
    assert signer.sign(TEXT) == NOTE
    assert signer.verifier == PETER


def test_a_key_is_written_and_read():
    assert (PETER.name, PETER.key_id.hex(), PETER.text) == ("PeterNeumann", "c74f20a3", PETER_KEY)
    assert verifier_text("PeterNeumann", PETER.public_key) == PETER_KEY


@settings(deadline=None)
@given(st.lists(texts, min_size=1).map("\n".join))
def test_what_is_signed_opens_again(text):
    assert opened(LOG.sign(text), [PETER, LOG.verifier]) == text


def test_empty_lines_belong_to_the_text_but_for_the_last():
    text = "\n\na\n\n— example.com/log AAAAAAAA\n\n"
    assert opened(LOG.sign(text), [LOG.verifier]) == text


@pytest.mark.parametrize("at", range(len(NOTE)))
def test_one_changed_character_is_refused(at):
    with pytest.raises(NoteError):
        opened(NOTE[:at] + chr(ord(NOTE[at]) ^ 1) + NOTE[at + 1 :], [PETER])


@pytest.mark.parametrize("count", [1, 16, 100])
def test_a_note_may_be_signed_often(count):
    assert opened(f"{TEXT}\n{BY_PETER}{BY_ENOCH * (count - 1)}", [PETER]) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{BY_PETER}",
        BY_PETER,
        f"\n{BY_PETER}",
        f"{TEXT}\n{BY_PETER[:-1]}",
        f"{NOTE}\n",
        f"{NOTE}Unexpected line.\n",
        f"{NOTE}\n{TEXT}",
        f"\x01{NOTE}",
        f"{NOTE[:9]}\t{NOTE[9:]}",
        NOTE.replace("\n", "\r\n"),
        f"\udcff{NOTE}",
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        NOTE.replace("— PeterNeumann", "— "),
        NOTE.replace("PeterNeumann x", "PeterNeumannx"),
        NOTE.replace("PeterNeumann x", "PeterNeumann  x"),
        NOTE.replace("AM=", "AM"),
        NOTE.replace("AM=", "AN="),
        NOTE.replace("AM=", "AM=="),
        NOTE.replace("/", "_"),
        f"{NOTE}— Bad Name {BY_ENOCH.split()[2]}\n",
        f"{NOTE}— Bad+Name {BY_ENOCH.split()[2]}\n",
        f"{NOTE}— Bad\u2003Name {BY_ENOCH.split()[2]}\n",
        f"{NOTE}— Short {base64_of(b'only')}\n",
        f"{NOTE}— Empty \n",
        f"{NOTE}{BY_ENOCH * 100}",
        f"{'a' * MAX_BYTES}{NOTE}",
    ],
)
def test_a_malformed_note_is_refused(note):
    with pytest.raises(NoteError, match=r"^(A note|A signature|That is not base64)"):
        opened(note, [PETER])


@pytest.mark.parametrize(("keys", "signatures"), [([], BY_PETER), ([ENOCH], BY_PETER), ([PETER], BY_ENOCH)])
def test_a_note_no_known_key_signed_is_refused(keys, signatures):
    with pytest.raises(NoteError, match="No known key"):
        opened(f"{TEXT}\n{signatures}", keys)


def test_a_key_of_the_same_name_or_the_same_id_is_another_key():
    namesake = Signer("PeterNeumann", bytes(32)).verifier
    same_id = NOTE.replace("— PeterNeumann", "— PeterNewmann")
    for note, key in [(NOTE, namesake), (same_id, PETER)]:
        with pytest.raises(NoteError, match="No known key"):
            opened(note, [key])


@pytest.mark.parametrize("length", [1, 63, 65])
def test_a_wrong_signature_of_a_known_key_refuses_the_whole_note(length):
    wrong = f"— PeterNeumann {base64_of(PETER.key_id + bytes(length))}\n"
    for signatures in (wrong, wrong + BY_PETER, BY_PETER + wrong, BY_ENOCH + wrong):
        with pytest.raises(NoteError, match="is wrong"):
            opened(f"{TEXT}\n{signatures}", [PETER, ENOCH])


def test_the_same_key_may_be_known_twice_but_not_two_keys_under_one_id():
    assert opened(NOTE, [PETER, PETER]) == TEXT
    first, second = (Verifier("log", number.to_bytes(32)) for number in (29982, 41147))
    assert first.key_id == second.key_id
    with pytest.raises(NoteError, match="share"):
        opened(NOTE, [PETER, first, second])


@pytest.mark.parametrize("at", range(len(PETER_KEY)))
def test_one_changed_character_makes_no_key(at):
    for key in (
        PETER_KEY[:at] + chr(ord(PETER_KEY[at]) + 1) + PETER_KEY[at + 1 :],
        PETER_KEY[:at],
        PETER_KEY[at + 1 :],
    ):
        with pytest.raises(NoteError):
            Verifier.parse(key)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "base64"),
        ("PeterNeumann", "base64"),
        (f"{PETER_KEY}\n", "base64"),
        (PETER_KEY.replace("c74f20a3", "C74F20A3"), "id of the key"),
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEQ==", "32 bytes"),
        ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "Ed25519"),
    ],
)
def test_a_malformed_key_says_what_is_wrong(key, reason):
    with pytest.raises(NoteError, match=reason):
        Verifier.parse(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "a\xa0b", "a\u2028b", "a\x01b", "a\udcffb"])
def test_a_name_without_form_is_no_key(name):
    for make in (Signer, verifier_text):
        with pytest.raises(NoteError):
            make(name, bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_no_key(length):
    for make in (Signer, verifier_text):
        with pytest.raises(NoteError, match="32 bytes"):
            make("log", bytes(length))


@pytest.mark.parametrize("text", ["", "no newline", "a\r\n", "a\0\n", "\ud800\n", "a" * MAX_BYTES + "\n"])
def test_a_text_that_no_note_may_hold_is_not_signed(text):
    with pytest.raises(NoteError, match=r"^(A note|The text of a note)"):
        LOG.sign(text)


def test_a_signature_is_never_made_that_makes_the_note_too_long():
    with pytest.raises(NoteError, match="at most"):
        LOG.sign("a" * (MAX_BYTES - 1) + "\n")


def test_the_published_checkpoint_is_read_and_written():
    checkpoint = Checkpoint.parse(HEAD)
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, ROOT)
    assert checkpoint.text() == HEAD


@settings(deadline=None)
@given(texts.map(str.strip).filter(bool), st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_signed(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(opened(LOG.sign(checkpoint.text()), [LOG.verifier])) == checkpoint


def test_lines_may_extend_a_checkpoint():
    assert Checkpoint.parse(f"{HEAD}more\nand more\n") == Checkpoint.parse(HEAD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        HEAD[:-1],
        f"\n{HEAD}",
        f"{HEAD}\n",
        f"{HEAD}\nmore\n",
        f"{HEAD}more",
        HEAD.partition("\n")[2],
        HEAD.replace("example.com/behind-the-sofa", ""),
        HEAD.replace("sofa", "so\x07fa"),
        HEAD.replace("\n", "\r\n"),
        *(
            HEAD.replace("20852163", size)
            for size in ["", "020852163", "00", "-1", "+1", " 1", "1 ", "1_0", "0x1", "1.0"]
        ),
        *(HEAD.replace("20852163", size) for size in ["²", "٣", "18446744073709551616", "9" * 5000]),
        HEAD.replace("q2I=", "q2J="),
        HEAD.replace("q2I=", "q2I"),
        HEAD.replace("q2I=", "q2I=="),
        HEAD.replace("q2I=", "q2I= "),
        HEAD.replace("/", "_"),
        f"log\n1\n{base64_of(bytes(31))}\n",
        f"log\n1\n{base64_of(bytes(33))}\n",
        "log\n1\n=\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "parts",
    [("", 1, ROOT), ("a\nb", 1, ROOT), ("a\rb", 1, ROOT), ("a", -1, ROOT), ("a", 2**64, ROOT), ("a", 1, ROOT[1:])],
)
def test_a_checkpoint_that_could_not_be_read_again_is_not_made(parts):
    with pytest.raises(NoteError):
        Checkpoint(*parts)
