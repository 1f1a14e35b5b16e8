package conformance

import "github.com/harmony-go/sdk/encoding"

// classes are the deliberate differences, each with its reason. The first class that holds is a
// vector's class; each accepts only what it says, and whatever class, nothing may be lost (requireLossless).
//
// Parses come in three sorts. Readings: neither side finds damage and every message is equal or explained
// field by field. Rejections: the reference refuses a header that is sound, and what it read before is what we
// read. Damage: we report an Error, and every message that ended before it is read alike.
var classes = []class{
	{
		name: "streamed-text",
		reason: `The reference streams less than its own message holds: after ill-formed UTF-8 only one error is resolved for each token, and what is pending
			when the message ends stands in no delta. Here the deltas of a message, joined, are always its text.`,
		holds: func(d *difference) bool {
			return d.sameMessages() && isSubsequence(d.theirs.headers, d.ours.headers) && arePrefixes(d.theirs.texts, d.ours.texts)
		},
	},
	{
		name:   "unknown-id",
		reason: `The reference loses everything in a message after an id that is not in the vocabulary. Here the id is one U+FFFD and the text goes on.`,
		holds:  readingOf(unknownID),
	},
	{
		name: "content-type",
		reason: `The reference reads a lone content type as the recipient, so structured output (final <|constrain|>json, which its own renderer writes) looks like a
			call of a tool named <|constrain|>json. Here <|constrain|> begins a content type, and a lone word after the channel is one unless it is a tool's full name.`,
		holds: readingOf(contentType),
	},
	{
		name:   "author-name",
		reason: `The reference writes an author as role:name and reads it as an unknown role, or as a tool of that name. Here it is the role and the name.`,
		holds:  either(readingOf(authorName), rejectionOf("Unknown role: (system|developer|user|assistant):")),
	},
	{
		name: "tool-author",
		reason: `The reference writes a tool's message without recipient as the tool's name alone and refuses to read that, or, given the role tool, takes the name for
			the recipient. Here it is the tool's name.`,
		holds: either(readingOf(toolName), givenTool(rejectionOf("unexpected tokens remaining")), rejectionOf(`Unknown role: (?:[^\s:]+\.[^\s]+|python|browser)$`)),
	},
	{
		name: "header-spacing",
		reason: `The reference cuts the channel out of the header's text and joins what stood around it, so that words meet which were apart, and reads the blank in
			"<|constrain|> json" as the end of the content type. Here words are read where they stand, with a warning for the spacing.`,
		holds: either(readingOf(spacing), rejectionOf(`Unknown role: (system|developer|user|assistant)[^:]|unexpected tokens remaining|no channel value`)),
	},
	damage("content-control-token", `The reference turns a control token in a content into text, which nothing can tell from the same text written by a user, and swallows the messages that
		follow in it. Here <|start|> (and a <|channel|> that opens a header) ends the message, any other is its spelling, and each is an error.`,
		encoding.RuleContent),
	damage("reserved-token", `The reference turns reserved control tokens (<|endoftext|> and others) into text, in contents and in names. Here they are never part of a name, in a content they
		are their spelling, and each is an error.`, encoding.RuleReserved),
	damage("unclosed-header", `A stop token or the end of the stream stands where <|message|> should. The reference, strict, glues the next header onto this one or notices only at the end;
		otherwise it drops the message, or rewrites its white space and turns the recipient into text. Here the header words are read, the rest is content byte for byte, and strict stops at once.`,
		encoding.RuleMessage),
	damage("between-messages", `Text or a token stands between two messages. The reference fails, also when it is not strict. Here it is an error that is repaired: text becomes a message,
		white space and a second terminator stand in the diagnostic.`, encoding.RuleBetween, encoding.RuleOneEnd),
	damage("second-marker", `A header has a second <|start|> or a second <|channel|>. The reference makes the marker and what follows it the recipient, or fails. Here the last
		channel that is known counts, as an error.`, encoding.RuleOneStart, encoding.RuleOneChannel),
	damage("channel-name", `<|channel|> stands without a name, or a channel's name without <|channel|>. The reference fails on the first and reads the second as the recipient, so that an
		answer looks like a call. Here the channel is read, or is empty, as an error.`, encoding.RuleChannelName),
	damage("unknown-role", `A header begins with no role and no full name of a tool. The reference fails, or takes the first word for a tool where another follows. Here the message
		is kept, with the nearest reading (another case, the wrong form role:assistant, an unknown tool), as an error.`, encoding.RuleRole),
	damage("leftover-words", `A header has words that are no part of one, or in an order that makes them mean something else. The reference fails, or shifts them into other fields. Here
		the fields that are clear are read and the rest stands in the diagnostic, as an error.`, encoding.RuleHeaderWords, encoding.RuleSpacing),
	damage("empty-recipient", `A header has to= and no name. The reference reads an empty recipient and takes the next word for the content type. Here that is an error.`, encoding.RuleRecipient),
	damage("undecodable-header", `A header has bytes that are not UTF-8 or an id that is not in the vocabulary. The reference fails. Here the message is kept, as an error.`, encoding.RuleUTF8),
	damage("spelled-marker", `The reference reads a header as text, so ordinary text that spells a control token works as one. Here only the control token does, and its spelling is an error.`,
		encoding.RuleSpelled),
	damage("prompt-tail", `The stream repeats the <|start|> and the role that the parser was told the prompt ended with. The reference makes them the recipient. Here they are
		recognised and left out, as an error.`, encoding.RulePromptTail),
}
