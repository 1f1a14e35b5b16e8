"""One Harmony wheel behind three functions.

The two PyPI packages openai-harmony and oss-harmony both import as `openai_harmony`, so whichever is
installed in the running interpreter is the reference. The functions take and give the JSON-ready
values of the vector files (see ../README.md), and call the wheel's raw binding, below its pydantic
classes: those change a conversation on its way in (absent fields get defaults, number spellings are
lost), the raw binding reads the JSON text exactly as it is given.
"""

import json

from openai_harmony import load_harmony_encoding
from openai_harmony import openai_harmony as binding


class Panicked(Exception):
    """The wheel panicked (Rust panics arrive as a BaseException that is no Exception)."""


class Reference:
    """The installed wheel. Not for concurrent use."""

    def __init__(self):
        self._encoding = load_harmony_encoding("HarmonyGptOss")
        self._inner = self._encoding._inner
        self._special = list(self._inner.special_tokens())

    @property
    def special_tokens(self):
        """Names of all special tokens."""
        return self._special

    def encode(self, text, special="none"):
        """Tokens of text. The special tokens to recognise: "none", "all", or a list of spellings."""
        allowed = {"none": [], "all": self._special}[special] if isinstance(special, str) else special
        return list(guarded(self._inner.encode, text, allowed))

    def decode_bytes(self, tokens):
        """The bytes of tokens; raises on an id that has none."""
        return bytes(guarded(self._inner.decode_bytes, tokens))

    def is_special_token(self, token):
        return bool(self._inner.is_special_token(token))

    def stop_tokens(self):
        return sorted(self._inner.stop_tokens()), sorted(self._inner.stop_tokens_for_assistant_actions())

    def render(self, conversation, mode, next_role=None, auto_drop=True):
        """Tokens of a conversation given as JSON text. Raises what the wheel raises."""
        config = {"auto_drop_analysis": auto_drop}
        if mode == "conversation":
            return list(guarded(self._inner.render_conversation, conversation, config))
        if mode == "training":
            return list(guarded(self._inner.render_conversation_for_training, conversation, config))
        if mode == "completion":
            render = self._inner.render_conversation_for_completion
            return list(guarded(render, conversation, next_role, config))
        raise ValueError(f"unknown mode {mode!r}")

    def render_message(self, message, has_function_tools=False):
        """Tokens of one message given as JSON text."""
        options = {"conversation_has_function_tools": has_function_tools}
        return list(guarded(self._inner.render, message, options))

    def parse_all(self, tokens, role, strict=True):
        """The messages of tokens, in the wheel's one-call form."""
        raw = guarded(self._inner.parse_messages_from_completion_tokens, tokens, role, strict)
        return [compact_message(m) for m in json.loads(raw)]

    def parse(self, tokens, role, strict):
        """A trace of the wheel's streaming parser over tokens: the body of a parse vector."""
        parser = binding.PyStreamableParser(self._inner, role, strict)
        runs, error = [], None
        for at, token in enumerate(tokens):
            try:
                guarded(parser.process, token)
            except Exception as err:  # noqa: BLE001 - whatever the wheel raises is the vector's error
                if isinstance(err, Panicked):
                    raise
                error = {"at": at, "type": type(err).__name__, "message": str(err)}
                break
            append_run(runs, parser)
        out = {
            "deltas": runs,
            "content_before_eos": parser.current_content,
            "state_before_eos": json.loads(parser.state),
        }
        if error is None:
            try:
                guarded(parser.process_eos)
            except Exception as err:  # noqa: BLE001
                if isinstance(err, Panicked):
                    raise
                error = {"at": "eos", "type": type(err).__name__, "message": str(err)}
        out["messages"] = [compact_message(m) for m in json.loads(parser.messages)]
        out["final_state"] = json.loads(parser.state)
        out["last_delta_after_eos"] = parser.last_content_delta
        if error is not None:
            out["error"] = error
        return out


def guarded(call, *args):
    """call(*args), with the wheel's panics as Panicked."""
    try:
        return call(*args)
    except (Exception, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as err:
        raise Panicked(str(err)) from None


def append_run(runs, parser):
    """Add what the parser shows after a token: tokens with the same header state share a row."""
    state = json.loads(parser.state)["state"]
    head = [parser.current_channel, parser.current_recipient, parser.current_content_type,
            parser.current_role, state]
    if not runs or runs[-1][1:6] != head:
        runs.append([0, *head, []])
    runs[-1][0] += 1
    runs[-1][6].append(parser.last_content_delta)


def compact_message(message):
    """A message as vectors hold it: a single text as a string, absent fields left out."""
    out = {k: v for k, v in message.items() if v is not None}
    content = out.get("content")
    if isinstance(content, list) and len(content) == 1 and content[0].get("type") == "text":
        out["content"] = content[0]["text"]
    return out
