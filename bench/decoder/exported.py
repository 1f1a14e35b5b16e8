#!/usr/bin/env python3
"""Writes checkpoints with `harmony model --export` and has llama.cpp and transformers load them.

    python3 bench/decoder/exported.py                   # small models with random weights, a few minutes
    python3 bench/decoder/exported.py --model PATH      # that checkpoint
    python3 bench/decoder/exported.py --demo            # the demonstration model, which is asked about the weather

A checkpoint is exported as GGUF and as a directory. This module computes logits and greedy tokens from the checkpoint itself,
transformers in float32 from the directory, llama.cpp from the GGUF file; and where the vocabulary is that of gpt-oss, both peers' tokenizers
encode the same texts as this module's. transformers must agree within rounding of float32, and so must llama.cpp where no weight is
MXFP4: with MXFP4 it rounds activations to 8 bits, so there its deviation is held to what 8 bits explain.

Peers are installed as peers.py does it, which has the rest of the options' explanation.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import peers

SMALL = peers.SMALL.split()
WIDE = "-layers 2 -hidden 64 -heads 4 -kv-heads 2 -head-size 32 -experts 8 -active 2 -expert-size 96 -window 8 -original 256".split()
BETAS = ["-beta-fast", peers.WHOLE["beta_fast"], "-beta-slow", peers.WHOLE["beta_slow"]]
# Name, flags of bench/decoder/synthetic, whether every weight is a plain number.
SOURCES = [
    ("GGUF, F32", [*SMALL, *BETAS, "-rest", "f32", "-experts-format", "f32"], True),
    ("GGUF, MXFP4 and Q8_0", [*SMALL, *BETAS], False),
    ("Hugging Face, MXFP4 and BF16", [*SMALL, *BETAS, "-layout", "hf"], False),
    ("OpenAI, MXFP4 and BF16", [*SMALL, *BETAS, "-layout", "openai"], False),
    ("OpenAI, gpt-oss' vocabulary", [*WIDE, *BETAS, "-layout", "openai"], False),
]
GREEDY = 24
# 8-bit activations move the logits of these models by a few hundredths of their deviation.
EIGHT_BITS = 0.1

WEATHER = {
    "name": "get_weather",
    "description": "Gets the weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CONVERSATION = {
    "messages": [
        {"role": "system", "content": [{"type": "system_content"}]},
        {"role": "developer", "content": [{"type": "developer_content", "tools": {"functions": {"name": "functions", "tools": [WEATHER]}}}]},
        {"role": "user", "content": "What is the weather in Lisbon?"},
    ]
}

TEXTS = [
    "Hello, world! How's it going? I'LL be there at 10:45.",
    "def f(x):\n\treturn x**2  # square\n\n\n    \t  end",
    "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"São Paulo\", \"days\": 3}}",
    "日本語のテキストと中文和한국어, Ελληνικά и русский, עברית ٣٤٥",
    "naïve façade — “quotes” … 😀👩‍👩‍👧‍👦 🇵🇹 e\u0301",
    "antidisestablishmentarianism supercalifragilisticexpialidocious aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "   leading, trailing   \r\n\r\n 12345678901 $%^&*()!!!???///",
]
SPECIAL = "<|start|>assistant<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|><|return|>"

TRANSFORMERS_TOKENS = """
import json, sys, transformers
t = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
texts = json.load(sys.stdin)
out = [t.encode(x, add_special_tokens=False) for x in texts]
print(json.dumps({"tokens": out, "text": [t.decode(x, clean_up_tokenization_spaces=False) for x in out],
                  "special": [t.bos_token_id, t.eos_token_id, t.pad_token_id]}))
"""
LLAMA_TOKENS = """
import json, sys, os
replies = os.fdopen(os.dup(1), "w"); os.dup2(2, 1)
import llama_cpp
m = llama_cpp.Llama(sys.argv[1], vocab_only=True, verbose=False)
texts = json.load(sys.stdin)
out = [m.tokenize(x.encode(), add_bos=False, special=True) for x in texts]
print(json.dumps({"tokens": out, "text": [m.detokenize(x, special=True).decode() for x in out],
                  "special": [m.token_bos(), m.token_eos(), llama_cpp.llama_vocab_pad(m._model.vocab)]}), file=replies, flush=True)
