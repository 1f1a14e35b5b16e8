package encoding

import (
	"fmt"
	"sync"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// GrammarOptions say what the assistant may write in a turn. nil is the zero value: reasoning, announcements, and an answer in free text.
type GrammarOptions struct {
	// Tools are the namespaces that the system and the developer message declare; see DeclaredTools. Only what they hold can be
	// called, with arguments that fit the parameters.
	Tools []harmony.Namespace

	// Choice says whether the turn may, must or must not end in a call.
	Choice ToolChoice

	// Response is the schema that an answer has to fit; nil is any text.
	Response *schema.Schema

	// Constrain says how the arguments and the answer may be narrower, or wider, than their schemas.
	Constrain *constrain.Options

	// Opening is what already stands behind the prompt's <|start|>assistant, such as OpenFinal: a matcher begins behind it.
	Opening []Token

	Reasoning Allowance // messages on analysis, calls excepted
	Preambles Allowance // messages on commentary, calls excepted

	// MaxReasoning is how many tokens of reasoning the turn may have, 0 for any number. At this number the only token allowed is
	// <|end|> (or, within a character, what completes it, which are three tokens at most), and no further message of reasoning begins.
	MaxReasoning int

	// AnyChannel allows calls of functions on analysis, too, and those of the built-in tools on commentary.
	AnyChannel bool
}

// ToolChoice says whether a turn may end in a call: one of the constants, or the full name of the tool that has to be called
// (ChoiceOf). The zero value is ChoiceAuto.
type ToolChoice string

// The tool choices that name no tool. Those that have a spelling have that of Chat Completions' tool_choice.
const (
	ChoiceAuto     ToolChoice = ""         // an answer or a call; also "auto"
	ChoiceNone     ToolChoice = "none"     // an answer
	ChoiceRequired ToolChoice = "required" // a call of any tool
)

// ChoiceOf returns the choice of one tool by its full name, such as functions.get_weather, browser.search or python.
func ChoiceOf(recipient string) ToolChoice { return ToolChoice(recipient) }

// choiceAuto is how Chat Completions spells ChoiceAuto.
const choiceAuto ToolChoice = "auto"

// tool returns the name of the tool that has to be called, or "".
func (c ToolChoice) tool() string {
	switch c {
	case ChoiceAuto, choiceAuto, ChoiceNone, ChoiceRequired:
		return ""
	}
	return string(c)
}

// answers reports whether the turn may end in an answer.
func (c ToolChoice) answers() bool { return c != ChoiceRequired && c.tool() == "" }

// Allowance says whether a turn may have messages of some kind before the call or the answer that it ends with.
type Allowance uint8

const (
	Allow   Allowance = iota // as many as it likes
	Forbid                   // none
	Require                  // at least one
)

// String returns "allow", "forbid" or "require".
func (a Allowance) String() string {
	switch a {
	case Allow:
		return "allow"
	case Forbid:
		return "forbid"
	case Require:
		return "require"
	}
	return fmt.Sprintf("Allowance(%d)", uint8(a))
}

// A Grammar says which tokens the assistant may write behind a prompt that ends in <|start|>assistant, over all ids of
// o200k_harmony: what openai-harmony writes for a turn of the assistant, and what it reads, without repairs, as one in which only
// declared tools are called. In it, text is counted in bytes, whatever the tokens are that spell it:
//
//	turn       = { reasoning | preamble } ( call | answer )
//	reasoning  = "<|channel|>" "analysis"   "<|message|>" text "<|end|>" "<|start|>" "assistant"
//	preamble   = "<|channel|>" "commentary" "<|message|>" text "<|end|>" "<|start|>" "assistant"
//	call       = ( to "<|channel|>" channel | "<|channel|>" channel to ) [ type ] "<|message|>" arguments "<|call|>"
//	answer     = "<|channel|>" "final" "<|message|>" text "<|return|>"
//	           | "<|channel|>" "final" [ type ] "<|message|>" response "<|return|>"       (with a Response)
//	to         = " to=" recipient
//	recipient  = "functions." name | "browser." name | "python" | …                        (those declared)
//	channel    = "commentary" of a function, "analysis" of browser and python, either of any other namespace
//	type       = " " format | [ " " ] "<|constrain|>" format
//	format     = "json" of a function and a response, "code" of python, either of any other tool
//	arguments  = JSON that fits the tool's parameters | text                               (of a namespace without tools)
//	response   = JSON that fits the response's schema
//	text       = any tokens of text, unless they end within a character
//
// # What is decided
//
// A function is called on commentary, because the system message says so ("Calls to these tools must go to the commentary
// channel"), and because a call on analysis is dropped from later prompts as reasoning is, which leaves its result without a call.
// openai-harmony reads such calls, and gpt-oss now and then makes them: see AnyChannel. With it the format of a function may be code, which
// is what gpt-oss writes there.
//
// Arguments are one JSON object: parameters that do not state a type are understood as an object's. A tool without parameters takes {}, and
// not an empty text, because every client reads arguments as JSON.
//
// An answer ends with <|return|>, and with <|end|> only in prompts, where no model writes it. An empty text is allowed, because
// openai-harmony reads one. A message of free text does not end within a character: openai-harmony would hand out a text without
// it, and there is always a token that goes on. Text is not held to UTF-8 otherwise.
//
// White space in headers is that of the format. openai-harmony passes over any other, of any length; no model is trained on it. A
// channel is always there: the system message demands it.
//
// A Grammar is immutable, but for caches that it looks after itself: any number of goroutines may share it.
type Grammar struct {
	enc      *Encoding
	opts     GrammarOptions
	contents []grammarContent // reasoning, preamble, answer, then a content for each tool
	dropped  []DroppedKeyword
	heads    [kindSets]grammarHead // by what kinds of messages may come
	first    *GrammarMatcher       // stands behind the opening
}

// A grammarContent is what may stand in a message, and ends it.
type grammarContent struct {
	name    string // of what it is, in errors
	stop    Token
	json    *constrain.Grammar // nil: free text
	callee  *grammarTool       // nil: it is no call
	allowed bool
}

const (
	contentReasoning = iota
	contentPreamble
	contentAnswer
	contentCalls // the first of them
)

// A kind of message; several are a set.
const (
	kindReasoning = 1 << iota
	kindPreamble
	kindLast // a call or an answer
	kindSets
)

// A grammarHead holds the headers of a set of kinds, made when they are first needed.
type grammarHead struct {
	once sync.Once
	trie *headerTrie
}

// DroppedKeyword is a keyword of a schema that a lenient grammar goes without.
type DroppedKeyword struct {
	Tool string // full name; "" for that of the response
	constrain.Dropped
}

// Grammar returns the grammar of a turn. The error is a *GrammarError: a tool's schema that cannot be enforced, which wraps a
// *constrain.UnsupportedError, a name that cannot stand in a header, a choice of a tool that is not declared, an opening that nothing allowed
// can follow. Grammars of schemas are remembered for some time by what the schemas say, so that a server may call this for each request.
//
// The grammar keeps what o refers to, which must not be changed.
func (e *Encoding) Grammar(o *GrammarOptions) (*Grammar, error) {
	g := &Grammar{enc: e}
	if o != nil {
		g.opts = *o
	}
	if err := g.makeContents(); err != nil {
		return nil, err
	}
	m := g.newMatcher()
	for i, t := range g.opts.Opening {
		if err := m.Accept(t); err != nil {
			return nil, &GrammarError{Where: "opening", Token: i, Err: err}
		}
	}
	m.history, m.counted = nil, len(m.history)
	g.first = m
	return g, nil
}

// makeContents finds what the messages of the turn may hold.
func (g *Grammar) makeContents() error {
	o := &g.opts
	g.contents = append(g.contents,
		grammarContent{name: "reasoning", stop: tokenizer.End, allowed: o.Reasoning != Forbid},
		grammarContent{name: "preamble", stop: tokenizer.End, allowed: o.Preambles != Forbid},
		grammarContent{name: "answer", stop: tokenizer.Return, allowed: o.Choice.answers()})
	if o.Response != nil && g.contents[contentAnswer].allowed {
		json, err := grammarOf(o.Response, false, o.Constrain)
		if err != nil {
			return &GrammarError{Where: "response", Token: -1, Err: err}
		}
		g.contents[contentAnswer].json = json
		g.drop("", json)
	}
	return g.makeCalls()
}

// makeCalls finds what can be called.
func (g *Grammar) makeCalls() error {
	o := &g.opts
	tools, err := grammarTools(o.Tools, o.AnyChannel)
	if err != nil {
		return err
	}
	only := o.Choice.tool()
	for i := range tools {
		t := &tools[i]
		if o.Choice == ChoiceNone || only != "" && t.name != only {
			continue
		}
		c := grammarContent{name: "arguments of " + t.name, stop: tokenizer.Call, callee: t, allowed: true}
		if !t.free {
			if c.json, err = grammarOf(t.parameters, true, o.Constrain); err != nil {
				return &GrammarError{Where: "tool " + quote(t.name), Tool: t.name, Token: -1, Err: err}
			}
			g.drop(t.name, c.json)
		}
		g.contents = append(g.contents, c)
	}
	if len(g.contents) == contentCalls && !g.contents[contentAnswer].allowed {
		err := errNoTools
		if only != "" {
			err = errUndeclared
		}
		return &GrammarError{Where: "choice " + quote(string(o.Choice)), Tool: only, Token: -1, Err: err}
	}
	return nil
}

func (g *Grammar) drop(tool string, json *constrain.Grammar) {
	for _, d := range json.Dropped() {
		g.dropped = append(g.dropped, DroppedKeyword{tool, d})
	}
}

// Dropped lists the keywords that the grammar goes without, if Options.Constrain is lenient. The slice must not be changed.
func (g *Grammar) Dropped() []DroppedKeyword { return g.dropped }

// NewMatcher returns a matcher behind the opening.
func (g *Grammar) NewMatcher() *GrammarMatcher { return g.first.Clone() }

// head returns the headers of a set of kinds.
func (g *Grammar) head(kinds uint8) *headerTrie {
	h := &g.heads[kinds]
	h.once.Do(func() { h.trie = newHeaderTrie(g, kinds) })
	return h.trie
}

// kinds returns what messages may come where reasoning has taken so many tokens, and those kinds are there already.
func (g *Grammar) kinds(spent int, seen uint8) uint8 {
	o := &g.opts
	kinds := uint8(kindLast)
	if o.Reasoning != Forbid && (o.MaxReasoning <= 0 || spent < o.MaxReasoning) {
		kinds |= kindReasoning
	}
	if o.Preambles != Forbid {
		kinds |= kindPreamble
	}
	if o.Reasoning == Require && seen&kindReasoning == 0 || o.Preambles == Require && seen&kindPreamble == 0 {
		kinds &^= kindLast
	}
	return kinds
}
