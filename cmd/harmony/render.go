package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

var renderCommand = command{
	name:    "render",
	summary: "a conversation (JSON) to the tokens a model reads",
	usage: `harmony render [flags] FILE

Renders a conversation to the tokens a gpt-oss model reads, and shows them as
text: special tokens coloured, each message with what it is and what it costs.
Without flags the tokens are those of openai-harmony 0.0.8.

FILE holds the conversation as openai-harmony writes it, {"messages":[…]}; a
bare list of messages works too.

  --mode MODE         conversation (default); completion: the prompt, with the
                      opening of the next message; training: the last answer
                      ends with <|return|>
  --next-role ROLE    who writes next in mode completion (default assistant)
  --profile NAME      whose header layout: openai-harmony-0.0.8 (default),
                      oss-harmony-0.0.11 (the fork that vLLM uses),
                      channel-first (calls as the model itself writes them)
  --retention POLICY  which analysis stays: reference (default: what
                      openai-harmony does), cookbook (what the documentation
                      says: none of finished turns, all of the open one), all
  --schemas STYLE     how tools are written: reference (default: what
                      openai-harmony does, which escapes nothing); strict: the
                      same, but tools that could forge declarations are
                      refused; rich: all of a schema, escaped
  --from FORM         auto (default), conversation or messages, where FILE is
                      not recognised

  --ids               only the token ids, on one line
  --text              only the text that the tokens spell, byte for byte
  --spans             a table: which tokens came from which message and part
  --json              {"tokens":[…]}
  --jsonl             be a filter over JSON Lines: harmony help jsonl
  --color WHEN        auto (default: on a terminal), always or never; NO_COLOR
                      and CLICOLOR_FORCE are heard
  --width N           columns to lay out for (default: the terminal's; 0, and
                      in a pipe: lines are not broken)

Examples
  harmony render examples/agent/conversation.json
  harmony render --mode completion --ids examples/agent/conversation.json
  harmony render --retention cookbook --profile channel-first FILE
  harmony render --schemas strict FILE
`,
	run: runRender,
}

// renderModes are what a rendering is for.
var renderModes = []string{"conversation", "completion", "training"}

// renderJob is one rendering.
type renderJob struct {
	mode string
	next harmony.Role // for mode completion; "" is assistant
	opts encoding.RenderOptions
}

// nextRole returns who writes next.
func (q *renderJob) nextRole() harmony.Role {
	if q.next == "" {
		return harmony.RoleAssistant
	}
	return q.next
}

// tokens renders msgs into dst.
func (q *renderJob) tokens(dst []encoding.Token, msgs []harmony.Message) ([]encoding.Token, error) {
	enc := encoding.GPTOSS()
	switch q.mode {
	case "completion":
		return enc.AppendRenderForCompletion(dst, msgs, q.nextRole(), &q.opts)
	case "training":
		return enc.AppendRenderForTraining(dst, msgs, &q.opts)
	}
	return enc.AppendRender(dst, msgs, &q.opts)
}

// spans renders msgs, saying where each token came from.
func (q *renderJob) spans(msgs []harmony.Message) ([]encoding.Token, []encoding.Span, error) {
	enc := encoding.GPTOSS()
	switch q.mode {
	case "completion":
		return enc.RenderForCompletionSpans(msgs, q.nextRole(), &q.opts)
	case "training":
		return enc.RenderForTrainingSpans(msgs, &q.opts)
	}
	return enc.RenderSpans(msgs, &q.opts)
}

// retentions are the policies by name.
var retentions = map[string]encoding.Retention{
	"reference": encoding.RetainReference,
	"cookbook":  encoding.RetainCookbook,
	"all":       encoding.RetainAll,
}

// schemaStyles are the styles by name.
var schemaStyles = map[string]encoding.SchemaStyle{
	"reference": encoding.SchemaReference,
	"strict":    encoding.SchemaStrict,
	"rich":      encoding.SchemaRich,
}

// renderFlags are the flags of "harmony render".
type renderFlags struct {
	*options
	mode, next, retention, schemas, from choice
	profile                              string
	ids, text, spans                     bool
}

// newRenderFlags returns the flags with their defaults.
func newRenderFlags() (*flag.FlagSet, *renderFlags) {
	fs, o := newFlags("render")
	r := &renderFlags{
		options: o, mode: choice{"conversation", renderModes}, next: choice{"", roleWords},
		retention: choice{"reference", []string{"reference", "cookbook", "all"}},
		schemas:   choice{"reference", []string{"reference", "strict", "rich"}},
		from:      choice{"auto", []string{"auto", "conversation", "messages"}},
	}
	fs.Var(&r.mode, "mode", "")
	fs.Var(&r.next, "next-role", "")
	fs.Var(&r.retention, "retention", "")
	fs.Var(&r.schemas, "schemas", "")
	fs.Var(&r.from, "from", "")
	fs.StringVar(&r.profile, "profile", "", "")
	fs.BoolVar(&r.ids, "ids", false, "")
	fs.BoolVar(&r.text, "text", false, "")
	fs.BoolVar(&r.spans, "spans", false, "")
	return fs, r
}

