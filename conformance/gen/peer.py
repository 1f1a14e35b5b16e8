"""Record what openai-harmony answers to the situations its own test suites are about.

    python peer.py --out FOLDER        (in the environment of requirements-openai.txt)

Every function below stands for one test of openai/harmony (tests/test_harmony.py and src/tests.rs) and has its
name; the texts are ours, the situation is theirs, and every expected value is what the wheel says. The
Go tests of the same names read the result (../peer_test.go).
"""

import argparse
import json
import pathlib

import openai_harmony as oh

from reference import Reference

CALL_TEXT = ' <|constrain|>json<|message|>{"city": "Lisbon"}<|call|>'
SPLIT = 9552  # the bytes 20 F0 9F: a space and the first half of most emoji
UNKNOWN = 2**32 - 1


class Recorder:
    def __init__(self):
        self.reference = Reference()
        self.lines = []
        self.test = ""

    def add(self, op, given, answer):
        self.lines.append({"test": self.test, "op": op, "in": given, "out": answer})

    def tokens(self, text):
        return self.reference.encode(text, "all")

    def render(self, messages, mode="completion", auto_drop=True):
        """What a conversation of the wheel's own classes renders to."""
        conversation = oh.Conversation.from_messages(messages).to_json()
        next_role = "assistant" if mode == "completion" else None
        tokens = self.reference.render(conversation, mode, next_role, auto_drop)
        text = self.reference.decode_bytes(tokens).decode()
        self.add("render", {"conversation": json.loads(conversation), "mode": mode, "next_role": next_role, "auto_drop_analysis": auto_drop}, {"tokens": tokens, "text": text})
        return tokens

    def parse(self, tokens, role=None, strict=True):
        trace = self.reference.parse(tokens, role, strict)
        deltas = [d for run in trace["deltas"] for d in run[6]]
        answer = {"messages": trace["messages"], "deltas": deltas, "content_before_eos": trace["content_before_eos"]}
        if "error" in trace:
            answer["error"] = trace["error"]
        self.add("parse", {"tokens": tokens, "role": role, "strict": strict}, answer)

    def encode(self, text, special="none"):
        self.add("encode", {"text": text, "special": special}, {"tokens": self.reference.encode(text, special)})

    def decode(self, tokens):
        try:
            data = self.reference.decode_bytes(tokens)
        except Exception as err:  # noqa: BLE001
            self.add("decode", {"tokens": tokens}, {"error": str(err)})
            return
        answer = {"text": data.decode("utf-8", "replace")}
        answer["valid"] = answer["text"].encode() == data
        self.add("decode", {"tokens": tokens}, answer)


def message(role, content, channel=None, recipient=None, content_type=None):
    out = oh.Message.from_role_and_content(role, content)
    out.channel, out.recipient, out.content_type = channel, recipient, content_type
    return out


def user(text):
    return message(oh.Role.USER, text)


def assistant(text, channel=None, **fields):
    return message(oh.Role.ASSISTANT, text, channel, **fields)


def system(content=None):
    return message(oh.Role.SYSTEM, content or oh.SystemContent.new())


def dated():
    return oh.SystemContent.new().with_conversation_start_date("2025-08-06")


def result(tool, text, **fields):
    out = oh.Message.from_author_and_content(oh.Author.new(oh.Role.TOOL, tool), text)
    for key, value in fields.items():
        setattr(out, key, value)
    return out


# Rendering.


def test_simple_convo(r):
    r.render([system(oh.SystemContent.new().with_model_identity("You are a test.")), user("How much is 6 * 7?")])
    r.render([system(), user("How much is 6 * 7?")])


def test_simple_convo_with_effort(r):
    for effort in oh.ReasoningEffort:
        for instructions in ("Speak like a pirate.", None):
            messages = [system(oh.SystemContent.new().with_reasoning_effort(effort))]
            if instructions:
                messages.append(message(oh.Role.DEVELOPER, oh.DeveloperContent.new().with_instructions(instructions)))
            r.render([*messages, user("Which lake is the deepest?")])


def test_reasoning_system_message(r):
    content = oh.SystemContent.new().with_reasoning_effort(oh.ReasoningEffort.MEDIUM).with_required_channels(["analysis", "final"])
    r.render([system(content), user("How much is 6 * 7?")])


def test_reasoning_system_message_no_instruction(r):
    content = oh.SystemContent.new().with_reasoning_effort(oh.ReasoningEffort.HIGH).with_required_channels(["analysis", "final"])
    r.render([system(content), user("Where does cinnamon grow?")])


def test_reasoning_system_message_with_dates(r):
    content = oh.SystemContent.new().with_required_channels(["analysis", "final"]).with_conversation_start_date("2023-02-03").with_knowledge_cutoff("2022-12")
    r.render([system(content), user("How much is 12 * e?")])


