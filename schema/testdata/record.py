"""Records what openai-harmony 0.0.8 writes for the schemas of typescript.jsonl.

    python record.py typescript.jsonl      (with the PyPI wheel openai-harmony==0.0.8 installed)

Each line is {"schema": TEXT, "typescript": TEXT} or {"schema": TEXT, "error": TEXT}. The schema is a
string because its spelling matters: duplicate keys, number literals, order. The script keeps the
schemas and writes the outcomes anew. The schemas were found by a random generator that mixes all the
keywords the reference looks at, right and wrong, and chosen to be short.
"""

import json
import sys

from openai_harmony import load_harmony_encoding

BEFORE = (
    '{"messages":[{"role":"developer","content":[{"type":"developer_content","tools":{"functions":'
    '{"name":"functions","tools":[{"name":"f","description":"","parameters":'
)
AFTER = "}]}}}]}]}"

encoding = load_harmony_encoding("HarmonyGptOss")


def outcome(schema):
    try:
        tokens = encoding._inner.render_conversation(BEFORE + schema + AFTER, None)
    except ValueError as e:
        return {"schema": schema, "error": str(e)}
    text = encoding.decode(tokens)
    start = text.index("type f = (_: ") + len("type f = (_: ")
    return {"schema": schema, "typescript": text[start : text.rindex(") => any;\n\n} // namespace functions")]}


path = sys.argv[1]
rows = [outcome(json.loads(line)["schema"]) for line in open(path, encoding="utf-8")]
with open(path, "w", encoding="utf-8") as out:
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
