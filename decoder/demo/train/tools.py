"""Tools that transcripts declare, and what users ask of them."""
import json

VERBS = """get find fetch check lookup search read show query count load request retrieve list view track compare estimate describe
monitor book create send update delete open play start add order make""".split()
ADJECTIVES = "current latest daily local live next".split()
PARAMETERS = """city name place id key symbol title country region topic item code team user location query file word street station
company product area date person subject brand artist author""".split()
NUMBERS = "days limit count year amount max page hours top size".split()
OPTIONS = "unit format mode style kind order level view".split()
ENUMS = [("celsius", "fahrenheit"), ("metric", "imperial"), ("short", "long"), ("json", "text"), ("day", "week"), ("usd", "eur"), ("fast", "slow"),
         ("low", "high"), ("red", "blue"), ("asc", "desc"), ("small", "medium", "large")]
KEYS = """temperature condition price status total level value count rating humidity wind speed distance score date time name color size
state type weight""".split()
CITIES = """London Paris Tokyo Berlin Madrid Rome Lagos Oslo Lima Cairo Mumbai Delhi Sydney Reykjavik Toronto Chicago Boston Seattle Austin
Denver Lyon Milan Vienna Prague Dublin Athens Helsinki Seoul Beijing Shanghai Bangkok Hanoi Jakarta Manila Nairobi Zurich Geneva Munich Hamburg
Amsterdam Brussels Lisbon Porto Warsaw Budapest Moscow Istanbul Dubai Doha Tehran Accra Ankara Auckland Baghdad Barcelona Bogota Bucharest
Caracas Copenhagen Edinburgh Havana Honolulu Houston Jerusalem Kyiv Kyoto Melbourne Miami Montreal Osaka Ottawa Quito Riga Singapore Sofia
Stockholm Taipei Tallinn Vancouver Venice Vilnius Washington Wellington""".split() + [
    "New York", "San Francisco", "Los Angeles", "Hong Kong", "Mexico City", "Cape Town", "Buenos Aires", "Tel Aviv", "New Delhi", "Sao Paulo", "Rio de Janeiro"]
ZONES = ["Asia/Tokyo", "Europe/Lisbon", "America/New_York", "Europe/Paris", "UTC", "Africa/Cairo", "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin"]
CONDITIONS = "sunny cloudy rainy windy foggy snowy stormy humid hazy clear".split()
UNITS = [("miles", "km"), ("km", "miles"), ("kg", "pounds"), ("pounds", "kg"), ("meters", "feet"), ("feet", "meters"), ("celsius", "fahrenheit"),
         ("fahrenheit", "celsius"), ("inches", "cm"), ("cm", "inches"), ("liters", "gallons"), ("gallons", "liters"), ("hours", "minutes"), ("minutes", "seconds"),
         ("grams", "ounces"), ("ounces", "grams"), ("m", "ft"), ("ft", "m"), ("lb", "kg"), ("kg", "lb"), ("mph", "km/h"), ("days", "hours"), ("weeks", "days"),
         ("tons", "kg"), ("yards", "meters"), ("mm", "inches"), ("cups", "ml"), ("acres", "hectares"), ("bytes", "bits"), ("GB", "MB"), ("knots", "mph"), ("mi", "km")]
SYMBOLS = {"miles": "mi", "km": "km", "pounds": "lb", "kg": "kg", "feet": "ft", "meters": "m", "celsius": "°C", "fahrenheit": "°F", "inches": "in", "cm": "cm",
           "liters": "l", "gallons": "gal", "minutes": "min", "seconds": "s", "hours": "h", "days": "d", "grams": "g", "ounces": "oz", "hectares": "ha"}

