package constrain

import "github.com/harmony-go/sdk/schema"

// A Grammar accepts the JSON texts of the values that a schema allows: in every order of keys, every spelling and with white
// space everywhere, unless options say otherwise. No object has a key twice. It is immutable, but for caches that it looks after
// itself: any number of goroutines may share it.
type Grammar struct {
	top       *node
	space     int32 // so much white space may stand together, below 0: any
	plain     bool
	spareKeys bool // keys have to be remembered
	unique    bool // and the text: there are arrays with unique items
	deepFrom  int  // from so many open containers on it matters how many there are
	dropped   []Dropped
	cache     maskCache
}

func newGrammar(c *compiler, top *node) *Grammar {
	g := &Grammar{top: top, space: -1, plain: c.opts.PlainStrings, dropped: c.dropped}
	switch {
	case c.opts.Compact:
		g.space = 0
	case c.opts.MaxSpace > 0:
		g.space = int32(min(c.opts.MaxSpace, schema.MaxInstance))
	}
	height := 0
	for _, n := range c.nodes {
		for _, p := range n.objects {
			g.spareKeys = g.spareKeys || p.extra > 0
			height = max(height, p.height)
		}
		for _, p := range n.arrays {
			g.unique = g.unique || p.unique
			height = max(height, p.height)
		}
	}
	g.deepFrom = maxDepth - height - maxTokenLen/2
	return g
}

// Dropped lists the keywords that a lenient grammar goes without. The slice must not be changed.
func (g *Grammar) Dropped() []Dropped { return g.dropped }

// NewMatcher returns a matcher at the beginning of a text.
func (g *Grammar) NewMatcher() *Matcher {
	m := &Matcher{g: g, vocab: o200k(), plain: g.plain}
	m.Reset()
	return m
}
