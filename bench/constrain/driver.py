"""Times one Python peer for the benchmark: `driver.py NAME VOCABULARY DATA OUT [--limit SECONDS]`, NAME being glrmask or xgrammar.

VOCABULARY is o200k_base in tiktoken's form, DATA has a schema with instances and their tokens a line. What is written to OUT is
described in README.md under "Drivers". Times are CPU time in nanoseconds, read right around the peer's own calls.

The vocabulary is set up, and the schemas are compiled and walked, in a forked process. It is killed when a schema takes too
long, which no peer can be told to give up; another fork then goes on behind that schema.
"""

import argparse
import base64
import gc
import json
import os
import select
import sys
import time
from importlib.metadata import version

os.environ.setdefault("RAYON_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

SIZE = 201_088  # ids the gpt-oss models have
TEXT = 199_998  # tokens of text; all ids from here on are special
SETUP_LIMIT = 120  # seconds
STOPS = [200_002, 200_007, 200_012]  # <|return|>, <|end|>, <|call|>

thread = time.thread_time_ns


def memory(key):
    """A figure of /proc/self/status in bytes; 0 where there is none."""
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) << 10 for line in f if line.startswith(key))
    except (OSError, StopIteration):
        return 0


def vocabulary(path):
    words = [b""] * TEXT
    with open(path, "rb") as f:
        for line in f:
            text, rank = line.split()
            words[int(rank)] = base64.b64decode(text)
    return words


class Xgrammar:
    settings = "any_whitespace=True, strict_mode=False, max_threads=1, cache on"

    def __init__(self):
        import xgrammar

        self.x = xgrammar
        self.engine = f"xgrammar {version('xgrammar')} (Python, C++ inside)"
        self.bitmask = xgrammar.allocate_token_bitmask(1, SIZE)
        self.words = self.bitmask.numpy()[0]

    def set_up(self, words):
        info = self.x.TokenizerInfo(words, self.x.VocabType.RAW, vocab_size=SIZE, stop_token_ids=STOPS)
        self.compiler = self.x.GrammarCompiler(info, max_threads=1)

    def compile(self, schema):
        return self.x.GrammarMatcher(self.compiler.compile_json_schema(schema, strict_mode=False))

    def begin(self, matcher):
        matcher.reset()
        # Answers whether the mask has to be applied; it is filled either way.
        fill, bitmask = matcher.fill_next_token_bitmask, self.bitmask
        return (lambda: fill(bitmask)), matcher.accept_token, matcher.is_completed

    def idle(self, matcher):
        return matcher.is_terminated


