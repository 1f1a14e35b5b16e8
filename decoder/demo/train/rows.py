"""Which pieces every id of the vocabulary is made of: what its rows in the embedding and the unembedding are computed from."""
import numpy as np

from words import RANKS, VOCABULARY

PIECES = 3
PREFIXES = {b" ": 1, b"_": 2, b".": 3}
SPECIAL = 4  # the class of ids that are no text
CLASSES = 5 * 5


def bpe(s):
    """The pieces of s as the merges of o200k make them, without the pre-tokenizer."""
    if s in RANKS:
        return [RANKS[s]]
    parts = [bytes([c]) for c in s]
    while len(parts) > 1:
        best, at = None, -1
        for i in range(len(parts) - 1):
            r = RANKS.get(parts[i] + parts[i + 1])
            if r is not None and (best is None or r < best):
                best, at = r, i
        if best is None:
            break
        parts[at:at + 2] = [parts[at] + parts[at + 1]]
    return [RANKS[p] for p in parts]


def word_byte(c):
    return c >= 128 or bytes([c]).isalnum()


def build():
    """pieces [V,3], -1 for none, and class [V]: prefix*5 + number of pieces."""
    pieces = np.full((VOCABULARY, PIECES), -1, np.int32)
    kind = np.full(VOCABULARY, SPECIAL * 5 + 1, np.int64)
    pieces[:, 0] = np.arange(VOCABULARY)
    for s, i in RANKS.items():
        prefix = PREFIXES.get(s[:1], 0) if len(s) > 1 and word_byte(s[1]) else 0
        p = bpe(s[1:] if prefix else s)
        pieces[i] = -1
        pieces[i, :min(PIECES, len(p))] = p[:PIECES]
        kind[i] = prefix * 5 + min(len(p), 4)
    return pieces, kind


def splitmix(x):
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def codes(hidden):
    """[V,hidden] of -1 and 1: the signs that stand for an id. hidden is a multiple of 64."""
    ids, words = np.arange(VOCABULARY, dtype=np.uint64), hidden // 64
    out = np.empty((VOCABULARY, hidden), np.int8)
    with np.errstate(over="ignore"):
        for w in range(words):
            z = splitmix(ids * np.uint64(words) + np.uint64(w))
            for b in range(64):
                out[:, w * 64 + b] = ((z >> np.uint64(b)) & np.uint64(1)).astype(np.int8) * 2 - 1
    return out
