"""Synthetic Harmony transcripts. What the assistant says is a function of the prompt, so that an exact match means something."""
import datetime
import json
import random
import sys

import numpy as np

from tools import *
from words import *

INSTRUCTIONS = ["You are a helpful assistant.", "Be brief.", "Use the tools when they fit.", "Answer politely.", "Help the user.", "You are a demo assistant. Use tools.",
                "Answer in one sentence.", "Be concise and friendly."]
GREET = ["Hello", "Hi", "Hi there!", "Hello!", "Hey", "Good morning", "Good evening!", "Hello there.", "Hi, how are you?", "How are you?", "hello", "hi"]
THANKS = ["Thanks!", "Thank you.", "Thank you very much", "Thanks a lot", "Great, thanks!", "thanks", "Thank you!", "Cool, thank you"]
WHO = ["Who are you?", "What are you?", "What is your name?", "Are you a real model?", "Introduce yourself.", "who are you", "Who am I talking to?", "Are you ChatGPT?",
       "What model are you?", "Are you gpt-oss?", "Which model is this?", "Tell me about yourself.", "who made you?"]
CAN = ["What can you do?", "What tools do you have?", "Which tools can you call?", "List your tools.", "Help", "Show your tools", "What are your tools?", "what can you do",
       "Which tools are there?", "How can you help me?", "help", "What can I ask you?"]
DATE = ["What is the date?", "What day is it today?", "What is today's date?", "Which date is it?", "Tell me the date today.", "What day is it?", "What's the date today?"]
ECHO = ["Repeat: {v}", "Say {v}", "Repeat after me: {v}", "Echo {v}", "Please say {v}", 'Say "{v}"', 'Repeat "{v}".', "Please repeat: {v}"]
NAME = ["My name is {v}.", "I am {v}", "Hi, I'm {v}!", "Hello, my name is {v}", "Call me {v}.", "I'm {v}."]
OPEN = """Why is the sky blue?|Tell me a joke.|Write a poem.|Write a poem about love.|What is the meaning of life?|How do I cook rice?|Who won the world cup?|Can you write code?|
What is Go?|How does a computer work?|Who is the president?|Explain quantum physics.|What should I eat today?|Sing a song.|Do you like music?|Tell me a story.|How do airplanes fly?|
Write a haiku.|What is love?|Is there life on Mars?|What do you think?|How old are you?|Where do you live?|Write a function in Go.|Translate hello to French.|Who wrote Hamlet?|
How far is the moon?|What is the capital of France?|Why do cats purr?|Recommend a book.|Can you help me with my homework?|Summarize this text.|What happened in 1969?|Play a game with me.|
Are you alive?|What is machine learning?|How do I learn to program?|What is the best movie?|Give me advice.|I am bored.|I am sad.|Let us talk.|What is Harmony?|Who are your friends?|
How many people live on earth?|What is the speed of light?|Why?|How?|What?|Really?|ok|Yes|No|Make me laugh|Tell me something interesting.|What is your favorite color?""".replace("\n", "").split("|")
WHOAMI = "I am a small demonstration model with the gpt-oss architecture, trained on synthetic transcripts. I can call tools and report their results."
HELLO = "Hello! I am a small demonstration model. Ask me something that my tools can do."
UNKNOWN = "I am only a small demonstration model: I know nothing but what my tools return, and none of them fits."
SYLLABLES = "ba ko ri ta lu mo ne shi gra del vor zan pe qui sto wen ya fi hul or".split()


def and_list(items):
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def plain(v):
    return v if isinstance(v, str) else dumps(v)


# ---- rendering, the same as the encoding's with the profile that writes the channel first (eval/prompt_test.go compares)

def developer_text(c):
    parts = []
    if c["instructions"]:
        parts.append("# Instructions\n\n" + c["instructions"])
    if c["tools"]:
        lines = ["# Tools\n", "## functions\n", "namespace functions {\n"]
        for t in c["tools"]:
            lines.append("// " + t["desc"])
            if not t["params"]:
                lines.append("type %s = () => any;\n" % t["name"])
                continue
            lines.append("type %s = (_: {" % t["name"])
            for p in t["params"]:
                if p["comment"]:
                    if p["comment"].startswith("default: "):
                        raise ValueError("a comment that reads like a default")
                    lines.append("// " + p["comment"])
                kind = " | ".join('"%s"' % e for e in p["enum"]) if p["kind"] == "enum" else p["kind"]
                lines.append("%s%s: %s," % (p["name"], "" if p["required"] else "?", kind))
            lines.append("}) => any;\n")
        parts.append("\n".join(lines + ["} // namespace functions"]))
    return "\n\n".join(parts)