class Glrmask:
    settings = "mask_strategy AUTO (its default), RAYON_NUM_THREADS=1"

    def __init__(self):
        import glrmask
        import numpy

        self.g = glrmask
        self.engine = f"glrmask {version('glrmask')} (Python, Rust inside)"
        self.words = numpy.zeros((SIZE + 31) // 32, numpy.int32)

    def set_up(self, words):
        self.vocab = self.g.Vocab.from_id_to_bytes(dict(enumerate(words)))

    def compile(self, schema):
        return self.g.Grammar.from_json_schema(schema).compile(self.vocab)

    def begin(self, constraint):
        state = constraint.start()
        fill, words = state.fill_mask, self.words
        return (lambda: fill(words)), state.commit_token, state.is_accepting

    def idle(self, constraint):
        return constraint.start().is_terminated


PEERS = {"xgrammar": Xgrammar, "glrmask": Glrmask}


def per_call(function, calls=20_000):
    start = thread()
    for _ in range(calls):
        function()
    return (thread() - start) // calls


def walk(mask, accept, accepting, words, ids):
    """Masks and accepts the tokens of an instance, up to where it is refused."""
    masks, accepts = [], []
    accepted = False
    for token in ids:
        start = thread()
        mask()
        masks.append(thread() - start)
        if not words[token >> 5] >> (token & 31) & 1:
            break
        start = thread()
        taken = accept(token)
        end = thread()
        if not taken:
            break
        accepts.append(end - start)
    else:
        accepted = accepting()
    return {"accepted": accepted, "mask": masks, "accept": accepts}


def measure(peer, row):
    """The line of one schema."""
    result = {"id": row["id"], "parse": 0, "compile": 0, "compile_all": 0, "first": 0, "tests": [], "again": []}
    text = json.dumps(row["schema"], ensure_ascii=False)
    everything, start = time.process_time_ns(), thread()
    try:
        compiled = peer.compile(text)
        result["compile"] = thread() - start
        result["compile_all"] = time.process_time_ns() - everything
        mask, _, _ = peer.begin(compiled)
        mask()
        # What compiling took in other threads is part of the wait.
        result["first"] = time.process_time_ns() - everything
        for walks in (result["tests"], result["again"]):
            for test in row["tests"]:
                walks.append(walk(*peer.begin(compiled), peer.words, test["ids"]))
    except BaseException as e:  # a peer's panic is not an Exception
        if isinstance(e, (KeyboardInterrupt, SystemExit)):
            raise
        result["refused"] = f"{type(e).__name__}: {e}".splitlines()[0][:200]
    return result


def opening(peer, words):
    """Sets the peer up. A first small schema belongs to it: what a peer prepares for a vocabulary may wait for it."""
    resident, start = memory("VmRSS:"), time.process_time_ns()
    peer.set_up(words)
    first = peer.compile('{"type":"boolean"}')
    setup = time.process_time_ns() - start
    return {
        "engine": peer.engine,
        "settings": peer.settings,
        "setup": setup,
        "setup_memory": memory("VmRSS:") - resident,
        "clock": per_call(thread),
        "call": per_call(peer.idle(first)),
    }


def work(peer, words, rows, out):
    """What the forked process does: the opening, a line for each schema, the ending."""
    gc.disable()

    def say(line):
        out.write(json.dumps(line) + "\n")
        out.flush()

    say(opening(peer, words))
    for row in rows:
        say(measure(peer, row))
    say({"peak_memory": memory("VmHWM:"), "thread": thread(), "process": time.process_time_ns()})


def supervise(peer, words, rows, out, limit):
    """Forks processes that measure the rows, and writes their lines."""
    opened = False
    while True:
        child, lines = start(peer, words, rows)
        said, ended = forward(lines, out, limit, opened)
        if not ended:
            os.kill(child, 9)
        lines.close()
        os.waitpid(child, 0)
        if ended:
            return
        if said == 0:
            raise SystemExit("the vocabulary cannot be set up")
        opened = True
        late = rows[said - 1]
        reason = f"takes more than {limit:g} s, or ends the process"
        out.write(json.dumps({"id": late["id"], "refused": reason, "timeout": True, "tests": [], "again": []}) + "\n")
        rows = rows[said:]


def start(peer, words, rows):
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, os.fdopen(ours, "rb", buffering=0)
    os.close(ours)
    code = 1
    try:
        with os.fdopen(theirs, "w") as out:
            work(peer, words, rows, out)
        code = 0
    finally:
        os._exit(code)


def forward(lines, out, limit, opened):
    """Writes what a process says until it has said all, or is silent for too long. Returns how many lines it said, and whether
    that was all. The opening is left out where the file has one."""
    said, held = 0, b""
    while select.select([lines], [], [], limit if said else SETUP_LIMIT)[0]:
        got = lines.read(1 << 20)
        if not got:
            return said, False
        *whole, held = (held + got).split(b"\n")
        for line in whole:
            if said or not opened:
                out.write(line.decode() + "\n")
            if line.startswith(b'{"peak_memory"'):
                return said, True
            said += 1
    return said, False


def main():
    p = argparse.ArgumentParser()
    p.add_argument("name", choices=PEERS)
    p.add_argument("vocabulary")
    p.add_argument("data")
    p.add_argument("out")
    p.add_argument("--limit", type=float, default=20, help="seconds by the clock for a schema")
    o = p.parse_args()
    words = vocabulary(o.vocabulary)
    with open(o.data, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    peer = PEERS[o.name]()
    with open(o.out, "w", encoding="utf-8") as out:
        supervise(peer, words, rows, out, o.limit)


if __name__ == "__main__":
    main()
