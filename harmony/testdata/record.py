"""Records what openai-harmony 0.0.8 makes of the conversations of python.jsonl.

    python record.py python.jsonl      (with the PyPI wheel openai-harmony==0.0.8 installed)

Each line is {"written": TEXT, "to_json": TEXT}: a conversation as this package writes it, and what the
wheel's Conversation.from_json(written).to_json() gives. The script keeps the first and writes the second
anew; it fails if the wheel refuses a line. The lines cover the wheel's own constructors and a random
choice of fields present, absent and empty.

rust.jsonl was recorded with a Rust program of a few lines around the crate's src/chat.rs (version 0.0.8)
and serde_json 1.0.140 with preserve_order: {"json": TEXT, "written": TEXT} is
serde_json::to_string(&serde_json::from_str::<Conversation>(json)), {"json": TEXT, "error": TEXT} is the
error of from_str. Its first lines are written by hand, the others were found by a random generator.
"""

import json
import sys

from openai_harmony import Conversation

path = sys.argv[1]
rows = [json.loads(line)["written"] for line in open(path, encoding="utf-8")]
with open(path, "w", encoding="utf-8") as out:
    for written in rows:
        row = {"written": written, "to_json": Conversation.from_json(written).to_json()}
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
