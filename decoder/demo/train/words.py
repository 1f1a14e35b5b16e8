"""The o200k vocabulary: encoding, and the words that transcripts are made of."""
import base64
import os
import random

import tiktoken

RETURN, CONSTRAIN, CHANNEL, START, END, MESSAGE, CALL = 200002, 200003, 200005, 200006, 200007, 200008, 200012
VOCABULARY = 201088

# The pattern of o200k_base (openai/tiktoken, tiktoken_ext/openai_public.py).
PATTERN = "|".join([
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+"""])


def ranks():
    """The table of o200k_base, from the file that tiktoken and openai-harmony use."""
    path = os.path.join(os.environ["TIKTOKEN_ENCODINGS_BASE"], "o200k_base.tiktoken")
    with open(path, "rb") as f:
        return {base64.b64decode(a): int(b) for a, b in (line.split() for line in f)}


RANKS = ranks()
BYTES = {v: k for k, v in RANKS.items()}
ENC = tiktoken.Encoding("o200k", pat_str=PATTERN, mergeable_ranks=RANKS, special_tokens={})
_cache = {}


def encode(text):
    """Tokens of text without markers. The caller must not change them."""
    if len(text) > 40:
        return ENC.encode_ordinary(text)
    t = _cache.get(text)
    if t is None:
        t = _cache[text] = ENC.encode_ordinary(text)
    return t


# Words that carry the templates' meaning; no noun, key or parameter is made of them.
STOP = set("""what whats with from for and user wants tools tool call functions set best needs result now answer report hello type string
number default that have get find fetch check search read show list count load request returned error missing nothing arguments use the
boolean there this please tell know your about time weather convert calculate""".split())


def vocabulary_words():
    """Lower-case words that are one token bare, after a space and after an underscore; capitalised ones that are one after a space."""
    low, cap = [], []
    for s, i in sorted(RANKS.items(), key=lambda x: x[1]):
        w = s[1:]
        if s[:1] != b" " or not (w.isalpha() and w.isascii() and 4 <= len(s) <= 12):
            continue
        t = w.decode()
        if not any(c in "aeiouy" for c in t.lower()) or t.lower() in STOP:
            continue
        if t.islower() and w in RANKS and b"_" + w in RANKS and i < 80000:
            low.append(t)
        if t[0].isupper() and t[1:].islower() and len(t) >= 4:
            cap.append(t)
    r = random.Random(7)
    r.shuffle(low)
    r.shuffle(cap)
    return low, cap


LOW, CAP = vocabulary_words()


def held_out(word):
    """Whether a word is kept from training, in any capitalisation."""
    return random.Random("held out " + word.lower()).random() < 0.14


TRAIN = [w for w in LOW if not held_out(w)], [w for w in CAP if not held_out(w)]
TEST = [w for w in LOW if held_out(w)], [w for w in CAP if held_out(w)]
