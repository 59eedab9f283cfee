"""Verify an export of the log without the service that wrote it: `python verify_log.py log.jsonl [--key KEY]`.

Needs Python 3.11 and the package `cryptography`, nothing else. `manage.py export_audit` writes one JSON object a line:

* first, a signed checkpoint, the keys that verify it, whether all follows: {"checkpoint", "verifiers", "whole"};
* then entries: {"index", "entry", "proof"}, the proof being base64 hashes from the leaf up to the root;
* last, earlier checkpoints: {"checkpoint", "consistency"}, with the proof that the newest one continues them.

A checkpoint is a C2SP signed note (c2sp.org/signed-note): three lines, the log's name, its number of entries and its
root in base64; a blank line; then a signature, `— name base64`, of Ed25519. Hashes and proofs are those of RFC 6962
(and of RFC 9162, section 2.1). An entry is hashed as it stands in "entry", to the letter. It holds "subject", "n" and
"previous": the hash of the entry before it with the same subject, by which chains are followed.

`--key` is a key you were given some other way, a line of `/audit/key`: those in the file prove only that nothing in the
file was changed by accident. `--whole` wants every entry up to the checkpoint. What is found is printed; the exit code
is 0 when all of it holds, 1 when something does not.
"""

import argparse
import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SHOWN = 20


class Wrong(Exception):
    """Something does not hold; the sentence says what."""


def leaf_hash(entry):
    """RFC 6962, section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    """RFC 6962, section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def opened(note, keys):
    """The number of entries and the root that a note states, once a signature by one of the keys is verified."""
    text, _blank, signatures = note.partition("\n\n")
    text += "\n"
    origin, size, root = text.splitlines()[:3]
    for line in signatures.splitlines():
        _dash, signer, signature = line.split(" ")
        raw = b64decode(signature)
        public = keys.get((signer, raw[:4]))
        if signer == origin and public:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
            except InvalidSignature:
                raise Wrong("a checkpoint's signature does not hold") from None
            return int(size), b64decode(root)
    raise Wrong("a checkpoint is not signed by a key that is known")


def parsed(key):
    """The name and the id of a key, and its 32 bytes, from `name+id+key`."""
    name, key_id, encoded = key.split("+", 2)
    raw = b64decode(encoded)
    if raw[:1] != b"\x01" or sha256(f"{name}\n".encode() + raw).digest()[:4].hex() != key_id:
        raise Wrong("the key is not a key of Ed25519, or was miscopied")
    return (name, bytes.fromhex(key_id)), raw[1:]


