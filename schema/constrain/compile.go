package constrain

import (
	"bytes"
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/schema"
)

// Options say how a grammar may be narrower than its schema, or wider. The zero Options, or nil, mean exactly the schema.
type Options struct {
	// Lenient goes on without what cannot be enforced, and lists it in Grammar.Dropped. Masks are then wider than the schema, or
	// narrower where the keyword stood below not or if.
	Lenient bool
	// IgnoreFormat takes format for a remark, as JSON Schema 2020-12 does where nobody asks for more.
	IgnoreFormat bool

	// IgnoreUnknown takes keywords that JSON Schema does not have for remarks, as JSON Schema does. Without it they are refused: most
	// are spelling mistakes.
	IgnoreUnknown bool

	// Compact allows no white space around values.
	Compact bool
	// MaxSpace, if above 0, is how many characters of white space may stand together: a model that writes nothing else comes to an
	// end.
	MaxSpace int
	// SchemaOrder allows the properties that the schema names only in the order in which it names them, before any others.
	SchemaOrder bool
	// MaxString, if above 0, is how many characters a string may have for which the schema names no values: a model that repeats
	// itself comes to an end. Strings that the schema wants longer are not bounded.
	MaxString int
	// DeclaredOnly allows no property that the schema says nothing of, as if it had "additionalProperties": false wherever it leaves
	// that out. An object of which no property is said anything stays open.
	DeclaredOnly bool
	// CanonicalNumbers allows no exponents, and whole numbers only without a fraction, where all have to be whole.
	CanonicalNumbers bool
	// PlainStrings allows an escape only where JSON has no other spelling of the character.
	PlainStrings bool
}

// A Dropped is a keyword that a lenient grammar goes without.
type Dropped struct {
	Pointer string // JSON pointer of the subschema
	Keyword string
	Reason  string
}

// A compiler turns a schema into a grammar.
type compiler struct {
	opts      Options
	doc       *document
	exprs     map[string]*expr
	locations map[*location]int
	patterns  map[string]*textSet
	machines  map[string]*textMachine
	pairs     map[[2]int]bool
	open      map[*location]int
	keyBuf    []byte
	evaluates bool // there are unevaluated keywords
	fuel      int
	pruned    int  // steps spent on pruning
	pruning   bool // they are being spent

	always, never *expr
	anyArray      *arrayShape
	anyObject     *objectShape

	nodes   []*node
	dropped []Dropped
}

// Compile makes the grammar of a schema. The error is an *UnsupportedError: it names the first keyword that cannot be enforced
// exactly; it wraps ErrNoInstance if no value at all satisfies the schema. Time and memory are bounded whatever the schema.
func Compile(s *schema.Schema, opts *Options) (g *Grammar, err error) {
	c := &compiler{exprs: map[string]*expr{}, locations: map[*location]int{}, patterns: map[string]*textSet{},
		machines: map[string]*textMachine{}, pairs: map[[2]int]bool{}, open: map[*location]int{}, fuel: maxFuel}
	if opts != nil {
		c.opts = *opts
	}
	defer func() {
		if r := recover(); r != nil {
			g, err = nil, c.failure(r)
		}
	}()
	raw := s.JSON()
	if c.doc, err = newDocument(raw); err != nil {
		return nil, &UnsupportedError{Reason: err.Error(), cause: err}
	}
	c.evaluates = bytes.Contains(raw, []byte(`"unevaluated`))
	c.always = c.intern(exprAlways, nil, nil, nil)
	c.never = c.intern(exprNever, nil, nil, nil)
	c.anyArray = &arrayShape{rest: c.always, max: -1}
	c.anyObject = &objectShape{max: -1}
	return c.grammar(c.ref(c.doc.root)), nil
}

// failure turns what a compiler panicked with into an error.
func (c *compiler) failure(r any) error {
	switch e := r.(type) {
	case *UnsupportedError:
		return e
	case *loopError:
		return &UnsupportedError{Pointer: e.e.loc.pointer(), Keyword: "$ref", Reason: "it leads back to itself"}
	}
	panic(r)
}

// refuse says that a keyword cannot be enforced. It returns only where the options say to go on without it.
func (c *compiler) refuse(loc *location, keyword, reason string) {
	if !c.opts.Lenient {
		c.fail(loc, keyword, reason, nil)
	}
	if d := (Dropped{loc.pointer(), keyword, reason}); !slices.Contains(c.dropped, d) {
		c.dropped = append(c.dropped, d)
	}
}

// fail says that the schema cannot be enforced whatever the options.
func (c *compiler) fail(loc *location, keyword, reason string, cause error) {
	panic(&UnsupportedError{loc.pointer(), keyword, reason, cause})
}

func (c *compiler) tooComplex(what string) { c.fail(nil, "", "it is too complex: "+what, nil) }

// spend bounds the work.
func (c *compiler) spend(n int) {
	if c.fuel -= n; c.fuel < 0 {
		c.tooComplex("compiling takes too long")
	}
}

// decimal reads a number of the schema.
func (c *compiler) decimal(loc *location, keyword string, v *ojson.Value) decimal {
	d, ok := parseDecimal(v.Str)
	if !ok {
		c.fail(loc, keyword, "the number is out of range", nil)
	}
	return d
}

// machine returns the machine of a set of strings.
func (c *compiler) machine(s *textSet, at *expr) *textMachine {
	if m, ok := c.machines[s.key]; ok {
		return m
	}
	if s == everyText {
		return anyText
	}
	if m, ok := formatMachines.Load(s.key); ok {
		return m.(*textMachine)
	}
	m, err := newTextMachine(s)
	if err != nil {
		c.fail(at.loc, "pattern", err.Error(), nil)
	}
	c.spend(len(m.states) * len(m.classes.sample))
	c.machines[s.key] = m
	return m
}