def test_render_functions_with_parameters(r):
    unit = {"type": "string", "enum": ["metric", "imperial"], "default": "metric"}
    everything = {
        "description": "all arguments",
        "type": "object",
        "properties": {
            "titled": {"type": "string", "title": "TITLED", "description": "Has a title", "examples": ["one", "two"]},
            "maybe": {"type": "string", "nullable": True, "description": "May be null", "default": "none given"},
            "choice": {"type": "string", "enum": ["x", "y", "z"]},
            "either": {"oneOf": [{"type": "string", "default": "text by default"}, {"type": "number", "description": "or a number"}], "description": "one of two", "default": 7},
            "nested": {"type": "object", "description": "an object", "properties": {"deep": {"type": "array", "items": {"type": "integer"}}}, "required": ["deep"]},
        },
    }
    tools = [
        oh.ToolDescription.new("now", "Tells the time."),
        oh.ToolDescription.new("distance", "Distance between two places.", parameters={"type": "object", "properties": {"from": {"type": "string", "description": "A place, e.g. Oslo"}, "unit": unit}, "required": ["from"]}),
        oh.ToolDescription.new("distances", "Many distances.", parameters={"type": "object", "properties": {"places": {"type": "array", "items": {"type": "string"}, "description": 'Places, e.g. ["Oslo", "Rome"]'}, "unit": unit}, "required": ["places"]}),
        oh.ToolDescription.new("everything", "Uses every construct.", parameters=everything),
    ]
    developer = oh.DeveloperContent.new().with_instructions("Answer in rhyme").with_function_tools(tools)
    r.render([system(dated().with_reasoning_effort(oh.ReasoningEffort.HIGH)), message(oh.Role.DEVELOPER, developer), user("How far is it to Rome?")])


def test_no_tools(r):
    r.render([system(dated())])


def test_browser_tool_only(r):
    r.render([system(dated().with_browser_tool())])