ONE = """What is the {N} in {v}?|What's the {N} in {v}?|What is the {N} for {v}?|What's the {N} of {v}?|Get the {N} of {v}.|Get me the {N} for {v}|{N} for {v}|
{N} in {v}?|{N} of {v}|Please find the {N} in {v}.|Can you check the {N} for {v}?|Show me the {N} of {v}.|I need the {N} for {v}.|Tell me the {N} in {v}|
How is the {N} in {v}?|How about the {N} in {v}?|Look up the {N} for {v}, please.|Give me the {N} of {v}!|Could you get the {N} for {v}?|Do you know the {N} of {v}?|
I want to know the {N} in {v}.|For {v}, what is the {N}?|Check {N} {v}|Find {N} {v}|Find the {N} at {v}.|In {v}, how is the {N}?|Hi, what is the {N} in {v}?|
Hey! Show the {N} for {v} please|Please tell me about the {N} in {v}.|What will the {N} be in {v}?|Find the {N} {v}.|Open the {N} {v}|Search the {N} for {v}|
I would like the {N} for {v}.|Which {N} does {v} have?""".replace("\n", "").split("|")
NONE = """What is the {N}?|Show me the {N}.|Get the {N}|Tell me the {N} please|Check the {N}.|I need the {N}.|{N}?|Can you get the {N}?|What's the {N} now?""".split("|")
ABOUT = """Tell me about {N}.|What is {N}?|What do you think about {N}?|Can you do {N}?|Explain {N}|Write about {N}.|I like {N}.|How does {N} work?""".split("|")
WEATHER = """What's the weather in {v}?|What is the weather in {v}?|What is the weather like in {v}?|How is the weather in {v}?|weather in {v}|Weather {v}|
weather for {v}|Is it raining in {v}?|How warm is it in {v}?|How cold is it in {v}?|How hot is it in {v}?|Is it cold in {v} today?|Do I need an umbrella in {v}?|
What is the temperature in {v}?|Tell me the weather in {v}.|Is it sunny in {v}?|Is it warm in {v}|What's the weather like in {v} today?|What's the weather in {v} right now?|
Give me the weather for {v}|Check the weather in {v}, please.|Will it rain in {v}?|How's the weather in {v}?|Does it snow in {v}?|what's it like in {v}?|
I'm going to {v}. How is the weather?|{v} weather|Show me the weather for {v}.|Can you tell me the weather in {v}?|What temperature is it in {v}?|What is the forecast for {v}?""".replace("\n", "").split("|")
CLOCK = """What time is it in {v}?|What's the time in {v}?|time in {v}|What is the time in {v}?|Tell me the time in {v}.|What is the current time in {v}?|
What time is it now in {v}?|Current time in {v}|How late is it in {v}?|Can you tell me the time in {v}?|what time is it in {v} right now?|Is it morning in {v}?|
Is it night in {v}?|What day is it in {v}?|What is the date in {v}?|Get the time for {v}|Which time is it in {v}?""".replace("\n", "").split("|")
CLOCK_HERE = """What time is it?|What's the time?|What is the time?|Tell me the time.|What time is it now?|time?|What is the current time?|Do you know what time it is?|
How late is it?|Can you tell me the time, please?|What is the date?|What day is it today?|What is today's date?|Which date is it?|Tell me the date today.|What day is it?|
What's the date today?|what time is it here?|The time, please.""".replace("\n", "").split("|")
CALCULATE = """What is {v}?|Calculate {v}|Compute {v}.|How much is {v}?|{v}|{v} = ?|Please calculate {v}.|Can you compute {v}?|What's {v}?|Solve {v}|what is {v}|
Evaluate {v}|Work out {v}, please.|I need the result of {v}.|{v}?|calculate {v}|What does {v} equal?|how much is {v}|Tell me {v}""".replace("\n", "").split("|")
CONVERT = """Convert {x} {a} to {b}.|convert {x} {a} to {b}|Convert {x} {a} to {b}|What is {x} {a} in {b}?|How many {b} are {x} {a}?|How many {b} is {x} {a}?|{x} {a} in {b}|{x} {a} to {b}|
Please convert {x} {a} into {b}.|How much is {x} {a} in {b}?|Can you convert {x} {a} to {b}?|What's {x} {a} in {b}?|Change {x} {a} to {b}|{x} {a} to {b}?|
I need {x} {a} in {b}.|Express {x} {a} in {b}.|How many {b} are there in {x} {a}?|Tell me {x} {a} in {b}""".replace("\n", "").split("|")
TAILS = {"enum": [" in {x}", ", {x}", " ({x})", " as {x}", " using {x}", " with {p} {x}", " in {x} please", ", {p} {x}"],
         "number": [" with {p} {x}", ", {p} {x}", " and {p} = {x}", " for {x} {p}", " ({p} {x})", " and {p} {x}", ", {p}: {x}"],
         "string": [" with {p} {x}", ", {p} {x}", " and {p} {x}", " ({p}: {x})", ' with {p} "{x}"', ", {p}: {x}"]}


def param(name, kind="string", enum=None, required=True, comment=None):
    return dict(name=name, kind=kind, enum=enum, required=required, comment=comment)


def schema(tool):
    """The JSON schema of a tool's parameters; None if it has none."""
    if not tool["params"]:
        return None
    properties = {}
    for p in tool["params"]:
        s = {"type": "string", "enum": list(p["enum"])} if p["kind"] == "enum" else {"type": p["kind"]}
        if p["comment"]:
            s["description"] = p["comment"]
        properties[p["name"]] = s
    return {"type": "object", "properties": properties, "required": [p["name"] for p in tool["params"] if p["required"]]}


