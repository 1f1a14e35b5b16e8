package main

import (
	"errors"
	"flag"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

var constrainCommand = command{
	name:    "constrain",
	summary: "whether a grammar holds a model to a JSON Schema",
	usage: `harmony constrain [flags] SCHEMA [INSTANCE]
harmony constrain --jsonl [flags] [FILE]

Makes a grammar of a JSON Schema, whose masks keep a model from writing
anything else, and says which keywords it cannot enforce. Walks an instance
through the masks as the model would write it, token by token, and shows where
it is refused, and what could have come instead.

  --lenient            go on without keywords that cannot be enforced, and
                       list them
  --ignore-format      take "format" for a remark
  --ignore-unknown     take keywords that JSON Schema does not have for remarks
  --compact            no white space around values
  --max-space N        at most N characters of white space together
  --schema-order       properties in the order of the schema
  --declared-only      no properties that the schema says nothing of
  --canonical-numbers  no exponents, and no fraction where numbers are whole
  --plain-strings      escapes only where JSON has no other spelling
  --max-string N       strings of at most N characters
  --spelling HOW       canonical (default): the tokens of the tokenizer;
                       bytes: a token for every byte

  --json               one JSON object
  --jsonl              be a filter over JSON Lines, see below
  --max-line SIZE, --workers N
                       as 'harmony help jsonl' has them
  --color WHEN         auto (default: on a terminal), always or never; NO_COLOR
                       and CLICOLOR_FORCE are heard
  --width N            columns to lay out for (default: the terminal's; 0, and
                       in a pipe: lines are not broken)

One of the two files may be - for standard input. A line break that ends the
file of the instance does not count. Control characters are shown as escapes;
--json has them as they are. The exit status is 1 for a schema that cannot be
enforced, and for an instance that is refused.

With --jsonl every line is {"schema":…,"instance":"the exact text"}. A member
"id" is repeated in the answer, others are passed over. The answers, in order:
  {"id":…,"valid":true|false|null,"accepted":true|false|null,
   "rejected_at":BYTE|null,"refused":"POINTER KEYWORD"|null,"error":"…"|null}
  valid        whether the instance fits the schema; false as well for what is
               no JSON, repeats a key, or nests more than 127 deep
  accepted     whether the masks allow each of its tokens, and its end; null
               if there is no grammar
  rejected_at  where the first token begins that is not allowed; the length of
               the instance if it ends too early
  refused      what cannot be enforced exactly: the JSON pointer of a schema,
               and the keyword. A schema that contradicts itself is enforced:
               nothing is accepted
  dropped      with --lenient, if there are any: the same for what the grammar
               goes without
  error        what is wrong with the line, by number, or with its schema;
               "offset" says where in the line, if that is known
Instances have at most 1 MiB. The exit status is 1 if there was an error.

Examples
  harmony constrain weather.json
  echo '{"city":7}' | harmony constrain weather.json -
  harmony constrain --jsonl --ignore-format cases.jsonl
`,
	run: runConstrain,
}

// constrainFlags are the flags of "harmony constrain".
type constrainFlags struct {
	*options
	grammar  constrain.Options
	spelling choice
}

// spellings are the ways in which an instance is cut into tokens.
const (
	spellCanonical = "canonical"
	spellBytes     = "bytes"
)

// newConstrainFlags returns the flags with their defaults.
func newConstrainFlags() (*flag.FlagSet, *constrainFlags) {
	fs, o := newFlags("constrain")
	f := &constrainFlags{options: o, spelling: choice{spellCanonical, []string{spellCanonical, spellBytes}}}
	g := &f.grammar
	fs.BoolVar(&g.Lenient, "lenient", false, "")
	fs.BoolVar(&g.IgnoreFormat, "ignore-format", false, "")
	fs.BoolVar(&g.IgnoreUnknown, "ignore-unknown", false, "")
	fs.BoolVar(&g.Compact, "compact", false, "")
	fs.IntVar(&g.MaxSpace, "max-space", 0, "")
	fs.BoolVar(&g.SchemaOrder, "schema-order", false, "")
	fs.BoolVar(&g.DeclaredOnly, "declared-only", false, "")
	fs.BoolVar(&g.CanonicalNumbers, "canonical-numbers", false, "")
	fs.IntVar(&g.MaxString, "max-string", 0, "")
	fs.BoolVar(&g.PlainStrings, "plain-strings", false, "")
	fs.Var(&f.spelling, "spelling", "")
	return fs, f
}

func runConstrain(x *session, args []string) error {
	fs, f := newConstrainFlags()
	operands, err := readFlags(fs, f, args)
	if err != nil {
		return err
	}
	if f.jsonl {
		return x.filter(operands, f.options, func() handler { return newConstrainHandler(f) }, appendConstrainFault)
	}
	d, err := x.describeConstraint(operands, f)
	if err != nil {
		return err
	}
	err = x.show(f.options, d, func(s *screen) { (&constrainView{s, d}).print() })
	if err == nil && (!d.usable() || d.Instance != nil && !d.Instance.Accepted) {
		return errNegative
	}
	return err
}

// constraint is what "harmony constrain" tells of a schema: its --json form.
type constraint struct {
	Path     string        `json:"path"`
	Bytes    int           `json:"bytes"`
	Grammar  grammarReport `json:"grammar"`
	Lenient  bool          `json:"lenient"`
	Instance *walkReport   `json:"instance,omitempty"`
	text     string        // of the instance
}

// usable reports whether there is a grammar as the flags ask for it.
func (d *constraint) usable() bool {
	return d.Grammar.Fault == nil && (d.Lenient || d.Grammar.Enforced)
}

// walkReport is what is told of an instance.
type walkReport struct {
	Path     string `json:"path"`
	Bytes    int    `json:"bytes"`
	Tokens   int    `json:"tokens"`
	Valid    *bool  `json:"valid"` // nil: the schema cannot be validated by
	Feedback string `json:"feedback,omitempty"`
	Walked   bool   `json:"walked"` // false: there is no grammar
	walk
}

// describeConstraint reads a schema and, if one is given, an instance, and collects what there is to tell.
func (x *session) describeConstraint(operands []string, f *constrainFlags) (*constraint, error) {
	if len(operands) > 2 {
		return nil, usageErrorf("one schema and one instance at a time, found %d files: %s", len(operands), quote(operands[2]))
	}
	if len(operands) == 2 && operands[0] == "-" && operands[1] == "-" {
		return nil, usageErrorf("the schema and the instance cannot both be standard input")
	}
	in, s, err := x.readSchema(operands[:min(1, len(operands))])
	if err != nil {
		return nil, err
	}
	d := &constraint{Path: in.name, Bytes: len(in.data), Lenient: f.grammar.Lenient}
	grammar := d.Grammar.describe(s, f.grammar)
	if len(operands) < 2 {
		return d, nil
	}
	in, err = x.readAtMost(operands[1:], "instance", schema.MaxInstance+len("\r\n"))
	if err != nil {
		return nil, err
	}
	d.text = instanceText(in.data)
	d.Instance, err = d.walkInstance(in.name, s, grammar, f)
	return d, err
}

// walkInstance validates the instance and walks it through the masks, if there is a grammar.
func (d *constraint) walkInstance(name string, s *schema.Schema, grammar *constrain.Grammar, f *constrainFlags) (*walkReport, error) {
	w := newWalker(f.spelling.value)
	r := &walkReport{Path: name, Bytes: len(d.text), Tokens: len(w.tokens(d.text)), Walked: grammar != nil || d.Grammar.Empty}
	err := s.Validate([]byte(d.text))
	if _, broken := errors.AsType[*schema.CompileError](err); !broken {
		valid := err == nil
		r.Valid, r.Feedback = &valid, schema.Feedback(err)
	}
	switch {
	case grammar != nil:
		if r.walk, err = w.walk(grammar.NewMatcher(), d.text, true); err != nil {
			return nil, err
		}
	case d.Grammar.Empty:
		r.walk = w.nowhere(d.text)
	}
	return r, nil
}

// instanceText is the text of an instance in a file, which most editors end with a line break.
func instanceText(data []byte) string {
	text := string(dropByteOrderMark(data))
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
		if n > 1 && text[n-2] == '\r' {
			text = text[:n-2]
		}
	}
	return text
}
