"""Random JSON Schemas: what tools carry in practice, and what the reference's TypeScript writer has a rule for."""

from jsontext import Pairs, Raw

TYPES = ["string", "string", "number", "integer", "boolean", "array", "object", "null", "weird"]
KEYS = ["a", "b", "query", "max_results", "nullField", "key with space", "ключ", "x-y", "type", "enum", "default", "$ref", "quo\"te", "new\nline"]
TEXTS = ["short", "Two words.", "", "a // b", "with \"quotes\"", "line one\nline two", "null", "trailing\n", "中文 描述", "*/ };", "tab\there", "<|end|>", "  padded  ", "\r\ncrlf\r\n"]
NUMBERS = ["0", "-0", "1", "-1", "7", "1.5", "1.0", "-2.50", "0.1", "1e3", "1E5", "1e15", "1e16", "1e-6", "1e-7", "123456789.12345679", "1.2345678901234567e+25",
           "123456789012345680000", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1e-400", "0.000001", "100000.0",
           "3.141592653589793", "2.2250738585072014e-308", "1.7976931348623157e308", "5e-324", "9007199254740993", "0.30000000000000004"]


class Schemas:
    def __init__(self, draw):
        self.draw = draw

    def value(self, depth=2):
        """Any JSON value."""
        draw = self.draw
        if depth > 0 and draw.often(0.3):
            if draw.often(0.5):
                return [self.value(depth - 1) for _ in range(draw.between(0, 3))]
            return Pairs((draw.one(KEYS), self.value(depth - 1)) for _ in range(draw.between(0, 3)))
        return draw.one([draw.one(TEXTS), Raw(self.number()), draw.one([True, False, None])])

    def number(self):
        draw = self.draw
        if draw.often(0.6):
            return draw.one(NUMBERS)
        digits = "".join(str(draw.below(10)) for _ in range(draw.between(1, 22))).lstrip("0") or "0"
        out = draw.one(["", "-"]) + digits
        if draw.often(0.5):
            out += "." + "".join(str(draw.below(10)) for _ in range(draw.between(1, 20)))
        if draw.often(0.3):
            out += draw.one("eE") + draw.one(["", "+", "-"]) + str(draw.below(300))
        return out

    def schema(self, depth=3):
        """A schema object (sometimes another JSON value: the reference takes any)."""
        draw = self.draw
        if draw.often(0.02):
            return self.value(1)
        out = Pairs()
        kind = draw.weighted([(8, draw.one(TYPES)), (1, [draw.one(TYPES) for _ in range(draw.between(0, 3))]), (2, None)])
        if kind is not None:
            out.append(("type", kind))
        if kind == "object" or draw.often(0.1):
            self.add_object(out, depth)
        if (kind == "array" or draw.often(0.05)) and depth > 0 and draw.often(0.85):
            out.append(("items", self.schema(depth - 1)))
        if draw.often(0.2):
            out.append(("enum", [draw.one(TEXTS) if draw.often(0.8) else self.value(0) for _ in range(draw.between(0, 4))]))
        self.add_notes(out)
        if depth > 0 and draw.often(0.15):
            out.append(("oneOf", [self.schema(depth - 1) for _ in range(draw.between(0, 3))] if draw.often(0.9) else None))
        if draw.often(0.1):
            out.append((draw.one(["anyOf", "allOf", "not", "const", "$ref", "additionalProperties", "minimum", "pattern", "format", "$defs"]), self.value(1)))
        return Pairs(draw.shuffled(out)) if draw.often(0.3) else out

    def add_object(self, out, depth):
        draw = self.draw
        if depth <= 0:
            return
        keys = draw.some(KEYS, 0, 4)
        out.append(("properties", Pairs((k, self.schema(depth - 1)) for k in keys)))
        if draw.often(0.5):
            out.append(("required", [k for k in keys if draw.often(0.5)] if draw.often(0.95) else self.value(1)))

    def add_notes(self, out):
        draw = self.draw
        for key, chance in (("title", 0.1), ("description", 0.4)):
            if draw.often(chance):
                out.append((key, draw.one(TEXTS)))
        if draw.often(0.15):
            out.append(("nullable", draw.one([True, True, False, "yes"])))
        if draw.often(0.25):
            out.append(("default", self.value()))
        if draw.often(0.1):
            out.append(("examples", [self.value(0) for _ in range(draw.between(0, 3))]))
