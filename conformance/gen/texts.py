"""Random texts: what a tokenizer and a stream meet, and what breaks them."""

import json
import pathlib

CLASSES_FILE = pathlib.Path(__file__).parent.parent / "testdata" / "vectors" / "unicode_classes.json"

# A few words of many scripts, cased and uncased, with and without marks.
WORDS = (
    "the quick Brown fox doesn't HELLO iPhone v2 JSONParser snake_case e-mail 1st x86_64 naïve cafe\u0301 STRASSE "
    "größer Ærø ĲSSEL ǅungla Привет МОСКВА съешь ещё Ελληνικά ΟΔΟΣ ὀδός עברית שָׁלוֹם العربية مَرْحَبًا فارسی हिन्दी नमस्ते "
    "বাংলা ਪੰਜਾਬੀ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ไทย ภาษา ລາວ བོད་ མြန်မာ ქართული ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ አማርኛ ខ្មែរ 中文 你好世界 日本語 "
    "ひらがな カタカナ ｶﾀｶﾅ 한국어 ᄒᆞᆫ Tiếng Việt ꦗꦮ ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ 𝒜𝓁𝓅𝒽𝒶 𝟙𝟚𝟛 ⅷ ½ ٣٤ १२ ²³ 𐐨𐐩 🙂 👩‍👩‍👧 🇩🇪 ☃️ ™ é Ω K ſtill"
).split()

PUNCTUATION = list("!?.,;:-_/\\|()[]{}<>@#$%^&*+=~`\"'") + ["…", "—", "“", "”", "‘", "’", "«", "»", "。", "、", "¿", "\u200b", "\ufeff"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\r", "\u000b", "\u000c", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028",
          "\u2029", "\u202f", "\u205f", "\u3000", "\u001c", "\u001f", "\u180e", "\u2060"]
SUFFIXES = ["'s", "'S", "'t", "'re", "'RE", "'Re", "'ve", "'m", "'M", "'ll", "'LL", "'d", "'D", "'\u017f", "'x", "''s", "’s", "'", "'rE", "'l", "'v"]
MARKERS = ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>", "<|endoftext|>",
           "<|startoftext|>", "<|reserved_200014|>", "<|reserved_201087|>", "<|reserved_201088|>", "<|reserved_200000|>"]
NO_MARKERS = ["<|endofprompt|>", "<|end|", "<end|>", "<|END|>", "<| end |>", "<|end |>", "|>", "<|", "<|reserved_201089|>", "<|<|end|>", "<|im_start|>",
              "<|reserved_1|>", "<｜end｜>"]

CODE = [
    "func (p *Parser) Push(tok Token) ([]Event, error) {\n\treturn nil, nil\n}\n",
    "def f(x: int = 3) -> str:\n    return f\"{x!r}\"  # done\n",
    "SELECT a.id, COUNT(*) FROM t AS a WHERE b <> 'x''y' GROUP BY 1;\n",
    "<p class=\"a-b\">x &amp; y</p>\n<!-- z -->\n",
    "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", 1<<3); }\n",
    "let v: Vec<&'static str> = vec![\"a\", \"b\"];\r\n",
    "for i in $(seq 1 10); do echo \"$i\" >> /tmp/x.log; done\n",
    "x = {'k': [1, 2.5, -3e-7], \"n\": None}\n",
]


