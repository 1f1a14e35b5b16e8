"""Adds to walks drawn under grammars' masks what openai-harmony reads in them.

    pip install openai-harmony==0.0.8
    go test -run TestGrammarOracle . -args -grammar.write=walks.jsonl     (in the directory above)
    python grammar.py walks.jsonl grammar-walks.jsonl

The package reads o200k_base.tiktoken from the directory that TIKTOKEN_ENCODINGS_BASE names. A line has the index of the
options, the tokens, and then the messages; "error" if openai-harmony refuses them.
"""

import json
import sys

import openai_harmony

encoding = openai_harmony.load_harmony_encoding("HarmonyGptOss")
assistant = openai_harmony.Role.ASSISTANT


def reading(tokens):
    try:
        messages = encoding.parse_messages_from_completion_tokens(tokens, assistant, strict=True)
    except Exception as e:  # the reference has several types for one fault
        return {"error": str(e)}
    return {"messages": [
        {
            "role": m.author.role.value, "recipient": m.recipient or "", "channel": m.channel or "",
            "content_type": m.content_type or "", "text": "".join(c.text for c in m.content),
        }
        for m in messages
    ]}


with open(sys.argv[1]) as walks, open(sys.argv[2], "w") as out:
    for line in walks:
        walk = json.loads(line)
        out.write(json.dumps({**walk, **reading(walk["tokens"])}, ensure_ascii=False, separators=(",", ":")) + "\n")
