"""Runs one Python peer for the benchmark: `peers.py NAME` answers requests on standard input,
`peers.py NAME first` loads, encodes two words and says what memory that took. The lines are described in the
benchmark's package comment (bench/main.go). Each peer is called by the cheapest way it offers.

The vocabulary is TIKTOKEN_ENCODINGS_BASE/o200k_base.tiktoken; nothing is downloaded.
"""

import json
import os
import sys
import time
from array import array


def vocabulary():
    return os.path.join(os.environ["TIKTOKEN_ENCODINGS_BASE"], "o200k_base.tiktoken")


def read_tokens(path):
    with open(path, "rb") as f:
        data = array("I", f.read())
    if sys.byteorder != "little":
        data.byteswap()
    return data.tolist()


def token_bytes(tokens):
    data = array("I", tokens)
    if sys.byteorder != "little":
        data.byteswap()
    return data.tobytes()


def peak_memory():
    """The largest resident size this process has had, in bytes; 0 where there is no /proc."""
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) << 10 for line in f if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0


def read_text(path):
    with open(path, encoding="utf-8", newline="") as f:
        return f.read()


class Tiktoken:
    def __init__(self):
        import tiktoken
        from tiktoken_ext import openai_public

        # The package's own definition of the encoding, with its ranks read from the local file.
        openai_public.load_tiktoken_bpe = lambda *a, **k: tiktoken.load.load_tiktoken_bpe(vocabulary())
        os.environ["TIKTOKEN_CACHE_DIR"] = ""  # the file is local: keep no second copy
        self.enc = tiktoken.Encoding(**openai_public.o200k_base())
        self.name = f"tiktoken {tiktoken.__version__} (Python)"
        self.note = "encode_to_numpy and decode_bytes"

    def encode(self, text):
        return self.enc.encode_to_numpy(text, disallowed_special=())

    def decode(self, tokens):
        return self.enc.decode_bytes(tokens)


class Quicktok:
    def __init__(self):
        import quicktok

        self.enc = quicktok.get_encoding("o200k_harmony")
        self.name = f"quicktok-v1 {quicktok.__version__} (Python, C++ inside)"
        self.note = (
            "encode_batch of one text with threads=1: it returns a numpy array, so no Python list is built; "
            "decode_bytes takes a Python list and converts it"
        )

    def encode(self, text):
        return self.enc.encode_batch([text], 1)[0]

    def decode(self, tokens):
        return self.enc.decode_bytes(tokens)


class Bpe:
    """Takes less than 1,000,000 characters at once, so it gets the text in pieces, cut where the
    tokens are the same as without a cut."""

    def __init__(self):
        import bpe_openai

        self.enc = bpe_openai.get_encoding("o200k_base")
        self.name = f"bpe-openai {bpe_openai.__version__} (Python)"
        self.note = "gets pieces of about 40,000 bytes, because it refuses long texts"

    def encode(self, pieces):
        tokens = []
        for piece in pieces:
            tokens += self.enc.encode_ordinary(piece)
        return tokens

    def decode(self, tokens):
        return self.enc.decode_bytes(tokens)


class Harmony:
    def __init__(self):
        import openai_harmony as h
        from importlib.metadata import version

        self.h = h
        self.enc = h.load_harmony_encoding(h.HarmonyEncodingName.HARMONY_GPT_OSS)
        self.name = f"openai-harmony {version('openai-harmony')} (Python)"
        self.note = "decode_utf8"

    def encode(self, text):
        return self.enc.encode(text, disallowed_special=())

    def decode(self, tokens):
        return self.enc.decode_utf8(tokens)

    def parser(self):
        return self.h.StreamableParser(self.enc, self.h.Role.ASSISTANT)

    def parse(self, tokens):
        parser = self.parser()
        process = parser.process
        for t in tokens:
            process(t)
        return parser

    def parse_delta(self, tokens):
        parser = self.parser()
        for t in tokens:
            parser.process(t)
            parser.last_content_delta
        return parser

    def parse_text_so_far(self, tokens):
        parser = self.parser()
        for t in tokens:
            parser.process(t)
            parser.current_content
        return parser

    def render_json(self, doc):
        return self.enc._inner.render_conversation_for_completion(
            conversation_json=doc, next_turn_role="assistant", config={"auto_drop_analysis": True}
        )

    def render_object(self, conversation):
        return self.enc.render_conversation_for_completion(conversation, self.h.Role.ASSISTANT)

    def messages(self, parser):
        return json.dumps([m.to_dict() for m in parser.messages]).encode()


PEERS = {"tiktoken": Tiktoken, "quicktok": Quicktok, "bpe": Bpe, "harmony": Harmony, "nothing": None}


class Tasks:
    """Maps a task's name to (prepare, run, result)."""

    def __init__(self, peer):
        self.peer = peer
        self.input = {}

    def prepared(self, req):
        key = (req["task"], req["in"])
        if self.input.get("key") != key:
            self.input = {"key": key, "value": self.read(req)}
        return self.input["value"]

    def read(self, req):
        task, path = req["task"], req["in"]
        if task == "encode":
            text = read_text(path)
            return self.pieces(path, req.get("cuts")) if isinstance(self.peer, Bpe) else text
        if task == "render-json":
            return read_text(path)
        if task == "render-object":
            return self.peer.h.Conversation.from_json(read_text(path))
        return read_tokens(path)

    @staticmethod
    def pieces(path, cuts):
        with open(path, "rb") as f:
            data = f.read()
        ends = (cuts or []) + [len(data)]
        return [data[a:b].decode() for a, b in zip([0] + ends, ends)]

    def run(self, task):
        return getattr(self.peer, task.replace("-", "_"))

    def result(self, task, value):
        if task == "decode":
            return value.encode() if isinstance(value, str) else bytes(value)
        if task.startswith("parse"):
            return self.peer.messages(value)
        return token_bytes(value)


def answer(tasks, req):
    value, run = tasks.prepared(req), tasks.run(req["task"])
    if req["do"] == "check":
        data = tasks.result(req["task"], run(value))
        with open(req["out"], "wb") as f:
            f.write(data)
        return {}
    start = time.process_time_ns()
    for _ in range(max(req.get("passes", 1), 1)):
        run(value)
    return {"cpu_ns": time.process_time_ns() - start}


def main():
    make = PEERS[sys.argv[1]]
    if sys.argv[2:] == ["first"]:
        if make:
            peer = make()
            assert len(peer.encode(["hello world"] if isinstance(peer, Bpe) else "hello world")) == 2
        print(json.dumps({"memory": peak_memory()}))
        return
    tasks = None
    for line in sys.stdin:
        req = json.loads(line)
        try:
            if req["do"] == "load":
                peer = make()
                tasks = Tasks(peer)
                reply = {"name": peer.name, "note": peer.note}
            else:
                reply = answer(tasks, req)
        except BaseException as e:  # a peer's panic is not an Exception
            reply = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), flush=True)


main()
