"""Holds llguidance's masks against this module's, which is narrowed by options to about what llguidance accepts.

What differs must have a reason that is known: each is a text that one of the two accepts and the other does not, as README tells.
"""

import base64
import collections
import json

TEXT = 199_998  # tokens of text; special tokens are not compared
BYTES = 201_088 // 8

# Reasons that are about one of our own schemas, and whose masks are the wider ones there.
KNOWN = {
    ("send-email", "ours"): 'quoted local parts: "\\"a b\\"@example.org"',
    ("send-email", "theirs"): "local parts of an address beyond 64 bytes",
    ("http-request", "ours"): "addresses of a future version of IP in capital letters: https://[V1.a]",
    ("smart-home", "ours"): "zeros at the end of a multiple: 20.50",
}


def words(path):
    """The bytes of every token of text."""
    found = [b""] * TEXT
    with open(path, "rb") as f:
        for line in f:
            text, rank = line.split()
            found[int(rank)] = base64.b64decode(text)
    return found


def read(path):
    """Masks as integers, by schema and step."""
    found = {}
    with open(path, "rb") as f:
        while head := f.read(8):
            key = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:], "little")
            mask = f.read(BYTES)
            if len(head) < 8 or len(mask) < BYTES:
                raise ValueError(f"{path}: cut off")
            found[key] = int.from_bytes(mask, "little") & (1 << TEXT) - 1
    return found


def bits(mask):
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def theirs_alone(before, word):
    """Why only llguidance allows a token, where that does not depend on the schema; else None."""
    if word[:1] in (b"e", b"E") and before[-1:].isdigit():
        return "exponents, which CanonicalNumbers leaves out"
    if word[:2] == b"\\u":
        return "escapes of characters that have other spellings, which PlainStrings leaves out"
    return None


def ours_alone(before, word):
    """Why only this module allows a token, where that does not depend on the schema; else None."""
    if not before and word[:1].isspace():
        return "white space before the text"
    if b"\x7f" in word:
        return "DEL in a string"
    if word[-1:].isspace():
        try:
            json.loads((before + word).decode())
            return "white space behind the text"
        except ValueError:
            pass
    return None


def compare(rows, words, ours, theirs):
    """Returns what the masks of two files have in common, in words, and how many states differ for unknown reasons."""
    ours, theirs = read(ours), read(theirs)
    both = sorted(ours.keys() & theirs.keys())
    why, unknown = collections.Counter(), []
    equal = 0
    for at, step in both:
        a, b = ours[at, step], theirs[at, step]
        equal += a == b
        row = rows[at]
        ids = next(t["ids"] for t in row["tests"] if t["valid"])
        before = b"".join(words[i] for i in ids[:step])
        reasons = {ours_alone(before, words[i]) or (row["id"], "ours") for i in bits(a & ~b)}
        reasons |= {theirs_alone(before, words[i]) or (row["id"], "theirs") for i in bits(b & ~a)}
        for r in reasons:
            if isinstance(r, tuple) and r not in KNOWN:
                odd, known = (a & ~b, ours_alone) if r[1] == "ours" else (b & ~a, theirs_alone)
                some = [words[i] for i in bits(odd) if not known(before, words[i])][:5]
                unknown.append(f"{r[0]}, behind {before[-40:]!r}: only {r[1]}: {some}")
            why[KNOWN.get(r, "unknown") if isinstance(r, tuple) else r] += 1
    if not both:
        unknown.append("no mask in common")
    lines = [f"Masks of {len(both)} states that both have: {equal} equal. The others differ by"]
    lines += [f"- {r}: {n}" for r, n in why.most_common()] + unknown[:40]
    return "\n".join(lines) + "\n", len(unknown)
