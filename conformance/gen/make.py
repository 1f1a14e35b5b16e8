"""Make vectors with the wheel that is installed in this interpreter.

    python make.py --out FOLDER [--seed S] [--count N] [--only tokenizer,decode,render,parse]

N is how many inputs of every kind are drawn. The same seed, count and wheel give the same files, byte
for byte. generate.py makes the environments and calls this in each of them.
"""

import argparse
import base64
import json
import pathlib

from conversations import Conversations
from draw import Draw
from reference import Panicked, Reference
from streams import Streams, UNKNOWN
from texts import Texts

TOKENIZER_KINDS = ["class_mix", "random", "words", "contractions", "run", "spaces", "special", "vocabulary_pieces", "json_text", "code", "numbers"]
RENDER_KINDS = ["headers", "retention", "agent", "tools", "settings", "contents", "broken"]
PARSE_KINDS = ["completion", "transcript", "truncated", "mutated", "headers", "missing_message", "bad_bytes", "unknown_ids", "specials_in_content", "noise"]
LONGEST_INPUT = 6000  # bytes of one conversation; tokens of one stream are held to a tenth of it


class Maker:
    def __init__(self, reference, seed, count):
        self.reference = reference
        self.seed = seed
        self.count = count

    def sources(self, *names):
        """Fresh sources of inputs whose draws depend on the seed and names alone: one kind's count never moves another's inputs."""
        draw = Draw(self.seed, *names)
        texts = Texts(draw, lambda token: self.reference.decode_bytes([token]))
        conversations = Conversations(draw, texts)
        return draw, texts, conversations

    def tokenizer(self):
        for kind in TOKENIZER_KINDS:
            draw, texts, _ = self.sources("tokenizer", kind)
            for _ in range(self.count):
                text = getattr(texts, kind)()
                special = "all" if kind == "special" and draw.often(0.7) else "none"
                tokens = self.reference.encode(text, special)
                if self.reference.decode_bytes(tokens) != text.encode():
                    raise AssertionError(f"the reference does not give {text!r} back")
                yield {"kind": kind, "text": text, "tokens": tokens, "allowed_special": special}

    def decode(self):
        draw, texts, _ = self.sources("decode")
        for _ in range(self.count * 4):
            tokens = [draw.weighted([(4, draw.below(199998)), (3, draw.below(256)), (1, draw.between(199998, 201087)), (0.1, draw.one(UNKNOWN))]) for _ in range(draw.between(0, 16))]
            line = {"kind": "decode", "tokens": tokens}
            try:
                data = self.reference.decode_bytes(tokens)
            except Exception as err:  # noqa: BLE001
                yield line | {"error": str(err)}
                continue
            line["text"] = data.decode("utf-8", "replace")
            if line["text"].encode() != data:
                line["bytes"] = base64.b64encode(data).decode()
            yield line

    def render(self):
        for kind in RENDER_KINDS:
            draw, _, conversations = self.sources("render", kind)
            done = 0
            while done < self.count:
                text = getattr(conversations, kind)()
                mode = draw.weighted([(3, "conversation"), (3, "completion"), (2, "training")])
                next_role = draw.weighted([(6, "assistant"), (1, draw.one(["user", "tool", "system", "developer"])), (0.1, "robot")]) if mode == "completion" else None
                auto_drop = draw.often(0.6)
                if len(text.encode("utf-8", "surrogatepass")) > LONGEST_INPUT:
                    continue
                done += 1
                yield self.render_line(kind, text, mode, next_role, auto_drop)

    def render_line(self, kind, text, mode, next_role, auto_drop):
        """A line as a list of (key, JSON text): the conversation goes in byte for byte."""
        head = [("kind", json.dumps(kind))]
        head.append(("conversation", text) if is_json(text) else ("conversation_raw", json.dumps(text, ensure_ascii=False)))
        head += [("mode", json.dumps(mode)), ("next_role", json.dumps(next_role)), ("auto_drop_analysis", json.dumps(auto_drop))]
        try:
            tokens = self.reference.render(text, mode, next_role, auto_drop)
        except Panicked:
            raise
        except Exception as err:  # noqa: BLE001
            return head + [("error", json.dumps(str(err), ensure_ascii=False)), ("error_type", json.dumps(type(err).__name__))]
        shown = self.reference.decode_bytes(tokens).decode("utf-8", "replace")
        return head + [("tokens", compact(tokens)), ("text", json.dumps(shown, ensure_ascii=False))]

    def parse(self):
        for kind in PARSE_KINDS:
            draw, texts, conversations = self.sources("parse", kind)
            streams = Streams(draw, texts, conversations, self.reference)
            done = 0
            while done < self.count:
                tokens, role = getattr(streams, kind)()
                strict = draw.often(0.5)
                if len(tokens) > LONGEST_INPUT // 10:
                    continue
                done += 1
                yield {"kind": kind, "tokens": tokens, "role": role, "strict": strict} | self.reference.parse(tokens, role, strict)


def is_json(text):
    """True where text is one JSON value on one line in the strict sense, so that it can stand in a vector line as it is."""
    def refuse(_):
        raise ValueError

    try:
        json.loads(text, parse_constant=refuse)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\n" not in text and "\r" not in text and "\\ud8" not in text.lower()


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(path, lines):
    """Write lines to path; returns how many. A text JSON cannot hold (a lone surrogate) is left out."""
    n = 0
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            text = "{" + ",".join(f'"{k}":{v}' for k, v in line) + "}" if isinstance(line, list) else compact(line)
            file.write(text + "\n")
            n += 1
    return n


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--out", type=pathlib.Path, required=True)
    args.add_argument("--seed", default="1")
    args.add_argument("--count", type=int, default=20)
    args.add_argument("--only", default="tokenizer,decode,render,parse")
    given = args.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    maker = Maker(Reference(), given.seed, given.count)
    for name in given.only.split(","):
        n = write(given.out / f"{name}.jsonl", getattr(maker, name)())
        print(f"{given.out.name}/{name}.jsonl: {n} vectors")


if __name__ == "__main__":
    main()