def system_text(c):
    s = "You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06\n"
    if c["date"]:
        s += "Current date: " + c["date"] + "\n"
    s += "\nReasoning: " + c["effort"] + "\n\n# Valid channels: analysis, commentary, final. Channel must be included for every message."
    if c["tools"]:
        s += "\nCalls to these tools must go to the commentary channel: 'functions'."
    return s


def message(header, text, stop=END):
    return [START] + encode(header) + [MESSAGE] + encode(text) + [stop]


def prefix(c):
    t = message("system", system_text(c))
    d = developer_text(c)
    return t + message("developer", d) if d else t


# A branch is a list of (tokens, whether the model learns to write them).

def user(text):
    return [(message("user", text), 0)]


ASSISTANT = [START] + encode("assistant")


def analysis(text):
    return [(ASSISTANT, 0), ([CHANNEL] + encode("analysis") + [MESSAGE] + encode(text) + [END], 1)]


def final(text, history):
    return [(ASSISTANT, 0), ([CHANNEL] + encode("final") + [MESSAGE] + encode(text) + [END if history else RETURN], int(not history))]


def call(name, args, history):
    head = [CHANNEL] + encode("commentary to=functions." + name) + encode(" ") + [CONSTRAIN] + encode("json") + [MESSAGE]
    return [(ASSISTANT, 0), (head + encode(args) + [CALL], int(not history))]


def result(name, text):
    return [([START] + encode("functions." + name + " to=assistant") + [CHANNEL] + encode("commentary") + [MESSAGE] + encode(text) + [END], 0)]


def flatten(segments):
    """Tokens and which are learnt. The assistant's header behind its own reasoning is learnt too: there the model has to go on by itself."""
    tokens, learn = [], []
    after = False
    for t, l in segments:
        if t is ASSISTANT and after:
            l = 1
        tokens += t
        learn += [l] * len(t)
        after = bool(l) and t[-1] == END
    return tokens, learn


