package main

import (
	"bufio"
	"flag"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

var parseCommand = command{
	name:    "parse",
	summary: "a model's tokens or text back to messages",
	usage: `harmony parse [flags] FILE

Reads what a model wrote, or a whole transcript, and shows its messages: who
wrote each, on which channel, to whom, what it is (reasoning, preamble, answer,
call, result) and which token ended it; then whatever is wrong with the stream,
where, and what is right. Nothing of the input is dropped.

FILE holds text with the markers spelled out, <|channel|>final<|message|>…, or
token ids: a JSON array, or numbers between spaces, commas or line breaks. One
line break behind the last marker belongs to the file, not to the stream.

  --role ROLE   whose header the stream goes on with, where the prompt ended
                in <|start|>ROLE: system, developer, user, assistant or tool;
                none: the stream begins with <|start|> itself (default: none
                if it does, else assistant)
  --strict      the first error ends the parse
  --canonical   also tell where ids are not those their text encodes to
  --from FORM   auto (default), text or ids, where FILE is not recognised
  --follow      show messages while they arrive

  --ids         show the token ids of each message too
  --json        {"messages":[…],"diagnostics":[…],"verdict":"…"}
  --jsonl       be a filter over JSON Lines: harmony help jsonl
  --color WHEN  auto (default: on a terminal), always or never; NO_COLOR and
                CLICOLOR_FORCE are heard
  --width N     columns to lay out for (default: the terminal's; 0, and in a
                pipe: lines are not broken)

The exit status is 1 when something had to be repaired (a diagnostic of level
error). To be cut off is no error: the verdict says where it happened.

Examples
  harmony parse examples/agent/completion.txt
  harmony render --ids examples/agent/conversation.json | harmony parse -
  echo '<|start|>role:assistant,type:reasoning Hmm<|end|>' | harmony parse -
`,
	run: runParse,
}

// parseJob is one parse.
type parseJob struct {
	tokens []encoding.Token
	text   string
	isText bool         // text is the input, not tokens
	role   harmony.Role // "": the stream begins with <|start|>
	opts   encoding.ParseOptions
}

// run parses the input. log, unless nil, gets the events.
func (q *parseJob) run(log *eventLog) (encoding.Result, error) {
	enc := encoding.GPTOSS()
	switch {
	case log == nil && q.isText:
		return enc.ParseText(q.text, q.role, &q.opts)
	case log == nil:
		return enc.Parse(q.tokens, q.role, &q.opts)
	}
	p := enc.NewParser(q.role, &q.opts)
	if q.isText {
		events, err := p.PushText(q.text)
		if err != nil {
			return encoding.Result{}, err
		}
		log.add(events)
	}
	for _, t := range q.tokens {
		events, err := p.Push(t)
		if err != nil {
			return encoding.Result{}, err
		}
		log.add(events)
	}
	events, _, err := p.Close(encoding.StopUnknown)
	if err != nil {
		return encoding.Result{}, err
	}
	log.add(events)
	return p.Result(), nil
}

// roleChoices are the values of --role.
var roleChoices = append([]string{"auto", "none"}, roleWords...)

// parseOptions are the flags of "harmony parse".
type parseOptions struct {
	*options
	role, from          choice
	strict, follow, ids bool
	canonical           bool
}

// newParseFlags returns the flags with their defaults.
func newParseFlags() (*flag.FlagSet, *parseOptions) {
	fs, o := newFlags("parse")
	p := &parseOptions{options: o, role: choice{"auto", roleChoices}, from: choice{"auto", []string{"auto", "text", "ids"}}}
	fs.Var(&p.role, "role", "")
	fs.Var(&p.from, "from", "")
	fs.BoolVar(&p.strict, "strict", false, "")
	fs.BoolVar(&p.canonical, "canonical", false, "")
	fs.BoolVar(&p.follow, "follow", false, "")
	fs.BoolVar(&p.ids, "ids", false, "")
	return fs, p
}

func runParse(x *session, args []string) error {
	fs, p := newParseFlags()
	operands, done, err := x.begin(fs, p.options, args, newParseHandler)
	if err != nil || done {
		return err
	}
	if p.follow {
		if p.json || p.ids || p.strict || p.canonical {
			return usageErrorf("--follow goes with none of --json, --ids, --strict and --canonical")
		}
		return x.follow(operands, p)
	}
	in, err := x.read(operands, "file to parse")
	if err != nil {
		return err
	}
	q, err := readStream(in, p.from.value)
	if err != nil {
		return err
	}
	q.setRole(p.role.value)
	q.opts.Strict, q.opts.Canonical = p.strict, p.canonical
	result, err := q.run(nil)
	if err != nil {
		return x.strictFault(in.name, q, p.options, err)
	}
	return x.output(func(w *bufio.Writer) error {
		if p.json {
			w.Write(append(appendResult(nil, &result, nil), '\n'))
		} else {
			v := parseView{s: newScreen(w, x.stdout, p.options), q: q, ids: p.ids}
			v.print(in.name, &result)
		}
		if damaged(result.Diagnostics) {
			return errNegative
		}
		return nil
	})
}

// setRole decides who the stream's first header belongs to.
func (q *parseJob) setRole(word string) {
	switch word {
	case "none":
		q.role = ""
	case "auto":
		q.role = harmony.RoleAssistant
		if q.beginsWithStart() {
			q.role = ""
		}
	default:
		q.role = harmony.Role(word)
	}
}

// damaged reports whether one of the diagnostics is an error.
func damaged(diagnostics []encoding.Diagnostic) bool {
	for _, d := range diagnostics {
		if d.Severity == encoding.Error {
			return true
		}
	}
	return false
}