def root_by_inclusion(leaf, index, size, proof):
    """The root that a proof of inclusion leads to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("its place lies outside the tree")
    last, found = size - 1, leaf
    for each in proof:
        if last == 0:
            raise Wrong("its proof is too long")
        if index % 2 or index == last:
            found = node_hash(each, found)
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            found = node_hash(found, each)
        index, last = index // 2, last // 2
    if last:
        raise Wrong("its proof is too short")
    return found


def is_continued(size1, root1, size2, root2, proof):
    """Whether the first tree is the beginning of the second (RFC 9162, section 2.1.4.2)."""
    if not size1 or size1 == size2:
        return not proof and (root1 == root2 if size1 else root1 == sha256().digest())
    if size1 > size2 or not proof:
        return False
    path = [root1, *proof] if not size1 & (size1 - 1) else list(proof)
    index, last = size1 - 1, size2 - 1
    while index % 2:
        index, last = index // 2, last // 2
    first = second = path[0]
    for each in path[1:]:
        if not last:
            return False
        if index % 2 or index == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            second = node_hash(second, each)
        index, last = index // 2, last // 2
    return not last and first == root1 and second == root2


class Export:
    """What was read so far: the newest checkpoint, the end of each chain, the tree of the leaves from the first on."""

    def __init__(self, first, keys):
        self.keys = keys or dict(parsed(key) for key in first["verifiers"])
        self.should_be_whole = first["whole"]
        self.size, self.root = opened(first["checkpoint"], self.keys)
        self.entries = self.earlier = 0
        self.chains = {}
        self.edge = []  # of complete subtrees, the largest first: (number of leaves, hash)

    def take(self, line):
        """Verify one line; raises Wrong."""
        if "entry" in line:
            self.entries += 1
            self.entry(line["index"], line["entry"].encode(), [b64decode(each) for each in line["proof"]])
        else:
            self.earlier += 1
            size, root = opened(line["checkpoint"], self.keys)
            if not is_continued(size, root, self.size, self.root, [b64decode(each) for each in line["consistency"]]):
                raise Wrong(f"the checkpoint of {size} entries is not continued by that of {self.size}")

    def entry(self, index, entry, proof):
        """Verify one entry: its place, and that it follows the one before it in its chain."""
        leaf = leaf_hash(entry)
        self.append(index, leaf)
        if root_by_inclusion(leaf, index, self.size, proof) != self.root:
            raise Wrong("its proof does not lead to the root of the checkpoint")
        said = json.loads(entry)
        before = self.chains.get(said["subject"])
        links = {hashed.hex() for hashed in before[1:]} if before else {""}
        self.chains[said["subject"]] = (said["n"], leaf, sha256(entry).digest())  # plain in entries of before the tree
        if before and before[0] + 1 != said["n"]:
            raise Wrong(f"entries {before[0] + 1} to {said['n'] - 1} about {said['subject']} are missing")
        if (before or said["n"] == 1) and said["previous"] not in links:
            raise Wrong("it does not follow the entry before it in its chain")

    def append(self, index, leaf):
        """Grow the tree as long as no leaf is missing."""
        if self.edge is None or index != sum(count for count, _hash in self.edge):
            self.edge = None
            return
        count = 1
        while self.edge and self.edge[-1][0] == count:
            leaf = node_hash(self.edge.pop()[1], leaf)
            count *= 2
        self.edge.append((count, leaf))

    def is_whole(self):
        """Whether the export holds every entry below the checkpoint, and they alone make its root."""
        if self.edge is None or self.entries != self.size:
            return False
        found = sha256().digest() if not self.edge else self.edge[-1][1]
        for _count, left in reversed(self.edge[:-1]):
            found = node_hash(left, found)
        return found == self.root


def verify(file, keys, *, whole=False):
    """Verify an export line by line; returns it and the faults found, each with the number of its line."""
    faults, export = [], None
    for number, text in enumerate(file, start=1):
        try:
            line = json.loads(text)
            if export is None:
                export = Export(line, keys)
            else:
                export.take(line)
        except Wrong as fault:
            faults.append(f"line {number}: {fault}")
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            faults.append(f"line {number}: is not as such a line is written")
        if export is None:
            break
    if export and (whole or export.should_be_whole) and not export.is_whole():
        faults.append("entries are missing: those that are here do not make the root of the checkpoint")
    return export, faults


def main():
    """Say what holds and what does not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", action="append", help="name+id+key, a line of /audit/key; several times for several")
    parser.add_argument("--whole", action="store_true", help="want every entry up to the checkpoint")
    arguments = parser.parse_args()
    try:
        keys = dict(parsed(key) for key in arguments.key or ())
    except (Wrong, ValueError):
        parser.error("a key is name+id+key, as a line of /audit/key shows it")
    with arguments.export.open(encoding="utf-8", errors="replace") as file:
        export, faults = verify(file, keys, whole=arguments.whole)
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"and {len(faults) - SHOWN} more", file=sys.stderr)
    if export is None:
        print("there is no checkpoint to verify anything by", file=sys.stderr)
        return 1
    print(f"keys                {len(export.keys)} {'given' if arguments.key else 'of the export itself'}")
    print(f"checkpoint          {export.size} entries, root {export.root.hex()}")
    print(f"entries             {export.entries} in {len(export.chains)} chains")
    print(f"whole log           {'yes' if export.is_whole() else 'no, a part of it'}")
    print(f"earlier checkpoints {export.earlier}")
    print(f"faults              {len(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