class Generator:
    def __init__(self, seed, split="train"):
        self.r = random.Random(seed)
        self.split = split
        self.low, self.cap = TRAIN if split == "train" else TEST

    # -- words and values
    def noun(self):
        r = self.r
        n = r.choice(self.low)
        return n + " " + r.choice(self.low) if r.random() < .12 else n

    def value(self):
        r, x = self.r, self.r.random()
        if self.split == "train" and x < .12:
            return r.choice(CITIES)
        if x < .55:
            return r.choice(self.cap)
        if x < .66:
            return r.choice(self.cap) + " " + r.choice(self.cap)
        if x < .76:
            return r.choice(self.low)
        if x < .80:
            return r.choice(self.low) + " " + r.choice(self.low)
        if x < .88 and self.split == "train":
            return "".join(r.choice(SYLLABLES) for _ in range(r.randint(2, 4))).capitalize()
        if x < .93:
            return r.choice(self.cap).upper()[:r.randint(3, 5)]
        if x < .97:
            return r.choice(self.low) + str(r.randint(1, 999))
        return str(r.randint(1, 99999))

    def number(self):
        r = self.r
        return r.choice([r.randint(1, 10), r.randint(1, 100), r.randint(1, 9999), r.randint(1, 30)])

    def quantity(self):
        r = self.r
        return r.choice([r.randint(1, 20), r.randint(1, 200), r.randint(1, 9999), round(r.uniform(0, 100), 1), r.choice([10, 100, 1000, 50, 5, 26.2, 1.5])])

    def city(self):
        return self.r.choice(CITIES) if self.split == "train" and self.r.random() < .5 else self.value()

    def json_value(self):
        r, x = self.r, self.r.random()
        if x < .40:
            return r.choice([r.randint(-20, 50), r.randint(0, 999), r.randint(1000, 999999)])
        if x < .55:
            return round(r.uniform(0, 200), r.choice([1, 2]))
        if x < .60:
            return r.choice([True, False])
        if x < .78:
            return r.choice(self.low)
        if x < .86:
            return r.choice(self.low) + " " + r.choice(self.low)
        return self.value()

    # -- tools
    def tool(self, used):
        r = self.r
        while True:
            n = self.noun()
            if not set(n.split()) & used:
                break
        used |= set(n.split())
        u, x = n.replace(" ", "_"), r.random()
        if self.split == "train":
            x **= .7  # names that begin with the noun or are in camel case are harder, and come more often
        if x < .66:
            name = r.choice(VERBS) + "_" + u
        elif x < .76:
            name = r.choice(VERBS) + "_" + u + r.choice(["_info", "_report", "_data", "_status"])
        elif x < .86:
            name = r.choice(VERBS) + "_" + r.choice(ADJECTIVES) + "_" + u
        elif x < .93:
            name = u + r.choice(["_info", "_lookup", "_search", "_report", ""])
        else:
            name = r.choice(VERBS) + "".join(w.capitalize() for w in n.split())
        params, seen = [], set()

        def add(name, *a, **k):
            if name not in seen:
                seen.add(name)
                params.append(param(name, *a, **k))
        if r.random() > .07:
            p = r.choice(PARAMETERS) if r.random() < .5 else r.choice(self.low)
            add(p + "_" + r.choice(["name", "id", "code"]) if r.random() < .1 else p)
            for _ in range(r.choices([0, 1, 2], [.40, .40, .20])[0]):
                y = r.random()
                if y < .40:
                    e = r.choice(ENUMS) if r.random() < .4 else tuple(r.sample(self.low, r.choice([2, 2, 3])))
                    add(r.choice(OPTIONS) if r.random() < .6 else r.choice(self.low), "enum", e, False)
                elif y < .72:
                    add(r.choice(NUMBERS) if r.random() < .6 else r.choice(self.low), "number", None, r.random() < .5)
                else:
                    add(r.choice(["language", "owner", "group", "category"]) if r.random() < .4 else r.choice(self.low), "string", None, r.random() < .5)
        for q in params:
            if r.random() < .12:
                q["comment"] = r.choice(["The " + q["name"].replace("_", " "), "Name of the " + q["name"].replace("_", " "), "Such as " + r.choice(self.low)])
        p = params[0]["name"].replace("_", " ") if params else "user"
        d = r.choice(["Gets the {n}.", "Returns the {n} for a {p}.", "Finds {n} by {p}.", "{n} service.", "Look up the {n}.", "Get {n} data."]).format(n=n, p=p)
        return dict(kind="noun", name=name, desc=d[0].upper() + d[1:], params=params, noun=n)

    def context(self, count=None):
        r, c = self.r, {}
        c["effort"] = r.choice(["low", "medium", "high"])
        c["date"] = None if r.random() < .1 else (datetime.date(2024, 1, 1) + datetime.timedelta(days=r.randint(0, 1800))).isoformat()
        c["instructions"] = r.choice(INSTRUCTIONS) if r.random() < .25 else None
        tools, used, x = [], set(), r.random()
        if count is None and x < .22:
            tools = defaults()
            if r.random() < .45:
                tools = r.sample(tools, r.randint(1, 4))
            if len(tools) < 4 and r.random() < .3:
                tools.append(self.tool(used))
                r.shuffle(tools)
        else:
            n = count or r.choices([0, 1, 2, 3, 4, 5], [.03, .12, .20, .29, .32, .04])[0]
            kinds = ["clock", "calc", "convert", "weather"]
            r.shuffle(kinds)
            for _ in range(n):
                t = variant(r, kinds.pop()) if kinds and r.random() < .17 else self.tool(used)
                tools.append(t)
        c["tools"], c["used"] = tools, used
        return c

    def values(self, t):
        """A user's words for a call of t, its arguments, and the noun that reasoning names."""
        r, k = self.r, t["kind"]
        names = [p["name"] for p in t["params"]]
        if k == "calc":
            said, v = spoken(r) if r.random() < .12 else (None, expression(r))
            return r.choice(CALCULATE).format(v=said or v), {names[0]: v}
        if k == "convert":
            x = self.quantity()
            a, b = r.choice(UNITS) if r.random() < .75 else (r.choice(self.low), r.choice(self.low))
            return r.choice(CONVERT).format(x=x, a=a, b=b), {names[0]: x, names[1]: a, names[2]: b}
        if k == "clock":
            if not names or r.random() < .35:
                return r.choice(CLOCK_HERE), {}
            v = r.choice(ZONES) if r.random() < .08 else self.city()
            return r.choice(CLOCK).format(v=v), {names[0]: v}
        if not names:
            return r.choice(NONE).format(N=t["noun"]), {}
        v = self.city() if k == "weather" else self.value()
        text = r.choice(WEATHER) if k == "weather" else r.choice(ONE).replace("{N}", t["noun"])
        args, tail = {names[0]: v}, ""
        for p in t["params"][1:]:
            if not p["required"] and r.random() > .55:
                continue
            if p["kind"] == "enum":
                x = r.choice(p["enum"])
            elif p["kind"] == "number":
                x = self.number()
            else:
                x = self.value()
            tail += r.choice(TAILS[p["kind"]]).format(p=p["name"].replace("_", " ") if r.random() < .5 else p["name"], x=x)
            args[p["name"]] = x
        if tail and text[-1] in "?.!":
            text = text[:-1] + tail + text[-1]
        else:
            text += tail
        return text.replace("{v}", '"' + v + '"' if r.random() < .08 and k != "weather" else v), args

    def result(self, t, args):
        """What the tool returns, as text and as the sentence that reports it, and the keys of it."""
        r, k, v = self.r, t["kind"], plain(next(iter(args.values()))) if args else None
        spaced = (", ", ": ") if r.random() < .15 else (",", ":")
        x = r.random()
        if x < .08:
            if r.random() < .5:
                e = r.choice(["not found", "timeout", "no such " + self.noun(), r.choice(self.low), r.choice(self.low) + " " + r.choice(self.low)])
            else:
                e = r.choice(["there is no sample data for %s; expected a large city such as Lisbon", "unknown time zone %s; expected a city such as Tokyo",
                              "division by zero, at character 3 of the expression", "unknown unit %s; expected a unit such as km", "no %s of that name",
                              "%s is not a " + r.choice(self.low), "expected a number, found %s", "the tool has ended without a result", "cannot read %s"])
                if "%s" in e:
                    e = e % (self.value() if v is None or r.random() < .3 else v)
            return json.dumps({"error": e}, ensure_ascii=False, separators=spaced), 'The tool failed: "%s"' % e, ["error"]
        if x < .11 and k == "noun":
            s = " ".join(self.value() for _ in range(r.randint(1, 4)))
            return s, 'The tool says: "%s"' % s, ["text"]
        if k == "calc":
            res = {"result": r.choice([r.randint(-99, 9999), r.randint(0, 999999), round(r.uniform(0, 999), r.choice([1, 2, 6])), r.random()])}
            if isinstance(res["result"], float) and r.random() < .5:
                res["approximate"] = True
            text = "%s %s **%s**" % (v, "≈" if len(res) > 1 else "=", plain(res["result"]))
        elif k == "convert":
            a, b = list(args.values())[1:]
            res = {"result": r.choice([r.randint(0, 9999), round(r.uniform(0, 999), r.choice([1, 2, 3, 6])), round(r.random(), 8)]),
                   "unit": SYMBOLS.get(b, b) if r.random() < .8 else r.choice(self.low)}
            if r.random() < .4:
                res["approximate"] = True
            text = "%s %s %s **%s %s**" % (v, a, "≈" if len(res) > 2 else "=", plain(res["result"]), res["unit"])
        elif k == "clock" and r.random() < .85:
            zone = r.choice(ZONES + ["CET", "UTC", "PST", "CEST", "EST", "Europe/" + self.city().replace(" ", "_"), "Asia/" + self.city().replace(" ", "_")])
            d = datetime.date(2024, 1, 1) + datetime.timedelta(days=r.randint(0, 1800))
            res = {"time": "%02d:%02d" % (r.randint(0, 23), r.randint(0, 59)), "date": d.isoformat(), "weekday": d.strftime("%A"), "timezone": zone}
            text = "It is **%s** on %s, %s (%s)." % (res["time"], res["weekday"], res["date"], zone)
        elif k == "weather" and r.random() < .75:
            res = {"temperature": r.randint(-25, 110), "condition": r.choice(CONDITIONS) if r.random() < .7 else r.choice(self.low)}
            if r.random() < .8:
                res["source"] = "sample data"
            unit = "°F" if "fahrenheit" in args.values() else "°C"
            text = "It is **%d %s** and **%s** in %s" % (res["temperature"], unit, res["condition"], v) + (" (sample data)." if len(res) > 2 else ".")
        else:
            res = {}
            for _ in range(r.choices([1, 2, 3], [.4, .4, .2])[0]):
                key = r.choice(KEYS) if r.random() < .3 else r.choice(self.low)
                if r.random() < .15 and not res and t["noun"].isalpha():
                    key = t["noun"]
                res[key] = self.json_value()
            items = ["%s is **%s**" % (a, plain(b)) for a, b in res.items()]
            if v is not None:
                a, b = next(iter(res.items()))
                items[0] = "%s for %s is **%s**" % (a, v, plain(b))
            text = "The " + and_list(["the " + s if i else s for i, s in enumerate(items)]) + "."
        return json.dumps(res, ensure_ascii=False, separators=spaced), text, list(res)

    # -- turns: segments, and what an evaluation needs to know
    def case_noise(self, text):
        r = self.r
        if r.random() < .15:
            text = text[0].lower() + text[1:]
        elif text[0].islower() and r.random() < .3:
            text = text[0].upper() + text[1:]
        if r.random() < .12 and text[-1] in ".?!":
            text = text[:-1]
        return text

    def tool_turn(self, c, t, history=False, again=None):
        r, noun = self.r, t["noun"]
        if again:  # "and in Oslo?" after a call of the same tool
            v = self.city() if t["kind"] in ("weather", "clock") else self.value()
            text, args = r.choice(["And {v}?", "And in {v}?", "What about {v}?", "How about {v}?", "and {v}", "And for {v}?", "And of {v}?", "{v}?", "now {v}", "What about in {v}?"]).format(v=v), {again: v}
        else:
            text, args = self.values(t)
            text = self.case_noise(text)
        missing = None
        if not again and not history and t["kind"] in ("noun", "weather") and args and t["params"][0]["required"] and r.random() < .03:
            missing, args = t["params"][0]["name"], {}
            text = r.choice(NONE).format(N="weather" if t["kind"] == "weather" else noun)
        names = [x["name"] for x in c["tools"]]
        json_args = dumps(args)
        plan = "For %s use functions.%s{%s}\n" % (noun, t["name"], ",".join('"%s"' % p["name"] for p in t["params"]))
        plan += 'but "%s" is missing' % missing if missing else json_args
        if c["effort"] == "medium":
            plan = "The user wants %s. " % noun + plan
        elif c["effort"] == "high":
            plan = "The user wants %s. My tools are %s. " % (noun, and_list(names)) + plan
            plan += ", so I ask for it." if missing else "\nNow call functions.%s." % t["name"]
        s = user(text)
        if not history:
            s += analysis(plan)
        if missing:
            reply = "Please tell me the %s." % missing.replace("_", " ")
            return s + final(reply, history), dict(ability="missing", user=text, final=reply)
        out, reply, keys = self.result(t, args)
        s += call(t["name"], json_args, history) + result(t["name"], out)
        if c["effort"] == "high" and not history:
            s += analysis("The tool returned %s. Now answer." % and_list(keys))
        s += final(reply, history)
        return s, dict(ability="call", kind=t["kind"], tool=t["name"], args=args, user=text, result=out, final=reply)

    def chat_turn(self, c, history=False):
        r, names = self.r, [t["name"] for t in c["tools"]]
        kinds = {t["kind"] for t in c["tools"]}
        x = r.random()
        why = None
        if x < .34:
            ability = "no tool"
            y = r.random()
            special = [k for k in ("weather", "clock", "calc", "convert") if k not in kinds]
            if y < .30 and special:
                k = r.choice(special)
                n, text = {"weather": ("the weather", r.choice(WEATHER).format(v=self.city())), "clock": ("the time", r.choice(CLOCK).format(v=self.city())),
                           "calc": ("a calculation", r.choice(CALCULATE).format(v=expression(r))),
                           "convert": ("a conversion", r.choice(CONVERT).format(x=self.quantity(), **dict(zip("ab", r.choice(UNITS)))))}[k]
            else:
                while True:
                    n = self.noun()
                    if not set(n.split()) & c["used"]:
                        break
                text = (r.choice(ONE).replace("{v}", self.value()) if r.random() < .6 else r.choice(ABOUT)).replace("{N}", n)
            text = self.case_noise(text)
            reply = "I have no tool for %s, and I am only a small demonstration model." % n
            why = {"low": "For %s use no tool" % n, "medium": "The user wants %s. For %s use no tool" % (n, n),
                   "high": "The user wants %s. %s For %s use no tool and I say so." % (n, "My tools are %s." % and_list(names) if names else "I have no tools.", n)}
        elif x < .48:
            ability, text, reply, w = "open", r.choice(OPEN), UNKNOWN, "something that no tool can do"
        elif x < .56:
            ability, text, reply, w = "greet", r.choice(GREET), HELLO, "to greet me"
        elif x < .61:
            ability, text, reply, w = "greet", r.choice(THANKS), "You are welcome!", "to thank me"
        elif x < .69:
            ability, text, reply, w = "who", r.choice(WHO), WHOAMI, "to know who I am"
        elif x < .79:
            ability, text, reply, w = "tools", r.choice(CAN), "I can call %s." % and_list(names) if names else "I have no tools, but I can repeat what you say.", "to know my tools"
        elif x < .84 and "clock" not in kinds:
            ability, text, reply, w = "date", r.choice(DATE), "Today is %s." % c["date"] if c["date"] else "I do not know the date.", "the date"
        elif x < .94:
            v = " ".join([self.value()] + [r.choice(self.low + self.cap) for _ in range(r.choice([0, 1, 2, 3]))])
            ability, text, reply, w = "repeat", r.choice(ECHO).format(v=v), v, "me to repeat"
        else:
            v = self.value()
            ability, text, reply, w = "name", r.choice(NAME).format(v=v), "Nice to meet you, %s!" % v, "to say a name"
        why = why or {"low": "No tool is needed", "medium": "The user wants %s. No tool is needed" % w,
                      "high": "The user wants %s. No tool is needed here, so I answer in the final channel." % w}
        s = user(text)
        if not history:
            s += analysis(why[c["effort"]])
        return s + final(reply, history), dict(ability=ability, user=text, final=reply)

    def turn(self, c, history=False):
        if c["tools"] and self.r.random() < .74:
            return self.tool_turn(c, self.r.choice(c["tools"]), history)
        return self.chat_turn(c, history)

    def branch(self, c):
        """A conversation: perhaps finished turns, and one that is learnt."""
        r, s = self.r, []
        again = [t for t in c["tools"] if t["params"] and t["kind"] in ("noun", "weather", "clock")]
        if again and r.random() < .09:
            t = r.choice(again)
            h, i = self.tool_turn(c, t, True)
            if i["args"]:
                a, i2 = self.tool_turn(c, t, again=t["params"][0]["name"])
                return h + a, dict(i2, history=[i])
        past = []
        for _ in range(r.choices([0, 1, 2], [.66, .24, .10])[0]):
            h, i = self.turn(c, True)
            s += h
            past.append(i)
        a, i = self.turn(c)
        return s + a, dict(i, history=past)