os._exit(0)
"""


class Check(peers.Bench):
    """One run of this script."""

    def export(self, source, to):
        peers.run(self.folder / "harmony", "model", source, "--export", to, "--overwrite", stdout=subprocess.DEVNULL)
        return to

    def conversation(self):
        """The tokens of a conversation with a tool, as far as the model's turn."""
        file = self.folder / "conversation.json"
        file.write_text(json.dumps(CONVERSATION))
        command = [self.folder / "harmony", "render", "--mode", "completion", "--json", file]
        return json.loads(peers.run(*command, capture_output=True, text=True).stdout)["tokens"]

    def checkpoint(self, what, source, plain, betas, prompt=None):
        gguf, directory = (self.export(source, self.folder / f"exported{end}") for end in (".gguf", ""))
        vocabulary = self.vocabulary_of(source)
        prefill, rows = peers.SMALL_PROMPT, 9
        if prompt:
            prefill, rows = len(prompt), 1
        else:
            prompt = [3 + (7919 * i * i + 104729 * i) % (vocabulary - 3) for i in range(1, prefill + rows)]
        request = {"tokens": prompt, "prefill": prefill, "greedy": GREEDY}
        ours = self.ours(source, "float32", prompt, prefill, GREEDY, "ours")
        for name, path in (("gguf", gguf), ("directory", directory)):
            again = self.ours(path, "float32", prompt, prefill, GREEDY, name)
            (d,) = self.compare(rows, "ours", name)
            limit = 0 if name == "gguf" else peers.SMALL_LIMIT  # Q8_0 becomes F32 there, which adds in another order
            self.check(f"{what}: {name} opened again", d["max"] <= limit and again["greedy"] == ours["greedy"], f"logits differ by {d['max']:.1e}")
        if "transformers" not in self.o.without:
            with peers.Worker([self.python, peers.HERE / "transformers_worker.py", directory, json.dumps({"threads": self.o.threads})]) as w:
                theirs = w.ask("logits", out=str(self.scores("transformers")), **request)
            self.check_equal(f"{what}: transformers on the directory", "transformers", rows, ours, theirs)
        if "llama.cpp" not in self.o.without:
            with self.llama(str(gguf), context=max(128, len(prompt) + GREEDY), flash=0, exact_cache=True, **(peers.WHOLE if betas else {})) as w:
                theirs = w.ask("logits", out=str(self.scores("llama")), **request)
            if plain:
                self.check_equal(f"{what}: llama.cpp on the GGUF file", "llama", rows, ours, theirs)
            else:
                (d,) = self.compare(rows, "ours", "llama")
                same = peers.first_difference(ours["greedy"], theirs["greedy"])
                detail = f"rms difference {d['relative']:.3f} of the logits' deviation, best token the same at {d['same_best']} of {d['rows']} positions"
                detail += f"; greedy tokens equal{'' if same is None else f' up to number {same}'}"
                self.check(f"{what}: llama.cpp on the GGUF file", d["finite"] and d["relative"] < EIGHT_BITS, detail)
        if vocabulary == 201088:
            self.tokenizers(what, gguf, directory)

    def check_equal(self, what, name, rows, ours, theirs):
        """Equal but for roundings of float32, which are larger where logits are."""
        (d,) = self.compare(rows, name, "ours")
        same = peers.first_difference(ours["greedy"], theirs["greedy"])
        greedy = f"equal ({GREEDY}, margin {ours['margin']:.2g})" if same is None else f"equal up to number {same}"
        limit = peers.SMALL_LIMIT * max(1, d["largest"] / 5)
        self.check(what, d["max"] < limit and same is None, f"logits up to {d['largest']:.1f} differ by {d['max']:.1e}; greedy tokens {greedy}")

    def tokenizers(self, what, gguf, directory):
        texts = [*TEXTS, SPECIAL]
        out = []
        for text in texts:
            command = [self.folder / "harmony", "tokens", "--jsonl"]
            line = json.dumps({"text": text, "special": "all"})
            out.append(json.loads(peers.run(*command, input=line + "\n", capture_output=True, text=True).stdout)["tokens"])
        for peer, code, path in (("transformers", TRANSFORMERS_TOKENS, directory), ("llama.cpp", LLAMA_TOKENS, gguf)):
            if peer in self.o.without:
                continue
            reply = peers.run(self.python, "-c", code, path, input=json.dumps(texts), capture_output=True, text=True).stdout
            theirs = json.loads(reply.splitlines()[-1])
            for text, want, got, back in zip(texts, out, theirs["tokens"], theirs["text"]):
                if want != got:
                    self.check(f"{what}: {peer} encodes {text!r}", False, f"{got}, expected {want}")
                if back != text:
                    self.check(f"{what}: {peer} decodes", False, f"{back!r}, expected {text!r}")
            self.check(f"{what}: {peer}'s tokenizer", theirs["special"] == [199998, 200002, 199999] and theirs["tokens"] == out,
                       f"{sum(map(len, out))} tokens of {len(texts)} texts, special tokens among them")


def main():
    p = argparse.ArgumentParser(description="has llama.cpp and transformers load what harmony model --export writes")
    p.add_argument("--model", help="a checkpoint to export (default: small ones with random weights)")
    p.add_argument("--demo", action="store_true", help="the demonstration model")
    p.add_argument("--venv", default=peers.HERE / ".venv", type=pathlib.Path, help="Python environment (bench/decoder/.venv)")
    p.add_argument("--threads", type=int, default=peers.physical_cores(), help="threads of every engine")
    p.add_argument("--without", default="", help="peers to leave out: llama.cpp, transformers")
    o = p.parse_args()
    o.without = set(filter(None, o.without.split(",")))
    python = peers.install(o)
    with tempfile.TemporaryDirectory() as folder:
        peers.build(folder)
        c = Check(o, python, folder)
        if o.demo:
            source = c.folder / "demo"
            peers.run(c.folder / "harmony", "model", "--export", source, stdout=subprocess.DEVNULL)
            c.checkpoint("demonstration model", source, False, False, c.conversation())
        elif o.model:
            c.checkpoint(o.model, pathlib.Path(o.model).resolve(), False, False)
        else:
            for i, (what, flags, plain) in enumerate(SOURCES):
                end = "" if "-layout" in flags else ".gguf"
                c.checkpoint(what, c.synthetic(c.folder / f"source{i}{end}", *flags), plain, True)
    if c.failed:
        sys.exit("WRONG: " + "; ".join(c.failed))


if __name__ == "__main__":
    main()
