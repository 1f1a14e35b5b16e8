// Package encoding turns messages into the tokens of OpenAI's Harmony format and tokens back into messages.
//
// Harmony is the format gpt-oss speaks. A message is a header and a content, framed by control tokens:
//
//	<|start|>assistant<|channel|>analysis<|message|>The user wants 2 + 2.<|end|>
//	<|start|>assistant<|channel|>final<|message|>4<|return|>
//
// (on two lines here; nothing stands between messages). [Encoding.RenderForCompletion] makes the prompt, an engine
// samples from it, and a [Parser] reads what it samples:
//
//	e := encoding.GPTOSS()
//	prompt, err := e.RenderForCompletion(messages, harmony.RoleAssistant, nil)
//	p := e.NewParser(harmony.RoleAssistant, nil)
//	for tok := range sampled(prompt) {
//		events, _ := p.Push(tok)
//		for _, ev := range events {
//			if ev.Kind == encoding.KindDelta && ev.Message.Channel == harmony.ChannelFinal {
//				fmt.Print(ev.Text)
//			}
//		}
//	}
//	_, verdict, _ := p.Close(encoding.StopToken)
//
// A [Transcript] does this over many turns and keeps the model's own tokens.
//
// # Terms
//
// The role hint is the role of a message whose <|start|>role stands at the end of the prompt: its stream
// begins in the header. A terminator is <|end|>, <|call|> or <|return|>. A diagnostic says what is wrong in a
// stream, by the id of a rule, with its place. A verdict says how a turn ended.
//
// # What the parser guarantees
//
// It is total. Every sequence of tokens, and every text, parses to messages and diagnostics; a stream never
// dies in the middle, and the parser never panics. [ParseOptions].Strict is the same parse, with the first
// diagnostic of severity Error returned as a [*ParseError].
//
// Nothing is lost. Of every ordinary token the text stands in a message (in a header field or in the content)
// or, where a repair has taken it out, in [Diagnostic].Text. White space that separates header words is the one
// exception. Content is kept as it was: only what is no UTF-8 is replaced, by U+FFFD.
//
// Every message gives one Header event, any number of Deltas and one End, and the Deltas joined are the
// content. The events of a text do not depend on how it is cut into chunks, and a text gives the messages that
// its tokens give, unless ordinary tokens spell a marker: that is text to Push, and a marker to PushText.
//
// Text comes at once: a Delta is out as soon as its characters are complete. Nothing waits but the beginning
// of a character, what follows <|channel|> in a content (at most 128 bytes: it may be a new header), text
// between messages as long as its words could be a header (at most 256 bytes), and in PushText the beginning of a marker.
//
// Time is linear in the stream, memory in the text of the messages: a header is cut after 16 KiB, and beyond a few
// thousand diagnostics one of rule LIM-01 stands for the rest. While content streams, Push allocates only what
// the message needs to grow.
//
// # Severity
//
// Severity is about reading. Error: the structure was damaged and had to be repaired, or the meaning is
// uncertain. Warning: off the rules, but read with certainty.
//
//	Error    STR-01 something between messages, or a missing <|start|>
//	Error    STR-02 structural tokens in a content       STR-09 other control tokens anywhere
//	Error    STR-03 a header without <|message|>         STR-04 a second <|channel|>
//	Error    STR-05 a doubled <|start|>                  STR-06 <|channel|> apart from its name
//	Error    STR-07 a spelled-out marker in a header     STR-11 header words left over or out of order
//	Error    END-05 a second terminator                  ROL-01 no role, or an unknown one
//	Error    PRM-02 the prompt's tail repeated           CAL-04 an empty recipient, or one apart from its to=
//	Warning  STR-10 bad UTF-8 or an unknown id in a content (in a header: Error)
//	Warning  STR-08 a content that spells control tokens in ordinary text
//	Warning  STR-12 spacing (white space beyond ASCII: Error)    STR-13 a blank after <|constrain|>
//	Warning  END-01, END-02, END-03, END-04, END-06, END-07, END-08: the wrong terminator, none, or no outcome
//	Warning  CHN-01 to CHN-05, CAL-02, CAL-04, ROL-12, ROL-13: fields that do not go together
//
// # How streams are repaired
//
// <|start|> in a content ends the message, without a terminator, and begins the next. So does <|channel|>, if
// a header and <|message|> follow. Any other control token in a content is read as its spelling.
//
// In a header without <|message|> the leading words that are header for certain (role, channel, to=NAME, content
// type) are read as such; the rest is content, byte for byte, less the one space between the two. Text between
// messages becomes a message of the role hint, or of the assistant; if its words can only be a header, it is
// read as one that has lost its <|start|>.
//
// Of two channels the last known name counts, of two recipients the last. A bare word beside a channel is a
// content type, unless it looks like a tool's full name; without a channel it is a recipient, unless it is a
// format (json, code, text) or a channel's name.
//
// # Deviations from openai-harmony 0.0.8
//
// Rendering deviates in nothing unless options ask for it. Parsing deviates where the reference drops,
// rewrites or misreads text; package conformance lists every case, with its reason, and runs the list. The chief ones:
// <|constrain|>json is a content type and never a recipient; control tokens never become part of a name; text after an
// unknown id, and messages without <|message|>, are kept; the terminator of each message is recorded.
//
// # Sources
//
// The format: docs/format.md of github.com/openai/harmony. The reference: openai-harmony 0.0.8 from PyPI, run to
// record the vectors in package conformance. UTF-8 replacement: The Unicode Standard 16.0, section 3.9.
package encoding