class Texts:
    """Draws texts. vocabulary(i) gives the bytes of ordinary token i."""

    def __init__(self, draw, vocabulary):
        self.draw = draw
        self.vocabulary = vocabulary
        with open(CLASSES_FILE, encoding="utf-8") as file:
            self.classes = {k: v for k, v in json.load(file).items() if isinstance(v, list)}
        self.names = sorted(self.classes)

    def code_point(self):
        """One character of a random Unicode class, half the time at the edge of one of its ranges."""
        draw = self.draw
        low, high = draw.one(self.classes[draw.one(self.names)])
        at = draw.one([low, high, high + 1, low - 1]) if draw.often(0.5) else draw.between(low, high)
        if not 0 <= at <= 0x10FFFF or 0xD800 <= at <= 0xDFFF:
            at = 0x41
        return chr(at)

    def class_mix(self):
        return "".join(self.draw.one([self.code_point, self.ascii, lambda: self.draw.one(SPACES)])() for _ in range(self.draw.between(1, 24)))

    def ascii(self):
        return chr(self.draw.between(0x20, 0x7E))

    def random(self):
        out = []
        for _ in range(self.draw.between(1, 16)):
            at = self.draw.below(0x110000)
            out.append(chr(at) if not 0xD800 <= at <= 0xDFFF else "\ue000")
        return "".join(out)

    def words(self, low=1, high=14):
        draw = self.draw
        out = []
        for word in draw.some(WORDS, low, high):
            out.append(draw.weighted([(6, " "), (2, ""), (1, draw.one(SPACES)), (1, draw.one(PUNCTUATION))]))
            out.append(draw.weighted([(6, word), (1, word.upper()), (1, word.lower()), (1, word + draw.one(SUFFIXES))]))
        return "".join(out)

    def contractions(self):
        draw = self.draw
        return "".join(draw.one(["it", "IT", "I", " we", "中", "1", " ", "a\u0301", self.code_point()]) + draw.one(SUFFIXES) for _ in range(draw.between(1, 6)))

    def run(self):
        """One short text repeated: merges and lookaheads at their limits."""
        draw = self.draw
        unit = draw.weighted([(3, draw.one(" \n\taAé中1!'-=.\u00a0")), (1, draw.one(WORDS)), (1, draw.one(SPACES)), (1, draw.one(PUNCTUATION)), (1, self.code_point())])
        count = draw.weighted([(4, draw.between(2, 20)), (3, draw.one([31, 32, 33, 63, 64, 65, 79, 80, 81, 127, 128, 129])), (1, draw.between(200, 900))])
        return draw.one(["", "", "x", " ", "\n", "1"]) + unit * count + draw.one(["", "", "x", " ", "\n", "1", " y"])

    def spaces(self):
        draw = self.draw
        return "".join(draw.one([draw.one(SPACES), draw.one(SPACES), draw.one("aé1中!'")]) for _ in range(draw.between(1, 12)))

    def special(self):
        draw = self.draw
        pieces = [draw.one([draw.one(MARKERS), draw.one(NO_MARKERS), draw.one(WORDS), draw.one(SPACES), " "]) for _ in range(draw.between(1, 10))]
        return "".join(pieces)

    def vocabulary_pieces(self):
        """Vocabulary entries glued together: most do not come back as they were."""
        out = b"".join(self.vocabulary(self.draw.below(199998)) for _ in range(self.draw.between(1, 12)))
        return out.decode("utf-8", "ignore") or "x"

    def json_text(self):
        draw = self.draw
        value = {draw.one(WORDS): draw.one([1, -2.5, None, True, self.words(1, 3), [1, 2, {"a": "b"}], {}]) for _ in range(draw.between(1, 5))}
        return json.dumps(value, ensure_ascii=draw.often(0.3), indent=draw.one([None, 1, 2, 4, "\t"]))

    def code(self):
        draw = self.draw
        text = "".join(draw.some(CODE, 1, 3))
        start = draw.below(max(1, len(text) // 2))
        return text[start:] if draw.often(0.3) else text

    def numbers(self):
        draw = self.draw
        return draw.one(["", " ", "$", "-"]) + draw.one(["", ".", ",", " "]).join(str(draw.below(10 ** draw.between(1, 7))) for _ in range(draw.between(1, 8)))

    def any(self):
        """A text of any sort that is ordinary to read (for message contents)."""
        return self.draw.weighted([(6, self.words), (2, self.json_text), (2, self.code), (1, self.class_mix), (1, self.special), (1, self.numbers), (1, self.spaces)])()