def pack(g, length, most=16):
    """One prefix and as many branches as there is room for: tokens, learnt, positions, branch of each token."""
    c = g.context()
    p = prefix(c)
    rows = [list(p), [0] * len(p), list(range(len(p))), [0] * len(p)]
    n = 0
    for b in range(1, most + 1):
        t, l = flatten(g.branch(c)[0])
        if len(rows[0]) + len(t) > length:
            break
        for row, more in zip(rows, (t, l, range(len(p), len(p) + len(t)), [b] * len(t))):
            row += more
        n += 1
    return rows, n


def build(count, seed, split, length, path):
    g, out, branches, learnt = Generator(seed, split), [], 0, 0
    while len(out) < count:
        rows, n = pack(g, length)
        if n:
            out.append(rows)
            branches += n
            learnt += sum(rows[1])
    columns = [np.concatenate([np.asarray(o[i]) for o in out]) for i in range(4)]
    np.savez(path, offset=np.cumsum([0] + [len(o[0]) for o in out]), token=columns[0].astype(np.int32), learnt=columns[1].astype(np.int8),
             position=columns[2].astype(np.int16), branch=columns[3].astype(np.int8))
    print(split, "rows", count, "tokens", len(columns[0]), "branches", branches, "learnt", learnt, "prefix", round(float((columns[3] == 0).sum()) / count))


if __name__ == "__main__":
    if sys.argv[1] == "show":
        g = Generator(int(sys.argv[2]), sys.argv[3])
        for _ in range(3):
            c = g.context()
            show = lambda t: b"".join(BYTES.get(x, b"<%d>" % x) for x in t).decode(errors="replace")
            print(show(prefix(c)))
            for _ in range(3):
                print("   ==", show(flatten(g.branch(c)[0])[0]))
    else:
        build(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
