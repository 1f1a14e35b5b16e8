"""Serve the installed wheel through the JSON Lines contract of `harmony … --jsonl`.

    python serve.py tokens|render|parse < requests > answers

An example of what another implementation needs to be checked by ../run.py, and the proof that the
reference itself passes there.
"""

import base64
import json
import sys

from reference import Reference


def tokens(reference, request):
    if "text" in request:
        return {"tokens": reference.encode(request["text"], request.get("special", "none"))}
    data = reference.decode_bytes(request["tokens"])
    text = data.decode("utf-8", "replace")
    return {"text": text} if text.encode() == data else {"text": text, "bytes": base64.b64encode(data).decode()}


def render(reference, request, line):
    raw = raw_member(line, "conversation")
    mode = request.get("mode", "conversation")
    next_role = request.get("next_role") or ("assistant" if mode == "completion" else None)
    return {"tokens": reference.render(raw, mode, next_role, request.get("auto_drop_analysis", True))}


def parse(reference, request):
    trace = reference.parse(request["tokens"], request.get("role"), request.get("strict", False))
    if "error" in trace:
        at = trace["error"]["at"]
        return {"error": trace["error"]["message"], "offset": len(request["tokens"]) if at == "eos" else at}
    return {"messages": trace["messages"], "diagnostics": [], "verdict": ""}


def raw_member(line, key):
    """The text of a member of the object in line, byte for byte: the wheel reads number spellings and repeated keys."""
    at = line.index("{") + 1
    decoder = json.JSONDecoder()
    while True:
        at = skip(line, at)
        name, at = decoder.raw_decode(line, at)
        at = skip(line, skip(line, at) + 1)
        start = at
        _, at = decoder.raw_decode(line, at)
        if name == key:
            return line[start:at]
        at = skip(line, at) + 1


def skip(line, at):
    while line[at] in " \t\r\n":
        at += 1
    return at


def main():
    reference = Reference()
    answer = {"tokens": lambda r, _: tokens(reference, r), "render": lambda r, line: render(reference, r, line), "parse": lambda r, _: parse(reference, r)}[sys.argv[1]]
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        try:
            out = answer(json.loads(line), line)
        except Exception as err:  # noqa: BLE001 - a bad line gets its error in its place
            out = {"error": str(err)}
        print(json.dumps(out, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
