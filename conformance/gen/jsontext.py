"""JSON written as text that json.dumps would not write: repeated keys, exact number spellings, odd escapes."""

import json


class Raw(str):
    """A value that is written as it stands."""


class Pairs(list):
    """An object as [(key, value), …]: keys may repeat and keep their order."""


def dump(value, draw=None):
    """The JSON text of value. With a draw, strings get random escapes and gaps get random white space."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return string(value, draw)
    if isinstance(value, dict):
        value = Pairs(value.items())
    if isinstance(value, Pairs):
        return "{" + ",".join(gap(draw) + string(k, draw) + gap(draw) + ":" + gap(draw) + dump(v, draw) + gap(draw) for k, v in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(gap(draw) + dump(v, draw) for v in value) + "]"
    return json.dumps(value)


def string(text, draw):
    if draw is None or draw.often(0.8):
        return json.dumps(text, ensure_ascii=False)
    if draw.often(0.5):
        return json.dumps(text)
    return '"' + "".join(escape(c) if draw.often(0.3) else json.dumps(c, ensure_ascii=False)[1:-1] for c in text) + '"'


def escape(char):
    """char as \\uXXXX, in capitals, as a surrogate pair where it needs one."""
    return "".join("\\u%02X%02X" % (pair[0], pair[1]) for pair in zip(*[iter(char.encode("utf-16-be", "surrogatepass"))] * 2))


def gap(draw):
    return draw.one(["", "", "", " ", "  ", "\t"]) if draw is not None else ""
