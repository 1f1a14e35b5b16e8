"""Random token streams: what gpt-oss writes, what it writes when it goes wrong, and noise."""

from conversations import CHANNELS, TOOLS

START, END, MESSAGE, CHANNEL, CONSTRAIN, RETURN, CALL = 200006, 200007, 200008, 200005, 200003, 200002, 200012
STOPS = [END, RETURN, CALL]
CONTROL = [START, END, MESSAGE, CHANNEL, CONSTRAIN, RETURN, CALL, 199998, 199999, 200014, 200000]
UNKNOWN = [201088, 201089, 250000, 300000, 2**31, 2**32 - 1]
ROLES = ["assistant", "user", "system", "developer", "tool"]
HEADER_WORDS = ["assistant", "user", "tool", "final", "analysis", "commentary", "json", "code", "to=functions.f", "to=", "to=browser.search", "TO=f", "functions.f", "bogus", "python",
                "user:alice", "assistant:", "role:assistant,type:reasoning", "<|channel|>", "<|constrain|>json", "a\u00a0b", "名前", "to=assistant", "all"]
GAPS = [" ", " ", " ", "", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000"]


class Streams:
    """Draws token streams. reference encodes texts and renders; bytes_of(id) gives a token's bytes."""

    def __init__(self, draw, texts, conversations, reference):
        self.draw = draw
        self.texts = texts
        self.conversations = conversations
        self.reference = reference
        self.byte_tokens = {}
        for token in range(256):
            self.byte_tokens[reference.decode_bytes([token])[0]] = token

    def encode(self, text):
        return self.reference.encode(text)

    # Whole streams; every method gives (tokens, role hint or None).

    def completion(self):
        """A completion as the format has it, after <|start|>assistant."""
        draw = self.draw
        out = []
        count = draw.between(1, 4)
        for i in range(count):
            if i:
                out += [START, *self.encode("assistant")]
            header, stop = self.good_header(last=i == count - 1)
            out += header + [MESSAGE] + self.encode(self.texts.any()) + [stop]
        return out, "assistant"

    def transcript(self):
        """A whole conversation as the reference renders it."""
        draw = self.draw
        text = draw.one([self.conversations.headers, self.conversations.retention, self.conversations.agent])()
        try:
            return self.reference.render(text, "conversation", None, draw.often(0.5)), None
        except Exception:  # noqa: BLE001 - a conversation the reference rejects gives no stream
            return self.completion()

    def truncated(self):
        tokens, role = draw_one(self, [self.completion, self.transcript])
        return tokens[: self.draw.between(0, max(0, len(tokens) - 1))], role

    def mutated(self):
        """A good stream with one to three tokens lost, doubled, swapped, replaced or put in."""
        draw = self.draw
        tokens, role = draw_one(self, [self.completion, self.completion, self.transcript])
        tokens = tokens[:120]
        for _ in range(draw.between(1, 3)):
            at = draw.below(max(1, len(tokens)))
            near = [i for i, t in enumerate(tokens) if t >= 199998]
            if near and draw.often(0.7):
                at = max(0, draw.one(near) + draw.between(-1, 1))
            change = draw.one(["lose", "double", "swap", "replace", "insert", "insert"])
            new = draw.weighted([(4, draw.one(CONTROL)), (2, draw.one(self.encode(draw.one(HEADER_WORDS)))), (1, draw.below(199998)), (0.3, draw.one(UNKNOWN))])
            here = tokens[at:at + 1]
            tokens = {
                "lose": lambda: tokens[:at] + tokens[at + 1:],
                "double": lambda: tokens[:at] + here * 2 + tokens[at + 1:],
                "swap": lambda: tokens[:at] + tokens[at + 1:at + 2] + here + tokens[at + 2:],
                "replace": lambda: tokens[:at] + [new] + tokens[at + 1:],
                "insert": lambda: tokens[:at] + [new] + tokens[at:],
            }[change]()
        return tokens, role if draw.often(0.9) else draw.one([None, *ROLES])

    def headers(self):
        """One or two messages whose header is a random list of words, gaps and markers."""
        draw = self.draw
        role = draw.one([None, None, "assistant", "assistant", draw.one(ROLES)])
        out = [] if role else [START]
        for i in range(draw.between(1, 2)):
            if i:
                out.append(START)
            out += self.header_words() + [MESSAGE] + self.encode(self.texts.words(1, 3)) + [draw.one(STOPS)]
        return out, role

    def missing_message(self):
        """A header that is never closed, then its text, then a stop token, then a good message."""
        draw = self.draw
        role = draw.one([None, "assistant", "assistant", "tool"])
        out = [] if role else [START]
        out += self.header_words() + self.encode(draw.one(GAPS) + self.texts.any()) + [draw.one(STOPS)]
        out += [START, *self.encode("assistant"), CHANNEL, *self.encode("final"), MESSAGE, *self.encode("kept"), RETURN]
        return out, role

    def bad_bytes(self):
        """Content of tokens whose bytes are not valid UTF-8, or only become so together."""
        draw = self.draw
        body = []
        for _ in range(draw.between(1, 10)):
            body += draw.weighted([
                (4, lambda: [self.byte_tokens[draw.below(256)]]),
                (2, lambda: [self.byte_tokens[draw.between(0x80, 0xFF)] for _ in range(draw.between(1, 4))]),
                (2, lambda: [self.byte_tokens[b] for b in self.texts.code_point().encode()]),
                (1, lambda: [self.byte_tokens[b] for b in self.texts.code_point().encode()[:-1]]),
                (3, lambda: self.encode(self.texts.words(1, 2))),
                (2, lambda: [draw.below(199998)]),
                (1, lambda: draw.one([[9552], [9552, 9552], [132990, 9552]])),
            ])()
        out = [CHANNEL, *self.encode(draw.one(CHANNELS)), MESSAGE, *body]
        if draw.often(0.7):
            out += [draw.one(STOPS)]
            if draw.often(0.3):
                out += [START, *self.encode("assistant"), CHANNEL, *self.encode("final"), MESSAGE, *self.encode("next"), RETURN]
        return out, "assistant"

    def unknown_ids(self):
        """Good streams with ids outside the vocabulary."""
        tokens, role = self.completion()
        tokens = tokens[:60]
        for _ in range(self.draw.between(1, 3)):
            at = self.draw.between(0, len(tokens))
            tokens = tokens[:at] + [self.draw.one(UNKNOWN)] + tokens[at:]
        return tokens, role

    def specials_in_content(self):
        draw = self.draw
        out = [CHANNEL, *self.encode(draw.one(CHANNELS)), MESSAGE]
        for _ in range(draw.between(1, 6)):
            out += draw.one([[draw.one(CONTROL)], self.encode(self.texts.words(1, 2)), self.encode(draw.one(["<|end|>", "<|start|>", "assistant", "final"])),
                             [CHANNEL, *self.encode(draw.one(CHANNELS)), MESSAGE], [START, *self.encode("assistant")]])
        return out + ([draw.one(STOPS)] if draw.often(0.8) else []), "assistant"

    def noise(self):
        draw = self.draw
        words = [t for w in HEADER_WORDS for t in self.encode(w)]
        out = [draw.weighted([(5, draw.one(CONTROL)), (4, draw.one(words)), (1, draw.below(199998)), (0.1, draw.one(UNKNOWN))]) for _ in range(draw.between(0, 24))]
        return out, draw.one([None, "assistant", "assistant", draw.one(ROLES)])

    # Parts.

    def good_header(self, last):
        """(header tokens after the role, stop token) of a message the format allows."""
        draw = self.draw
        if not last:
            return [CHANNEL, *self.encode(draw.one(["analysis", "analysis", "commentary"]))], END
        if draw.often(0.5):
            return [CHANNEL, *self.encode("final")], RETURN
        tool = draw.one(TOOLS)
        kind = draw.one([[], self.encode(" json"), [*self.encode(" "), CONSTRAIN, *self.encode("json")], [CONSTRAIN, *self.encode("json")], self.encode(" code")])
        if draw.often(0.5):
            return [*self.encode(" to=" + tool), CHANNEL, *self.encode("commentary"), *kind], CALL
        return [CHANNEL, *self.encode("commentary to=" + tool), *kind], CALL

    def header_words(self):
        draw = self.draw
        out = []
        for _ in range(draw.between(0, 6)):
            out += draw.weighted([
                (6, lambda: self.encode(draw.one(GAPS) + draw.one(HEADER_WORDS))),
                (2, lambda: [CHANNEL, *self.encode(draw.one(CHANNELS))]),
                (1, lambda: [CONSTRAIN, *self.encode("json")]),
                (0.5, lambda: [draw.one(CONTROL)]),
                (0.3, lambda: self.encode(draw.one(GAPS))),
            ])()
        return [t for t in out if t != MESSAGE]


def draw_one(streams, methods):
    return streams.draw.one(methods)()
