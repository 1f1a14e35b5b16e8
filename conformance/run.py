#!/usr/bin/env python3
"""Run the vectors against any implementation of Harmony. Standard library only.

    python3 conformance/run.py COMMAND [ARGUMENT …]

COMMAND is started once for each kind, with the kind and --jsonl after its arguments, and must speak the
JSON Lines contract (README.md beside this file):

    go build -o harmony ./cmd/harmony && python3 conformance/run.py ./harmony
    python3 conformance/run.py --plain python3 my_adapter.py        no --jsonl after the kind
    python3 conformance/run.py --adapter openai-harmony             the reference itself: all pass

It prints, for each file, how many vectors passed, failed, and differed where a difference is known; exit
code 0 where nothing failed, 1 where something did, 2 for wrong usage or a command that does not work.
--known names the list of known differences: by default differences.txt beside this file, which is this
module's own; `--known none` holds an implementation to the reference alone.
"""

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ["vectors", "generated/openai-harmony-0.0.8", "generated/oss-harmony-0.0.11"]
KINDS = {"tokenizer": "tokens", "decode": "tokens", "render": "render", "parse": "parse"}  # file → command
ADAPTERS = {"openai-harmony": FOLDERS[:2], "oss-harmony": FOLDERS[2:]}


def vector_id(line):
    """The stable name of a vector: the first 12 hex digits of its line's SHA-256."""
    return hashlib.sha256(line.encode()).hexdigest()[:12]


# Requests: what is asked for a vector, as a line.


def request(file, vector, line, profile):
    if file == "tokenizer":
        return [json.dumps({"text": vector["text"], "special": vector["allowed_special"]}), json.dumps({"tokens": vector["tokens"]})]
    if file == "decode":
        return [json.dumps({"tokens": vector["tokens"]})]
    if file == "parse":
        return [json.dumps({"tokens": vector["tokens"], "role": vector["role"], "strict": vector["strict"]})]
    if "conversation_raw" in vector:
        conversation = vector["conversation_raw"]
        if "\n" in conversation or "\r" in conversation:
            return []  # one request is one line, and a raw conversation with a newline in it cannot be one
    else:
        conversation = line[line.index('"conversation":') + len('"conversation":'):line.rindex(',"mode":')]
    rest = {"mode": vector["mode"], "auto_drop_analysis": vector["auto_drop_analysis"], "profile": profile}
    if vector["next_role"] is not None:
        rest["next_role"] = vector["next_role"]
    return ['{"conversation":' + conversation + "," + json.dumps(rest)[1:]]


# Comparisons: None where the answer is right, else a sentence.


def compare(file, vector, answers):
    if file == "tokenizer":
        return differs(answers[0], "tokens", vector["tokens"]) or differs(answers[1], "text", vector["text"])
    answer = answers[0]
    if "error" in vector or "error" in answer:
        return compare_error(vector, answer)
    if file == "decode":
        return differs(answer, "text", vector["text"]) or (None if data(answer) == data(vector) else "other bytes")
    if file == "render":
        return differs(answer, "tokens", vector["tokens"])
    return differs({"messages": [plain(m) for m in answer["messages"]]}, "messages", [plain(m) for m in vector["messages"]])


def compare_error(vector, answer):
    """Only whether there is an error is compared, never its text."""
    if ("error" in vector) == ("error" in answer):
        return None
    return f"no error, but the reference has {vector['error']}" if "error" in vector else f"error {answer['error']}"


def data(answer):
    return base64.b64decode(answer["bytes"]) if "bytes" in answer else answer["text"].encode()


def plain(message):
    """A message without absent fields, a single text as a string."""
    out = {k: v for k, v in message.items() if v is not None}
    content = out.get("content")
    if isinstance(content, list) and len(content) == 1 and content[0].get("type") == "text":
        out["content"] = content[0]["text"]
    return out


def differs(answer, key, want):
    got = answer.get(key)
    return None if got == want else f"{key}: {shorten(got if key in answer else answer)}, want {shorten(want)}"


def shorten(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 160 else text[:157] + "…"


# Running.


def ask(command, lines):
    """The answers of command to request lines, one for each."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    except OSError as err:
        give_up(f"{shown(command)} does not start: {err}")

    def feed():
        try:
            for line in lines:
                process.stdin.write(line + "\n")
            process.stdin.close()
        except BrokenPipeError:
            pass  # the missing answers are reported below

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        answers = [json.loads(line) for line in process.stdout]
    except ValueError as err:
        give_up(f"{shown(command)} gave a line that is not JSON: {err}")
    process.wait()
    feeder.join()
    if len(answers) != len(lines):
        give_up(f"{shown(command)} gave {len(answers)} answers to {len(lines)} requests")
    return answers


def shown(command):
    return " ".join(str(word) for word in command)


def give_up(reason):
    """End with exit code 2: the command does not work."""
    print("run.py:", reason, file=sys.stderr)
    sys.exit(2)


def run_file(path, command, known, failures):
    """Counts of one vector file."""
    file = path.stem
    profile = "oss-harmony-0.0.11" if path.parent.name.startswith("oss") else "openai-harmony-0.0.8"
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    vectors = [json.loads(line) for line in lines]
    requests = [request(file, v, line, profile) for v, line in zip(vectors, lines)]
    answers = iter(ask([*command[0], KINDS[file], *command[1]], [r for rs in requests for r in rs]))
    counts = collections.Counter()
    for vector, line, asked in zip(vectors, lines, requests):
        got = [next(answers) for _ in asked]
        wrong = compare(file, vector, got) if asked else None
        name = vector_id(line)
        if not asked:
            counts["not asked"] += 1
        elif wrong is None:
            counts["passed"] += 1
        elif f"{path.parent.name}/{path.name} {name}" in known:
            counts["known difference"] += 1
        else:
            counts["failed"] += 1
            failures.append(f"{path.parent.name}/{path.name} {name} ({vector['kind']}): {wrong}")
    return counts


def read_known(name):
    if name == "none":
        return set()
    path = pathlib.Path(name) if name else HERE / "differences.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.startswith("  ") and not line.startswith("    ")}


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage="run.py [--plain] [--known FILE|none] [--show N] COMMAND …")
    args.add_argument("--adapter", choices=sorted(ADAPTERS), help="serve this wheel, which must be installed in the running interpreter")
    args.add_argument("--plain", action="store_true", help="do not add --jsonl after the kind")
    args.add_argument("--known", default=None, help="file of known differences, or none")
    args.add_argument("--show", type=int, default=10, help="failures to print (default 10)")
    args.add_argument("command", nargs=argparse.REMAINDER)
    given = args.parse_args()
    command = (given.command, [] if given.plain else ["--jsonl"])
    known = read_known(given.known)
    if given.adapter:
        command, known = ([sys.executable, str(HERE / "gen" / "serve.py")], []), set()
    if not command[0]:
        args.error("a command is needed")
    failures, total = [], collections.Counter()
    for folder in ADAPTERS[given.adapter] if given.adapter else FOLDERS:
        for file in KINDS:
            path = HERE / "testdata" / folder / f"{file}.jsonl"
            if path.exists():
                counts = run_file(path, command, known, failures)
                total += counts
                print(f"{folder}/{path.name}: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    for failure in failures[: given.show]:
        print("FAIL", failure)
    print("total: " + ", ".join(f"{n} {what}" for what, n in sorted(total.items())))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
