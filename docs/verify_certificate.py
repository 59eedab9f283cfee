"""Verify the certificate of an erasure without the service that made it: `python verify_certificate.py FILE --key KEY`.

Needs Python 3.11 and the package `cryptography`, nothing else. FILE is the JSON that the service hands over: an object
with "certificate", what is stated, and "note", what is signed. A note is a C2SP signed note (c2sp.org/signed-note): a
line that ends with `/erasure-certificate-1`, a line of canonical JSON (RFC 8785), an empty line, and a signature,
`— name base64`, of Ed25519. KEY is a line of the service's `/audit/key`, `name+id+key`; best kept from before.

What is stated is printed when the signature holds and the object says the same as the note; the exit code is 0 then,
and 1 otherwise. "log" says where the verification stands in the service's log: `verify_log.py` follows it there.
"""

import argparse
import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIND = "erasure-certificate-1"


class Wrong(Exception):
    """Something does not hold; the sentence says what."""


def parsed(key):
    """The name and the id of a key, and its 32 bytes, from `name+id+key`."""
    name, key_id, encoded = key.split("+", 2)
    raw = b64decode(encoded)
    if raw[:1] != b"\x01" or sha256(f"{name}\n".encode() + raw).digest()[:4].hex() != key_id:
        raise Wrong("the key is not a key of Ed25519, or was miscopied")
    return name, bytes.fromhex(key_id), raw[1:]


def stated(note, key):
    """What a note states, once its signature by the key is verified."""
    name, key_id, public = parsed(key)
    text, _blank, signatures = note.partition("\n\n")
    head, _newline, body = text.partition("\n")
    for line in signatures.splitlines():
        _dash, signer, signature = line.split(" ")
        raw = b64decode(signature)
        if (signer, raw[:4]) == (name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
            except InvalidSignature:
                raise Wrong("the signature does not hold") from None
            if head != f"{name}/{KIND}":
                raise Wrong("what is signed is no certificate of an erasure")
            return json.loads(body)
    raise Wrong("it is not signed by this key")


def verify(text, key):
    """What the certificate in a JSON text states; raises Wrong."""
    try:
        document = json.loads(text)
        found = stated(document["note"], key)
        same = document["certificate"] == found
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Wrong("the file or the key is not written as it should be") from None
    if not same:
        raise Wrong("the object says something else than the note that is signed")
    return found


def main():
    """Say what is stated, or what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", required=True, help="name+id+key, a line of /audit/key")
    arguments = parser.parse_args()
    try:
        found = verify(arguments.file.read_text(encoding="utf-8"), arguments.key)
    except Wrong as fault:
        print(fault, file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
