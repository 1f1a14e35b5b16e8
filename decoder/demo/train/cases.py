"""Writes the cases of the evaluation: words, names and values that no transcript of the training has. See README.md."""
import json
import sys

import numpy as np

import gen
from gen import Generator
from tools import defaults, dumps, schema
from words import TEST, encode

# Prompts for the command's own tools, in other words than those of the training's templates, and with cities that it does not list.
DEFAULT = [
    ("What's the weather in Lisbon?", "get_weather", {"city": "Lisbon"}),
    ("How's the weather looking in Bergen today?", "get_weather", {"city": "Bergen"}),
    ("weather in Ghent please", "get_weather", {"city": "Ghent"}),
    ("How warm is it in Oslo in fahrenheit?", "get_weather", {"city": "Oslo", "unit": "fahrenheit"}),
    ("What is the weather in Santiago in celsius?", "get_weather", {"city": "Santiago", "unit": "celsius"}),
    ("Is it cold in Winnipeg?", "get_weather", {"city": "Winnipeg"}),
    ("Will I need an umbrella in Manchester?", "get_weather", {"city": "Manchester"}),
    ("Tell me what the weather is like in Naples.", "get_weather", {"city": "Naples"}),
    ("Is it raining in Glasgow right now?", "get_weather", {"city": "Glasgow"}),
    ("weather Marseille", "get_weather", {"city": "Marseille"}),
    ("What's the temperature in Phoenix, fahrenheit?", "get_weather", {"city": "Phoenix", "unit": "fahrenheit"}),
    ("I'd like to know the weather in San Diego", "get_weather", {"city": "San Diego"}),
    ("Is the sun shining in Valencia?", "get_weather", {"city": "Valencia"}),
    ("How hot is it in Karachi?", "get_weather", {"city": "Karachi"}),
    ("Please check the weather for Kuala Lumpur", "get_weather", {"city": "Kuala Lumpur"}),
    ("What's the weather like in New Orleans in fahrenheit?", "get_weather", {"city": "New Orleans", "unit": "fahrenheit"}),
    ("what is 12*(7+30)?", "calculate", {"expression": "12*(7+30)"}),
    ("What is 17 * 23?", "calculate", {"expression": "17 * 23"}),
    ("Calculate 1024 / 8", "calculate", {"expression": "1024 / 8"}),
    ("How much is 19.99 * 3?", "calculate", {"expression": "19.99 * 3"}),
    ("2+2", "calculate", {"expression": "2+2"}),
    ("What's (5 + 6) * 7?", "calculate", {"expression": "(5 + 6) * 7"}),
    ("Please compute 3.5 + 4.25", "calculate", {"expression": "3.5 + 4.25"}),
    ("Could you work out 81 / 9 for me?", "calculate", {"expression": "81 / 9"}),
    ("What is 144 divided by 12?", "calculate", {"expression": "144 / 12"}),
    ("What is 25 times 4?", "calculate", {"expression": "25 * 4"}),
    ("compute 100 - 37", "calculate", {"expression": "100 - 37"}),
    ("what is sqrt(144)?", "calculate", {"expression": "sqrt(144)"}),
    ("What is 2^16?", "calculate", {"expression": "2^16"}),
    ("How much is 1500 - 250 + 75?", "calculate", {"expression": "1500 - 250 + 75"}),
    ("convert 10 miles to km", "convert_units", {"value": 10, "from": "miles", "to": "km"}),
    ("Convert 72 fahrenheit to celsius.", "convert_units", {"value": 72, "from": "fahrenheit", "to": "celsius"}),
    ("How many feet are 3 meters?", "convert_units", {"value": 3, "from": "meters", "to": "feet"}),
    ("What is 5 kg in pounds?", "convert_units", {"value": 5, "from": "kg", "to": "pounds"}),
    ("How many ounces are in 2 pounds?", "convert_units", {"value": 2, "from": "pounds", "to": "ounces"}),
    ("Please convert 250 grams to ounces", "convert_units", {"value": 250, "from": "grams", "to": "ounces"}),
    ("42.195 km in miles", "convert_units", {"value": 42.195, "from": "km", "to": "miles"}),
    ("Can you convert 90 minutes to hours?", "convert_units", {"value": 90, "from": "minutes", "to": "hours"}),
    ("What's 6 feet in cm?", "convert_units", {"value": 6, "from": "feet", "to": "cm"}),
    ("100 mph to km/h", "convert_units", {"value": 100, "from": "mph", "to": "km/h"}),
    ("How much is 20 liters in gallons?", "convert_units", {"value": 20, "from": "liters", "to": "gallons"}),
    ("I want 15 inches in cm", "convert_units", {"value": 15, "from": "inches", "to": "cm"}),
    ("what time is it in Tokyo?", "get_time", {"timezone": "Tokyo"}),
    ("What time is it?", "get_time", {}),
    ("What is the time in Bratislava?", "get_time", {"timezone": "Bratislava"}),
    ("Tell me the current time in Karachi.", "get_time", {"timezone": "Karachi"}),
    ("time in Adelaide please", "get_time", {"timezone": "Adelaide"}),
    ("Can you tell me what time it is in Salt Lake City?", "get_time", {"timezone": "Salt Lake City"}),
    ("What time is it now?", "get_time", {}),
    ("What's today's date?", "get_time", {}),
    ("Which day is it today?", "get_time", {}),
    ("Do you have the time?", "get_time", {}),
    ("What time is it in Asia/Tokyo?", "get_time", {"timezone": "Asia/Tokyo"}),
    ("Hey, what's the time in Phoenix?", "get_time", {"timezone": "Phoenix"}),
    ("Who are you?", None, gen.WHOAMI),
    ("Hello!", None, gen.HELLO),
    ("What can you do?", None, "I can call get_time, calculate, convert_units and get_weather."),
    ("Why is the sky blue?", None, gen.UNKNOWN),
    ("Write me a poem about autumn.", None, gen.UNKNOWN),
    ("Thanks!", None, "You are welcome!"),
]