def defaults():
    """The tools that the command declares, as they are rendered."""
    return [
        dict(kind="clock", name="get_time", desc="Get the current time and date.", noun="the time", params=[
            param("timezone", required=False, comment="An IANA time zone or a city; the local one if absent")]),
        dict(kind="calc", name="calculate", desc="Evaluate an arithmetic expression.", noun="a calculation", params=[
            param("expression", comment="Such as (3 + 4) * sqrt(2)")]),
        dict(kind="convert", name="convert_units", desc="Convert a value from one unit to another.", noun="a conversion", params=[
            param("value", "number"), param("from", comment="A unit such as km"), param("to", comment="A unit such as miles")]),
        dict(kind="weather", name="get_weather", desc="Get the weather of a city (sample data).", noun="the weather", params=[
            param("city"), param("unit", "enum", ("celsius", "fahrenheit"), False)])]


def variant(r, kind):
    """A tool like one of the defaults, by another name or with other parameters."""
    c = r.choice
    if kind == "clock":
        name = c(["get_time", "get_current_time", "clock", "current_time", "time", "get_time"])
        p = [] if r.random() < .2 else [param(c(["timezone", "city", "zone", "location", "place"]), required=False,
                                              comment=c([None, None, "A time zone or a city", "Such as Tokyo"]))]
        return dict(kind=kind, name=name, desc=c(["Get the current time.", "Tells the time.", "Returns the time in a time zone.", "A clock."]), noun="the time", params=p)
    if kind == "calc":
        return dict(kind=kind, name=c(["calculate", "calculator", "calc", "compute", "evaluate", "eval_expression", "do_math"]), noun="a calculation",
                    desc=c(["Evaluates a math expression.", "A calculator.", "Computes arithmetic.", "Evaluate an expression."]),
                    params=[param(c(["expression", "expr", "input", "formula"]), comment=c([None, None, "The expression", "Such as 2 + 3"]))])
    if kind == "convert":
        a, b = c([("from", "to"), ("from_unit", "to_unit"), ("source", "target"), ("unit", "target"), ("from", "to")])
        ps = [param(c(["value", "amount", "number", "quantity"]), "number"), param(a), param(b)]
        for p in ps:
            if r.random() < .2:
                p["comment"] = c(["A unit such as cm", "The " + p["name"], "Such as kg"])
        return dict(kind=kind, name=c(["convert_units", "convert", "unit_converter", "convert_unit", "conversion"]), noun="a conversion", params=ps,
                    desc=c(["Converts units.", "Convert between units.", "Unit conversion."]))
    ps = [param(c(["city", "location", "place", "city"]), comment=c([None, None, "The city", "Name of the city", "The city and state, e.g. San Francisco, CA"]))]
    if r.random() < .5:
        ps.append(param(c(["unit", "format", "unit", "units"]), "enum", ("celsius", "fahrenheit"), False, c([None, None, "The unit"])))
    return dict(kind="weather", name=c(["get_weather", "get_current_weather", "weather", "current_weather", "get_weather", "check_weather"]), noun="the weather", params=ps,
                desc=c(["Gets the weather.", "Gets the current weather in the provided location.", "The weather in a city.", "Get the current weather.", "Weather of a place."]))


def expression(r):
    """An arithmetic expression."""
    def n():
        return str(r.choice([r.randint(0, 20), r.randint(0, 999), r.randint(0, 99), r.randint(1000, 99999), round(r.uniform(0, 100), 1), round(r.uniform(0, 10), 2)]))
    x = r.random()
    if x < .10:
        return r.choice(["sqrt(%s)", "sqrt(%s) + 2", "2 * sqrt(%s)", "%s^2", "2^%s", "%s%%3", "abs(-%s)", "log(%s)", "-%s + 5", "sin(%s)", "%s!"]) % n()
    sp, k = r.choice(["", " ", " "]), r.choice([2, 2, 2, 3, 3, 4])
    at = r.randrange(k - 1) if k >= 3 and r.random() < .5 else -1
    s = ""
    for i in range(k):
        if i:
            s += sp + r.choice("+-**/") + sp
        s += ("(" if i == at else "") + n() + (")" if i == at + 1 and at >= 0 else "")
    return s


def spoken(r):
    """An expression in words, and as it is written."""
    a, b = r.randint(1, 999), r.randint(1, 99)
    word, op = r.choice([("times", "*"), ("plus", "+"), ("minus", "-"), ("divided by", "/"), ("multiplied by", "*")])
    return "%d %s %d" % (a, word, b), "%d %s %d" % (a, op, b)


def dumps(v):
    return json.dumps(v, ensure_ascii=False, separators=(",", ":"))
