package constrain

import (
	"slices"
	"strconv"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A way is one of several in which values can satisfy a schema, with what its keywords then have evaluated of them: that
// is what unevaluatedProperties and unevaluatedItems ask. The ways of a schema hold all of its values; where they evaluate
// different things they have no value in common.
type way struct {
	set   *valueSet
	keys  *textSet // the keys that are evaluated
	items int      // so many first items are; all of them if negative
	some  []*expr  // and those that one of these holds for
}

// ways returns the ways of a schema, of values that are known to be in a set: what else they may be need not be told apart. nil
// stands for all values.
func (c *compiler) ways(loc *location, known *valueSet) []way {
	switch v := loc.value; {
	case v.Kind == ojson.Bool && v.Bool:
		return []way{{set: anyValue(c)}}
	case v.Kind == ojson.Bool:
		return []way{{set: &valueSet{}}}
	case v.Kind != ojson.Object:
		c.refuse(loc, "", "expected an object or a boolean, found "+v.Kind.String())
		return []way{{set: anyValue(c)}}
	}
	if c.open[loc] > 0 { // a reference to a schema from itself
		panic(&loopError{c.ref(loc)})
	}
	c.open[loc]++
	defer func() { c.open[loc]-- }()
	r := c.read(loc)
	ws := []way{r.own()}
	if known != nil {
		ws[0].set = c.intersect(ws[0].set, known)
	}
	for _, m := range r.apply {
		r.known = c.unionOf(ws)
		ws = c.join2(ws, r.applied(m))
	}
	return r.unevaluated(ws)
}

// own is the way of the keywords of the schema itself.
func (r *schemaReader) own() way {
	w := way{set: r.base()}
	if r.ignoresSiblings {
		return w
	}
	w.keys = r.named()
	if _, ok := r.get("additionalProperties"); ok {
		w.keys = everyText
	}
	w.items = len(r.array.prefix)
	if v, ok := r.get("items"); ok && v.Kind != ojson.Array {
		w.items = -1
	}
	if _, ok := r.get("additionalItems"); ok && w.items > 0 {
		w.items = -1
	}
	if v, ok := r.get("contains"); ok && !r.loc.old {
		w.some = []*expr{r.sub("contains", v)}
	}
	return w
}

// unionOf is the union of the sets of some ways.
func (c *compiler) unionOf(ws []way) *valueSet {
	s := ws[0].set
	for _, w := range ws[1:] {
		s = c.union(s, w.set)
	}
	return s
}

// join2 returns the ways to satisfy both of two schemas.
func (c *compiler) join2(a, b []way) []way {
	var out []way
	for _, x := range a {
		for _, y := range b {
			w := way{set: c.intersect(x.set, y.set), keys: orText(x.keys, y.keys), items: max(x.items, y.items)}
			if x.items < 0 || y.items < 0 {
				w.items = -1
			}
			w.some = append(slices.Clip(x.some), y.some...)
			if !w.set.none() {
				out = append(out, w)
			}
		}
	}
	return c.mergeWays(out)
}

// mergeWays puts ways together that evaluate the same.
func (c *compiler) mergeWays(ws []way) []way {
	if len(ws) == 0 {
		return []way{{set: &valueSet{}}}
	}
	var out []way
	for _, w := range ws {
		i := slices.IndexFunc(out, func(o way) bool {
			return o.items == w.items && slices.Equal(o.some, w.some) && (o.keys == w.keys || o.keys != nil && w.keys != nil && o.keys.key == w.keys.key)
		})
		if i < 0 {
			out = append(out, w)
			continue
		}
		out[i].set = c.union(out[i].set, w.set)
	}
	if len(out) > maxAlternatives {
		c.tooComplex("too many alternatives")
	}
	return out
}

// waysOf returns the ways of a subschema. Where nobody asks what is evaluated there is one.
func (r *schemaReader) waysOf(e *expr) []way {
	switch {
	case e.op == exprRef && r.c.evaluates:
		return r.c.ways(e.loc, nil)
	case e.op == exprRef && splits(e.loc.value) && len(r.known.objects) > 0 && !r.known.objects[0].any():
		return r.c.ways(e.loc, r.known)
	}
	return []way{{set: r.c.set(e)}}
}

// splits reports whether a schema has a keyword that may divide its values into many shapes.
func splits(v *ojson.Value) bool {
	return slices.ContainsFunc(v.Members, func(m ojson.Member) bool {
		switch m.Key {
		case "oneOf", "anyOf", "not", "if", "dependentSchemas", "dependencies":
			return true
		}
		return false
	})
}

// plainWays reports whether no way of a subschema evaluates anything.
func plainWays(ws []way) bool {
	return !slices.ContainsFunc(ws, func(w way) bool { return w.keys != nil || w.items != 0 || len(w.some) > 0 })
}

// fails is the way in which a subschema is not satisfied: nothing is evaluated then.
func (r *schemaReader) fails(e *expr) []way {
	return []way{{set: r.c.minus(r.known, r.c.set(e))}}
}

// applied returns the ways of a keyword whose subschemas apply to the value itself.
func (r *schemaReader) applied(m *ojson.Member) []way {
	c := r.c
	switch m.Key {
	case "enum", "const":
		return []way{{set: r.constants(m)}}
	case "$ref", "$dynamicRef", "$recursiveRef":
		return r.reference(m)
	case "not":
		return r.fails(r.sub(m.Key, &m.Value))
	case "allOf":
		ws := []way{{set: anyValue(c)}}
		for _, e := range r.items(m) {
			ws = c.join2(ws, r.waysOf(e))
		}
		return ws
	case "anyOf":
		return r.anyOf(r.items(m))
	case "oneOf":
		return r.oneOf(r.items(m))
	case "if":
		return r.conditional(m)
	case "dependentSchemas", "dependencies":
		return r.dependentSchemas(m)
	}
	return []way{{set: anyValue(c)}}
}

func (r *schemaReader) anyOf(es []*expr) []way {
	c := r.c
	all := make([][]way, len(es))
	plain := true
	for i, e := range es {
		all[i] = r.waysOf(e)
		plain = plain && plainWays(all[i])
	}
	if plain {
		s := &valueSet{}
		for _, e := range es {
			s = c.union(s, c.set(e))
		}
		return []way{{set: s}}
	}
	// Every subschema is satisfied or not; what is satisfied evaluates.
	type partial struct {
		ws  []way
		hit bool
	}
	ps := []partial{{ws: []way{{set: anyValue(c)}}}}
	for i, e := range es {
		var next []partial
		for _, p := range ps {
			next = append(next, partial{c.join2(p.ws, all[i]), true}, partial{c.join2(p.ws, r.fails(e)), p.hit})
		}
		if ps = next; len(ps) > maxAlternatives {
			c.tooComplex("too many alternatives")
		}
	}
	var out []way
	for _, p := range ps {
		if p.hit {
			out = append(out, p.ws...)
		}
	}
	return c.mergeWays(out)
}

func (r *schemaReader) oneOf(es []*expr) []way {
	c := r.c
	var out []way
	for i, e := range es {
		for _, w := range r.waysOf(e) {
			w.set = c.intersect(r.known, w.set)
			for j, other := range es {
				if j != i {
					w.set = c.minus(w.set, c.set(other))
				}
			}
			out = append(out, w)
		}
	}
	return c.mergeWays(out)
}

func (r *schemaReader) conditional(m *ojson.Member) []way {
	c := r.c
	e := r.sub("if", &m.Value)
	then, otherwise := []way{{set: anyValue(c)}}, []way{{set: anyValue(c)}}
	if v, ok := r.get("then"); ok {
		then = r.waysOf(r.sub("then", v))
	}
	if v, ok := r.get("else"); ok {
		otherwise = r.waysOf(r.sub("else", v))
	}
	return c.mergeWays(append(c.join2(r.waysOf(e), then), c.join2(r.fails(e), otherwise)...))
}

func (r *schemaReader) dependentSchemas(m *ojson.Member) []way {
	c := r.c
	ws := []way{{set: anyValue(c)}}
	for i := range r.members(m) {
		d := &m.Value.Members[i]
		if d.Value.Kind == ojson.Array {
			continue
		}
		without := anyValue(c)
		without.objects = []*objectShape{{rules: []keyRule{{wordsSet(d.Key), c.never}}, max: -1}}
		with := &valueSet{objects: []*objectShape{{required: []string{d.Key}, min: 1, max: -1}}}
		known := r.known
		r.known = c.intersect(known, with)
		there := c.join2([]way{{set: with}}, r.waysOf(r.member(m, d.Key, &d.Value)))
		r.known = known
		ws = c.join2(ws, append(there, way{set: without}))
	}
	return ws
}

// reference returns the ways of what $ref means.
func (r *schemaReader) reference(m *ojson.Member) []way {
	any := []way{{set: anyValue(r.c)}}
	if m.Value.Kind != ojson.String {
		r.wrong(m, "a string")
		return any
	}
	if m.Key != "$ref" && r.c.doc.ambiguous(m.Key, m.Value.Str) {
		r.refuse(m.Key, "depends on where the schema is used from")
		return any
	}
	to, problem := r.c.doc.resolve(r.loc, m.Value.Str)
	if to == nil {
		r.refuse(m.Key, strconv.Quote(shorten(m.Value.Str))+" "+problem)
		return any
	}
	return r.waysOf(r.c.ref(to))
}

// constants is the set of enum or const.
func (r *schemaReader) constants(m *ojson.Member) *valueSet {
	c := r.c
	if m.Key == "const" {
		return c.constantSet(r.loc, &m.Value)
	}
	if m.Value.Kind != ojson.Array {
		r.wrong(m, "an array")
		return anyValue(c)
	}
	s := &valueSet{}
	var words []string
	for i := range m.Value.Items {
		v := &m.Value.Items[i]
		switch v.Kind {
		case ojson.String:
			words = append(words, v.Str)
		case ojson.Number:
			if d := c.decimal(r.loc, m.Key, v); !s.numbers.contains(d) {
				s.numbers = append(s.numbers, pointSet(d)...)
			}
		default:
			s = c.union(s, c.constantSet(r.loc, v))
		}
	}
	s.texts = wordsSet(words...)
	return s
}

// unevaluated applies unevaluatedProperties and unevaluatedItems to what the ways have left.
func (r *schemaReader) unevaluated(ws []way) []way {
	c := r.c
	keys, hasKeys := r.get("unevaluatedProperties")
	items, hasItems := r.get("unevaluatedItems")
	if r.ignoresSiblings || !hasKeys && !hasItems {
		return ws
	}
	for i := range ws {
		w := &ws[i]
		limit := anyValue(c)
		if hasKeys {
			shape := &objectShape{rules: []keyRule{{notText(w.keys), r.sub("unevaluatedProperties", keys)}}, max: -1}
			c.tidyObject(shape)
			limit.objects = []*objectShape{shape}
			w.keys = everyText
		}
		if hasItems && w.items >= 0 {
			shape := &arrayShape{rest: c.or(append(slices.Clip(w.some), r.sub("unevaluatedItems", items))...), max: -1}
			shape.prefix = slices.Repeat([]*expr{c.always}, w.items)
			shape.tidy()
			limit.arrays = []*arrayShape{shape}
			w.items = -1
		}
		w.set = c.intersect(w.set, limit)
	}
	return c.mergeWays(ws)
}