def tool_json(t):
    s = schema(t)
    return {"name": t["name"], "description": t["desc"], **({"parameters": s} if s else {})}


def case(which, c, info, history=()):
    def turn(i):
        o = {"user": i["user"], "final": i["final"]}
        if "tool" in i:
            o.update(tool=i["tool"], arguments=dumps(i["args"]), result=i["result"])
        return o
    o = {"set": which, "ability": info["ability"] + (" " + info["kind"] if info.get("kind", "noun") != "noun" else ""), "effort": c["effort"]}
    for k in ("date", "instructions"):
        if c[k]:
            o[k] = c[k]
    return {**o, "tools": [tool_json(t) for t in c["tools"]], "history": [turn(i) for i in history], **turn(info)}


def known(path):
    """Ids that the training data has."""
    return np.unique(np.load(path)["token"])


def prompts(count, out):
    """Prompts as this directory renders them, before the first token and after a tool's result, for the encoding to agree with."""
    g = Generator(1, "test")
    with open(out, "w") as f:
        for i in range(count):
            c = g.context(i % 5) if i % 5 else g.context()
            past = [g.turn(c, True) for _ in range(i % 3)]
            segments, info = g.turn(c)
            t = gen.prefix(c) + [x for s, _ in past for part, _ in s for x in part]
            o = case("prompts", c, info, [p[1] for p in past])
            cuts, at = [], len(t)
            for part, _ in segments:
                if part is gen.ASSISTANT:
                    cuts.append(at + len(part))
                at += len(part)
            tokens = t + [x for part, _ in segments for x in part]
            o["transcript"], o["prompt"] = tokens, cuts[0]  # the prompt's length; what follows is the assistant's and the tool's
            f.write(json.dumps(o, ensure_ascii=False, separators=(",", ":")) + "\n")


def main(seed, path, out):
    seen = set(known(path).tolist())
    for words, forms in ((TEST[0], ("", " ", "_")), (TEST[1], (" ",))):
        words[:] = [w for w in words if not any(len(encode(f + w)) == 1 and encode(f + w)[0] in seen for f in forms)]
    print("held-out words", len(TEST[0]), "in lower case,", len(TEST[1]), "capitalised")
    g, cases = Generator(seed, "test"), []
    for i in range(120):
        c = g.context(1)
        cases.append(case("one tool", c, g.tool_turn(c, c["tools"][0])[1]))
    for i in range(180):
        c = g.context(2 + i % 3)
        cases.append(case("%d tools" % len(c["tools"]), c, g.tool_turn(c, g.r.choice(c["tools"]))[1]))
    for i in range(60):
        c = g.context(1 + i % 4)
        past = [g.turn(c, True)[1] for _ in range(1 + i % 2)]
        cases.append(case("later turn", c, g.tool_turn(c, g.r.choice(c["tools"]))[1], past))
    for i in range(100):
        c = g.context(i % 5) if i % 5 else g.context()
        cases.append(case("no tool", c, g.chat_turn(c)[1]))
    cases = [c for c in cases if c["ability"] != "missing"]
    for i, (user, tool, args) in enumerate(DEFAULT):
        c = {"effort": ["low", "medium", "high"][i % 3], "date": "2026-11-24", "instructions": None, "tools": defaults()}
        if tool is None:
            cases.append(case("default tools", c, dict(ability="chat", user=user, final=args)))
            continue
        t = next(t for t in c["tools"] if t["name"] == tool)
        while True:
            result, final, keys = g.result(t, args)
            if keys != ["error"] and (t["kind"] not in ("weather", "clock") or "source" in keys or "timezone" in keys):
                break
        cases.append(case("default tools", c, dict(ability="call", kind=t["kind"], tool=tool, args=args, user=user, result=result, final=final)))
    with open(out, "w") as f:
        for c in cases:
            f.write(json.dumps(c, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] + "/cases.jsonl")
    prompts(60, sys.argv[3] + "/prompts.jsonl")
