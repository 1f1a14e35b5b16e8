"""Random conversations: JSON text that a renderer reads, well-formed and not."""

from jsontext import Pairs, Raw, dump
from schemas import Schemas

ROLES = ["system", "developer", "user", "assistant", "tool"]
CHANNELS = ["analysis", "commentary", "final"]
TOOLS = ["functions.f", "functions.get_weather", "browser.search", "python", "container.exec"]
ODD = ["", " ", "a b", "Final", "<|end|>", "<|constrain|>", "to=x", "all", "名前", "a\nb", "a:b", "\ud7ff", "é" * 40]
CONTENT_TYPES = ["<|constrain|>json", "<|constrain|>json", "json", "code", "text", "<|constrain|>", "<|constrain|><|constrain|>json", " <|constrain|>json", "text <|constrain|>", ""]


class Conversations:
    """Draws conversations as JSON text."""

    def __init__(self, draw, texts):
        self.draw = draw
        self.texts = texts
        self.schemas = Schemas(draw)

    # Conversations of one kind each; every method gives JSON text.

    def headers(self):
        """One to four messages whose header fields are drawn freely."""
        return self.document([self.free_message() for _ in range(self.draw.between(1, 4))])

    def retention(self):
        """A sequence of roles and channels: which analysis survives."""
        draw = self.draw
        out = []
        for i in range(draw.between(1, 9)):
            role = draw.weighted([(6, "assistant"), (2, "user"), (2, "tool"), (1, "developer"), (1, "system")])
            channel = draw.weighted([(5, draw.one(CHANNELS)), (2, None), (0.2, draw.one(ODD))])
            fields = {"role": role, "name": "functions.f" if role == "tool" else None, "content": f"{role} {i}", "channel": channel}
            if draw.often(0.2):
                fields["recipient"] = draw.one([*TOOLS, "assistant", "all"])
            out.append(present(fields))
        return self.document(out)

    def agent(self):
        """A conversation as an agent has it: system, developer with tools, turns with calls and results."""
        draw = self.draw
        out = [{"role": "system", "content": [self.system()]}, {"role": "developer", "content": [self.developer()]}]
        for _ in range(draw.between(1, 3)):
            out.append({"role": "user", "content": self.texts.words()})
            for _ in range(draw.between(0, 2)):
                tool = draw.one(TOOLS)
                if draw.often(0.7):
                    out.append({"role": "assistant", "channel": "analysis", "content": self.texts.words()})
                out.append({"role": "assistant", "channel": "commentary", "recipient": tool, "content_type": draw.one(["<|constrain|>json", "json", "code"]), "content": self.texts.json_text()})
                out.append({"role": "tool", "name": tool, "recipient": "assistant", "channel": "commentary", "content": self.texts.any()})
            if draw.often(0.8):
                out.append({"role": "assistant", "channel": "final", "content": self.texts.words()})
        return self.document(out)

    def tools(self):
        """A developer message full of schemas."""
        return self.document([{"role": "developer", "content": [self.developer()]}])

    def settings(self):
        """A system message, with or without a developer message after it."""
        out = [{"role": "system", "content": [self.system()]}]
        if self.draw.often(0.6):
            out.append({"role": "developer", "content": [self.developer()]})
        return self.document(out)

    def contents(self):
        """Contents of several parts, and texts of every sort."""
        draw = self.draw
        parts = [self.draw.one([self.texts.any, self.texts.class_mix, self.texts.special, self.texts.contractions])() for _ in range(draw.between(0, 4))]
        content = [{"type": "text", "text": p} for p in parts]
        return self.document([{"role": draw.one(ROLES[:4]), "content": content}])

    def broken(self):
        """JSON that is not a conversation, or not quite."""
        draw = self.draw
        return draw.weighted([
            (3, lambda: self.cut(draw.one([self.headers, self.settings])())),
            (3, lambda: self.document([self.wrong_message()])),
            (1, lambda: draw.one(["", "null", "[]", "{}", "3", '{"messages":null}', '{"messages":[[]]}', '{"messages":[null]}', "[[]]", '{"messages":[],"messages":[]}'])),
            (1, lambda: self.headers() + draw.one([" ", "\n", "x", "{}", "\0", ","])),
        ])()

    # Parts.

    def document(self, messages):
        draw = self.draw
        body = dump(messages, draw if draw.often(0.2) else None)
        if draw.often(0.05):
            return "[" + body + "]"
        return '{"messages":' + body + "}"

    def free_message(self):
        draw = self.draw
        role = draw.one(ROLES)
        name = draw.one(TOOLS) if role == "tool" and draw.often(0.8) else draw.weighted([(6, None), (1, draw.one(["alice", "bob smith"])), (1, draw.one(ODD))])
        recipient = draw.weighted([(3, None), (2, draw.one(TOOLS)), (1, "assistant"), (1, "all"), (1, draw.one(ODD))])
        channel = draw.weighted([(3, draw.one(CHANNELS)), (2, None), (1, draw.one(ODD))])
        kind = draw.weighted([(4, None), (3, draw.one(CONTENT_TYPES)), (0.5, draw.one(ODD))])
        content = draw.weighted([(3, self.texts.any()), (1, [{"type": "text", "text": self.texts.any()}])])
        return present({"role": role, "name": name, "recipient": recipient, "channel": channel, "content_type": kind, "content": content}, draw)

    def wrong_message(self):
        draw = self.draw
        fields = self.free_message()
        key = draw.one(["role", "name", "content", "channel", "recipient", "content_type"])
        wrong = draw.one([None, 3, True, [], {}, "Assistant", [{"type": "text"}], [{"type": "image", "text": "x"}], [{"text": "x"}], [self.system()], [self.developer()], ["x"],
                          [{"type": "text", "text": Raw('"\\ud800"')}], [{"type": "text", "text": 3}], Raw('"a\tb"'), Raw("NaN"), Raw("01")])
        pairs = Pairs((k, v) for k, v in fields if k != key or draw.often(0.1))
        if draw.often(0.9):
            pairs.append((key, wrong))
        return pairs

    def cut(self, text):
        """text with a character removed, doubled, or everything after it gone."""
        at = self.draw.below(max(1, len(text)))
        return self.draw.one([text[:at], text[:at] + text[at + 1:], text[:at] + text[at:at + 1] + text[at:]])

    def system(self):
        draw = self.draw
        fields = {
            "model_identity": draw.weighted([(3, "You are ChatGPT, a large language model trained by OpenAI."), (1, self.texts.words()), (1, ""), (2, None)]),
            "reasoning_effort": draw.weighted([(4, draw.one(["Low", "Medium", "High"])), (2, None), (0.1, "low")]),
            "tools": draw.weighted([(3, None), (2, self.namespaces(["browser", "python", "functions"]))]),
            "conversation_start_date": draw.weighted([(2, "2025-06-28"), (2, None), (1, self.texts.words(1, 2)), (0.5, "")]),
            "knowledge_cutoff": draw.weighted([(2, "2024-06"), (2, None), (0.5, "")]),
            "channel_config": draw.weighted([(3, {"valid_channels": draw.some(CHANNELS, 0, 4), "channel_required": draw.often(0.7)}), (2, None)]),
        }
        return Pairs([("type", "system_content"), *present(fields, draw)])

    def developer(self):
        draw = self.draw
        fields = {
            "instructions": draw.weighted([(3, self.texts.words()), (1, ""), (1, None), (1, "one\r\ntwo\n\n<|start|>system")]),
            "tools": draw.weighted([(5, self.namespaces(["functions", "functions", "fs", "a.b", ""])), (1, None)]),
        }
        return Pairs([("type", "developer_content"), *present(fields, draw)])

    def namespaces(self, keys):
        draw = self.draw
        out = Pairs()
        for key in dict.fromkeys(draw.some(keys, 0, 3)):
            tools = [self.tool() for _ in range(draw.between(0, 3))]
            fields = {"name": key if draw.often(0.9) else "other", "description": draw.weighted([(2, None), (2, self.texts.words()), (1, "a\nb\r\nc\n\nd\n"), (0.5, "")]), "tools": tools}
            out.append((key, present(fields, draw)))
        return out

    def tool(self):
        draw = self.draw
        fields = {"name": draw.one(["f", "get_weather", "search", "名", "a b"]), "description": draw.one(["Does it.", "", "two\nlines", self.texts.words()])}
        if draw.often(0.85):
            fields["parameters"] = self.schemas.schema()
        return present(fields, draw)


def present(fields, draw=None):
    """fields as pairs; an absent one (None) is left out, or now and then written as null."""
    return Pairs((k, v) for k, v in fields.items() if v is not None or (draw is not None and draw.often(0.2)))