// job returns what the flags ask for.
func (r *renderFlags) job() (*renderJob, error) {
	if count(r.ids, r.text, r.spans, r.json) > 1 {
		return nil, usageErrorf("--ids, --text, --spans and --json exclude each other")
	}
	q := &renderJob{mode: r.mode.value, next: harmony.Role(r.next.value)}
	q.opts.Retention, q.opts.Schemas = retentions[r.retention.value], schemaStyles[r.schemas.value]
	var err error
	if q.opts.Profile, err = encoding.ParseProfile(r.profile); err != nil {
		names := []string{encoding.ProfileOpenAI.String(), encoding.ProfileOSS.String(), encoding.ProfileChannelFirst.String()}
		return nil, usageErrorf("--profile %s: want %s%s", quote(r.profile), oneOf(names), suggest(r.profile, names))
	}
	if q.next != "" && q.mode != "completion" {
		return nil, usageErrorf("--next-role is for --mode completion, the mode is %s", q.mode)
	}
	return q, nil
}

func runRender(x *session, args []string) error {
	fs, r := newRenderFlags()
	operands, done, err := x.begin(fs, r.options, args, newRenderHandler)
	if err != nil || done {
		return err
	}
	q, err := r.job()
	if err != nil {
		return err
	}
	in, err := x.read(operands, "file with a conversation")
	if err != nil {
		return err
	}
	conv, err := readConversation(in, r.from.value)
	if err != nil {
		return err
	}
	toks, spans, err := q.spans(conv.Messages)
	if err != nil {
		return fmt.Errorf("%s: %s", in.name, withoutPackage(err))
	}
	return x.output(func(w *bufio.Writer) error {
		switch {
		case r.ids:
			return writeIDs(w, toks)
		case r.text:
			w.WriteString(lossyTokens(toks))
		case r.spans:
			writeSpans(w, toks, spans)
		case r.json:
			w.Write(append(appendTokensObject(nil, toks), '\n'))
		default:
			v := renderView{newScreen(w, x.stdout, r.options), q, conv.Messages, toks, spans}
			v.print(in.name)
		}
		return nil
	})
}

// count returns how many of the flags are set.
func count(flags ...bool) int {
	n := 0
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// withoutPackage returns an error's text without the name of the package it comes from.
func withoutPackage(err error) string {
	text := err.Error()
	for _, p := range []string{"encoding: ", "harmony: ", "tokenizer: ", "schema: ", "constrain: ", "agent: ", "decoder: ", "hub: "} {
		if t, ok := strings.CutPrefix(text, p); ok {
			return t
		}
	}
	return text
}

// readConversation reads a conversation in the form that form names, or in the one that in looks like.
func readConversation(in source, form string) (harmony.Conversation, error) {
	data := dropByteOrderMark(in.data)
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return harmony.Conversation{}, fmt.Errorf("%s: empty, want a conversation as JSON", in.name)
	case bytes.HasPrefix(trimmed, []byte("<|")):
		return harmony.Conversation{}, fmt.Errorf("%s: Harmony text, not a conversation as JSON; 'harmony parse' reads it", in.name)
	}
	if fault := textFault(data); fault != "" {
		return harmony.Conversation{}, fmt.Errorf("%s: %s; want a conversation as JSON", in.name, fault)
	}
	doc, base := data, 0
	if form == "messages" || form == "auto" && isMessageList(trimmed) {
		const head = `{"messages":`
		doc, base = append(append([]byte(head), data...), '}'), len(head)
	}
	conv, err := harmony.ParseConversation(doc)
	if e, ok := errors.AsType[*harmony.JSONError](err); ok {
		return conv, placed(in.name, data, min(max(e.Offset-base, 0), len(data)), pointerText(e.Path)+jsonFault(e))
	}
	return conv, err
}

// isMessageList reports whether doc is a list of objects: openai-harmony's array form is a list in a list.
func isMessageList(doc []byte) bool {
	rest, ok := bytes.CutPrefix(doc, []byte("["))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return ok && len(rest) > 0 && rest[0] == '{'
}

// pointerText puts a JSON pointer before a fault.
func pointerText(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// writeIDs writes ids on one line.
func writeIDs(w *bufio.Writer, toks []encoding.Token) error {
	var buf [12]byte
	for i, t := range toks {
		if i > 0 {
			w.WriteByte(' ')
		}
		w.Write(strconv.AppendUint(buf[:0], uint64(t), 10))
	}
	return w.WriteByte('\n')
}

// writeSpans writes a table of the spans: their first token, the one behind their last, message, part, and how the
// text begins.
func writeSpans(w *bufio.Writer, toks []encoding.Token, spans []encoding.Span) {
	const most = 12 // tokens of text
	fmt.Fprintf(w, "%7s %7s %7s  %-8s %s\n", "start", "end", "message", "part", "text")
	for _, s := range spans {
		text := lossyTokens(toks[s.Start:min(s.End, s.Start+most)])
		message := "-"
		if s.Message >= 0 {
			message = strconv.Itoa(s.Message)
		}
		fmt.Fprintf(w, "%7d %7d %7s  %-8s %s\n", s.Start, s.End, message, s.Part, excerptQuoted(text, s.End-s.Start > most))
	}
}

// excerptQuoted quotes the begin of text; more says that there is more than is given.
func excerptQuoted(text string, more bool) string {
	const most = 40
	if cut := cutWidth(text, most); len(cut) < len(text) {
		text, more = cut, true
	}
	if more {
		return strconv.Quote(text) + "…"
	}
	return strconv.Quote(text)
}
