"""Makes the goldens in this directory by running the reference.

    pip install openai-harmony==0.0.8 && python generate.py openai-harmony-0.0.8
    pip install oss-harmony==0.0.11   && python generate.py oss-harmony-0.0.11

Both packages import as openai_harmony, so each needs a virtual environment of its own; the former
reads o200k_base.tiktoken from the directory that TIKTOKEN_ENCODINGS_BASE names.

headers-PROFILE.jsonl: one message a line, a tenth of the combinations of header fields that a profile could
treat in its own way, and tools whose defaults are large numbers. agent.jsonl (openai-harmony only): the conversation of the benchmarks, 40 messages
and 20 function tools. The lines are those of conformance/testdata/vectors/render.jsonl, with "profile".
"""

import itertools
import json
import random
import sys

import openai_harmony

profile = sys.argv[1]
inner = openai_harmony.load_harmony_encoding("HarmonyGptOss")._inner


def vector(kind, conversation, mode, **extra):
    document = json.dumps(conversation, ensure_ascii=False, separators=(",", ":"))
    config = {"auto_drop_analysis": True}
    line = {"kind": kind, "conversation": conversation, "mode": mode, "auto_drop_analysis": True, "profile": profile, **extra}
    try:
        if mode == "completion":
            line["tokens"] = inner.render_conversation_for_completion(
                conversation_json=document, next_turn_role=extra["next_role"], config=config)
        else:
            line["tokens"] = inner.render_conversation(conversation_json=document, config=config)
    except Exception as e:  # the reference has several types for one fault
        line["error"] = str(e)
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def headers():
    roles = ["user", "assistant", "developer", "tool"]
    names = [None, "", "functions.f"]
    recipients = [None, "", "all", "assistant", "functions.f", "python"]
    channels = [None, "", "analysis", "commentary", "final", "other"]
    types = [None, "", "json", "<|constrain|>json", "<|constrain|> json", " <|constrain|>json"]
    pick = random.Random(1)
    for fields in itertools.product(roles, names, recipients, channels, types):
        if pick.random() > 0.1:
            continue
        keys = ["role", "name", "recipient", "channel", "content_type"]
        message = {k: v for k, v in zip(keys, fields) if v is not None}
        yield vector("header", {"messages": [{**message, "content": "x"}]}, "conversation")


def floats():
    for number in ["1e23", "1e15", "1e-7", "12345678901234567.0", "18446744073709551616", "[1e16,-2.5e30]"]:
        parameters = {"type": "object", "properties": {"a": {"type": "number", "default": json.loads(number)}}}
        tool = {"name": "f", "description": "", "parameters": parameters}
        content = {"type": "developer_content", "tools": {"functions": {"name": "functions", "tools": [tool]}}}
        yield vector("float", {"messages": [{"role": "developer", "content": [content]}]}, "conversation")


WORDS = """the file server returns an error when request body is larger than limit so we should check header before
reading it and then retry with smaller chunk while keeping order of records stable user wants report about invoices
customers orders shipping dates totals currency region weather forecast build test deploy branch commit""".split()


class Agent:
    def __init__(self):
        self.random = random.Random(7)

    def prose(self, n):
        text = " ".join(self.random.choice(WORDS) for _ in range(n))
        return text[0].upper() + text[1:] + "."

    def parameter(self):
        r = self.random
        p = {"description": self.prose(r.randrange(6, 12))}
        kind = r.choice(["string", "string", "integer", "number", "boolean", "array", "enum"])
        if kind == "enum":
            return {**p, "type": "string", "enum": ["low", "medium", "high"], "default": "medium"}
        if kind == "array":
            return {**p, "type": "array", "items": {"type": "string"}}
        if kind == "integer":
            return {**p, "type": "integer", "default": r.randrange(1, 50)}
        return {**p, "type": kind}

    def tool(self, i):
        r = self.random
        things = ["order", "invoice", "customer", "ticket", "branch", "file", "report", "event", "weather", "price"]
        names = [f"{r.choice(things)}_{r.choice(['id', 'name', 'count', 'since'])}" for _ in range(r.randrange(3, 6))]
        parameters = {n: self.parameter() for n in names}
        return {
            "name": f"{r.choice(['get', 'list', 'search', 'create', 'update'])}_{r.choice(things)}_{i}",
            "description": self.prose(r.randrange(12, 24)),
            "parameters": {"type": "object", "properties": parameters, "required": list(parameters)[:2]},
        }

    def call(self, tool):
        r = self.random
        name = "functions." + tool["name"]
        arguments = {k: r.choice(WORDS) for k in tool["parameters"]["required"]}
        rows = [{w: r.randrange(10000) for w in r.sample(WORDS, 5)} for _ in range(10)]
        yield {"role": "assistant", "channel": "analysis", "content": self.prose(80)}
        yield {"role": "assistant", "recipient": name, "channel": "commentary", "content_type": "<|constrain|>json",
               "content": json.dumps(arguments)}
        yield {"role": "tool", "name": name, "recipient": "assistant", "channel": "commentary",
               "content": json.dumps({"rows": rows})}

    def conversation(self):
        tools = [self.tool(i) for i in range(20)]
        system = {
            "type": "system_content", "model_identity": "You are ChatGPT, a large language model trained by OpenAI.",
            "knowledge_cutoff": "2024-06", "conversation_start_date": "2025-06-28", "reasoning_effort": "Medium",
            "channel_config": {"valid_channels": ["analysis", "commentary", "final"], "channel_required": True},
        }
        developer = {"type": "developer_content", "instructions": self.prose(120),
                     "tools": {"functions": {"name": "functions", "tools": tools}}}
        messages = [{"role": "system", "content": [system]}, {"role": "developer", "content": [developer]}]
        while len(messages) < 40:
            messages.append({"role": "user", "content": self.prose(40)})
            for _ in range(2):
                messages += self.call(self.random.choice(tools))
            messages.append({"role": "assistant", "channel": "final", "content": self.prose(120)})
        return {"messages": messages[:40]}


with open(f"headers-{profile}.jsonl", "w", encoding="utf-8") as f:
    f.writelines(headers())
    f.writelines(floats())
if profile == "openai-harmony-0.0.8":
    with open("agent.jsonl", "w", encoding="utf-8") as f:
        f.write(vector("agent", Agent().conversation(), "completion", next_role="assistant"))