def test_browser_and_function_tool(r):
    tool = oh.ToolDescription.new("find_train", "Finds trains to a place.", parameters={"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]})
    r.render([system(dated().with_browser_tool()), message(oh.Role.DEVELOPER, oh.DeveloperContent.new().with_function_tools([tool]))])


def test_browser_and_python_tool(r):
    r.render([system(dated().with_browser_tool().with_python_tool())])


def test_dropping_cot_by_default(r):
    r.render([user("6 * 7?"), assistant("Multiply “6” by “7”.", "analysis"), assistant("42", "final"), user("And 6 / 7?")])


def test_does_not_drop_if_ongoing_analysis(r):
    call = assistant('{"place": "Rome"}', "commentary", recipient="functions.find_train", content_type="<|constrain|>json")
    tokens = r.render([user("A train to Rome?"), assistant("The tool “find_train” knows.", "analysis"), call, result("functions.find_train", '{"at": "9:40"}')])
    r.encode(r.reference.decode_bytes(tokens).decode(), "all")


def test_preserve_cot(r):
    r.render([user("6 * 7?"), assistant('A product: "6 * 7" is 42.', "analysis"), assistant("42", "final"), user("And 6 / 7?")], auto_drop=False)


def test_keep_analysis_between_final_messages(r):
    turn = [user("6 * 7?"), assistant("six sevens", "analysis"), assistant("42", "final")]
    r.render([*turn, user("6 + 7?"), assistant("six and seven", "analysis"), assistant("13", "final")], mode="conversation")


def test_render_and_render_conversation_roundtrip(r):
    one = user("Good morning")
    r.add("render_message", {"message": json.loads(one.to_json())}, {"tokens": r.reference.render_message(one.to_json())})
    r.render([one], mode="conversation")
    r.render([one], mode="completion")


def test_render_conversation_for_training_final_channel(r):
    for mode in ("training", "conversation"):
        r.render([user("hey"), assistant("hey yourself", "final")], mode=mode)


def test_render_conversation_for_training_non_final(r):
    for mode in ("training", "conversation"):
        r.render([user("hey")], mode=mode)


# Parsing.


def test_simple_reasoning_response(r):
    r.parse(r.tokens('<|channel|>analysis<|message|>Asked: "6 * 7?" A product.<|return|><|start|>assistant<|channel|>final<|message|>6 * 7 = 42.'), "assistant")


def test_simple_tool_call(r):
    r.parse(r.tokens('<|channel|>analysis<|message|>A tool knows.<|end|><|start|>assistant<|channel|>analysis to=find_train code<|message|>{"place": "Rome"}'), "assistant")


def test_tool_call_with_constrain_tokenized_correctly(r):
    r.parse(r.tokens("<|start|>assistant to=functions.find_city<|channel|>commentary" + CALL_TEXT))
    r.render([assistant('{"city": "Lisbon"}', "commentary", recipient="functions.find_city", content_type="<|constrain|>json")], mode="conversation")


def test_tool_call_with_constrain_marker_adjacent(r):
    r.parse(r.tokens("<|start|>assistant to=functions.find_city<|channel|>commentary" + CALL_TEXT.lstrip()))


def test_tool_call_with_channel_before_recipient_and_constrain_adjacent(r):
    r.parse(r.tokens("<|start|>assistant<|channel|>commentary to=functions.find_city" + CALL_TEXT.lstrip()))


def test_tool_response_parsing(r):
    tokens = r.render([result("browser.open", '{"url": "example"}', channel="commentary", recipient="assistant")], mode="conversation")[:-1]
    r.parse(tokens)
    r.decode(tokens)


def test_streamable_parser(r):
    text = (
        "<|channel|>analysis<|message|>Which river is longest? Better look it up.<|end|><|start|>assistant<|channel|>commentary to=browser.search code<|message|>"
        '{"query": "longest river"}<|call|><|start|>browser.search to=assistant<|channel|>commentary<|message|>{"hits": 3}<|end|>'
    )
    r.parse(r.tokens(text), "assistant")


def test_streamable_parser_tool_call_with_constrain_adjacent(r):
    test_tool_call_with_channel_before_recipient_and_constrain_adjacent(r)


def strict_and_not(r, text):
    good = "<|start|>assistant<|channel|>final<|message|>Here it is.<|return|>"
    for strict in (False, True):
        r.parse(r.tokens(text + good), "assistant", strict)


def test_streamable_parser_missing_message_token(r):
    strict_and_not(r, "Not this one<|end|>")


def test_streamable_parser_missing_message_token_other_initial_headers(r):
    strict_and_not(r, "<|channel|>analysis Not this one<|end|>")


def test_streamable_parser_missing_message_token_tool_call(r):
    strict_and_not(r, "... A tool knows that.<|end|><|start|>assistant to=functions.find_city<|channel|>commentary json" + CALL_TEXT[CALL_TEXT.index("<|message|>"):])


def test_missing_message_token_requires_non_strict_mode(r):
    for strict in (False, True):
        r.parse(r.tokens("<|channel|>commentary Good<|end|>"), "assistant", strict)


def in_content(r, tokens, end="<|end|>"):
    return r.tokens("<|start|>assistant<|message|>") + tokens + r.tokens(end)


def test_streamable_parser_invalid_utf8_decoding(r):
    r.decode([SPLIT, SPLIT])
    r.parse(in_content(r, [SPLIT, SPLIT, *r.tokens("finished")]))


def test_streamable_parser_invalid_utf8_decoding_split_across_tokens(r):
    r.parse(in_content(r, [SPLIT, *r.tokens("QZ")]))


def test_streamable_parser_invalid_utf8_decoding_multi_byte_token(r):
    r.parse(in_content(r, [SPLIT, *r.tokens(" surprising")]))


def test_streamable_parser_invalid_utf8_decoding_multi_byte_token_no_eos_marker(r):
    r.parse(in_content(r, [SPLIT, *r.tokens(" surprising"), *r.tokens(" news"), *r.tokens("Q")], end=""))


def test_streamable_parser_tricky_utf8_decoding(r):
    text = "Zoë, Ωμέγα, Ёлка, שָׁלוֹם, سلام, हिन्दी, ありがとう, 감사합니다, 谢谢. é and e\u0301 differ. 🥳🤝🏽👩‍🚀🇳🇴⚽️"
    r.parse(in_content(r, r.reference.encode(text)))


def test_streamable_parser_does_not_leak_bytes_between_messages(r):
    r.parse(in_content(r, [SPLIT, SPLIT]) + in_content(r, r.tokens("Ho")))


def test_streamable_parser_flushes_partial_bytes_on_eos(r):
    r.parse(in_content(r, [SPLIT, *r.tokens("Ho")], end=""))


def test_streamable_parser_waits_for_multi_token_utf8_sequence(r):
    r.parse(in_content(r, r.tokens("🦢")))


def test_parse_completion_with_invalid_content_token_errors_on_eos(r):
    r.parse(r.tokens("<|start|>assistant<|channel|>analysis<|message|>A bad id comes next.") + [UNKNOWN])


# Encoding and decoding.


def test_reserved_token_decoding(r):
    r.decode([200014])
    r.decode([201088])


def test_decode_utf8_invalid_token(r):
    r.decode([99999999])


def test_encode_decode_roundtrip(r):
    r.encode("good evening")
    r.decode(r.reference.encode("good evening"))


def test_encode_allowed_special(r):
    r.encode("good evening")
    r.encode("<|start|>", ["<|start|>"])
    r.encode("<|start|>", "all")
    r.encode("<|start|>", "none")
    r.encode("<|start|><|end|>", ["<|end|>"])


def test_is_special_token(r):
    for token in (200006, 24912, 199997, 199998, 201087):
        r.add("is_special", {"token": token}, r.reference.is_special_token(token))


def test_invalid_utf8_decoding(r):
    r.decode([132990, SPLIT])


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--out", type=pathlib.Path, required=True)
    given = args.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    recorder = Recorder()
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            recorder.test = name.removeprefix("test_")
            test(recorder)
    with open(given.out / "peer.jsonl", "w", encoding="utf-8", newline="\n") as file:
        for line in recorder.lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"peer.jsonl: {len(recorder.lines)} steps of {len({line['test'] for line in recorder.lines})} tests")


if __name__ == "__main__":
    main()
