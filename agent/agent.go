package agent

import (
	"context"
	"maps"
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

// Options says what an agent is. The zero value, or nil, is an agent without instructions and tools.
type Options struct {
	Instructions string         // what Chat Completions calls the system prompt
	Tools        []*Function    // what the model may call
	Effort       harmony.Effort // how long it should think; "" is medium
	Date         string         // "Current date: …", YYYY-MM-DD; "" leaves the line out: this package reads no calendar
	Format       *Format        // what every answer has to fit; nil is any text

	// System is the system message, if it is to be another than harmony.NewSystemContent's. Effort and Date, if not empty, and
	// the built-in tools are put into a copy of it.
	System *harmony.SystemContent

	Sampling  engine.Sampling
	Limits    Limits
	Retention encoding.Retention // what of finished turns the model sees again; nil is encoding.RetainCookbook

	// Allow, if not nil, is asked before a tool runs, with a call whose arguments are valid. Its error is what the
	// model hears instead of a result.
	Allow func(ctx context.Context, call harmony.Message) error

	// Open, if not nil, returns the opening that the model must go on from in a generation, such as
	// Encoding.OpenTool("functions.get_weather") in the first step; nil leaves it free.
	Open func(g Generation) []encoding.Token

	// Mask, if not nil, returns the mask of a generation; nil leaves it free. Constrained makes one under which calls and answers always
	// fit their schemas.
	Mask func(g Generation) (engine.Mask, error)
}

// Generation tells the hooks of Options what is about to be generated. The hooks must not change what it refers to.
type Generation struct {
	Step    int                 // of the turn, from 0
	Tools   []harmony.Namespace // what may be called: functions first, then the built-in ones
	Format  *Format             // what the answer has to fit; nil is any text
	Opening []encoding.Token    // what stands behind the prompt; empty while Open is asked
}

// Limits bounds a turn. A zero field has the default, a negative one is no limit.
type Limits struct {
	Steps    int           // generations in a turn; 32
	Tokens   int           // of output in a turn; 65,536
	Time     time.Duration // of a turn; none
	ToolTime time.Duration // of one call; 2 minutes
	Result   int           // bytes of one result: a longer one is cut, and says so; 32,768
	Repairs  int           // how often an answer that does not fit its format is sent back; 2
	Context  int           // tokens of a prompt and its output; what the generator's method Capacity says, if it has one
}

// The defaults of Limits. Time and size of a tool are what a conversation can bear: two minutes are those of the built-in python
// (harmony.Python), and 32 KiB of text are about 8,000 tokens.
const (
	defaultSteps    = 32
	defaultTokens   = 1 << 16
	defaultToolTime = 2 * time.Minute
	defaultResult   = 32 << 10
	defaultRepairs  = 2
)

// with returns l with the defaults in place.
func (l Limits) with(g engine.Generator) Limits {
	set(&l.Steps, defaultSteps)
	set(&l.Tokens, defaultTokens)
	set(&l.ToolTime, defaultToolTime)
	set(&l.Result, defaultResult)
	set(&l.Repairs, defaultRepairs)
	if c, ok := g.(interface{ Capacity() int }); ok {
		set(&l.Context, c.Capacity())
	}
	return l
}

func set[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// An Agent is a model with instructions and tools. It is immutable and safe for concurrent use, as far as its tools and hooks are: every
// conversation has a Session of its own.
type Agent struct {
	generator engine.Generator
	enc       *encoding.Encoding
	opts      Options
	limits    Limits
	tools     toolset
	stops     []encoding.Token
	endOfText encoding.Token
}

// New returns an agent. The error is an *OptionError, which says what of the options cannot be used: a tool whose type has no
// schema, two tools of one name, an unknown effort. The agent keeps what opts refers to, which must not be changed.
func New(g engine.Generator, opts *Options) (*Agent, error) {
	enc := encoding.GPTOSS()
	a := &Agent{generator: g, enc: enc, stops: engine.DefaultStop(), endOfText: enc.Tokenizer().EncodeSpecial("<|endoftext|>")[0]}
	if opts != nil {
		a.opts = *opts
	}
	if g == nil {
		return nil, &OptionError{Field: "generator", What: "expected one, found nil"}
	}
	a.limits = a.opts.Limits.with(g)
	tools, err := newToolset(a.opts.Tools)
	if err != nil {
		return nil, err
	}
	a.tools = tools
	if f := a.opts.Format; f != nil {
		if err := f.check(); err != nil {
			return nil, &OptionError{Field: "format", Err: err}
		}
	}
	for _, m := range a.head(a.opts.Format) {
		if _, err := enc.RenderMessage(&m, nil); err != nil {
			return nil, &OptionError{Field: string(m.Role) + " message", Err: err}
		}
	}
	return a, nil
}

// Limits returns the limits with their defaults in place.
func (a *Agent) Limits() Limits { return a.limits }

// head returns the messages that a conversation begins with: system and, if it says anything, developer.
func (a *Agent) head(f *Format) []harmony.Message {
	system := a.opts.System
	if system == nil {
		system = harmony.NewSystemContent()
	}
	c := *system
	c.Tools = maps.Clone(c.Tools)
	if a.opts.Effort != "" {
		c.ReasoningEffort = a.opts.Effort
	}
	if a.opts.Date != "" {
		c.ConversationStartDate = a.opts.Date
	}
	for _, ns := range a.tools.builtins {
		c.AddTools(ns)
	}
	head := []harmony.Message{harmony.NewSystem(&c)}
	if content := developer(a.opts.Instructions, a.tools.functions, f); len(content) > 0 {
		head = append(head, harmony.Message{Role: harmony.RoleDeveloper, Content: content})
	}
	return head
}
