package constrain

import (
	"slices"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A valueSet is a set of JSON values, by type. Arrays and objects are unions of shapes. It is immutable.
type valueSet struct {
	null, yes, no bool
	numbers       numberSet
	texts         *textSet
	arrays        []*arrayShape
	objects       []*objectShape
}

func anyValue(c *compiler) *valueSet {
	return &valueSet{null: true, yes: true, no: true, numbers: allNumbers, texts: everyText,
		arrays: []*arrayShape{c.anyArray}, objects: []*objectShape{c.anyObject}}
}

// set finds out which values an expression means. It panics with a *loopError if that depends on itself.
func (c *compiler) set(e *expr) *valueSet {
	if e.set != nil {
		return e.set
	}
	if e.busy {
		panic(&loopError{e})
	}
	c.spend(10)
	e.busy = true
	defer func() { e.busy = false }()
	switch e.op {
	case exprAlways:
		e.set = anyValue(c)
	case exprNever:
		e.set = &valueSet{}
	case exprRef:
		e.set = c.schemaSet(e.loc)
	case exprConst:
		e.set = c.constantSet(e.loc, e.value)
	case exprNot:
		e.set = c.complement(c.set(e.args[0]))
	case exprAnd:
		s := c.set(e.args[0])
		for _, a := range e.args[1:] {
			s = c.intersect(s, c.set(a))
		}
		e.set = s
	case exprOr:
		s := c.set(e.args[0])
		for _, a := range e.args[1:] {
			s = c.union(s, c.set(a))
		}
		e.set = s
	}
	return e.set
}

// A loopError says that what an expression means depends on itself.
type loopError struct{ e *expr }

// hollow reports whether an expression is known to hold no value. Where that cannot be told yet, it says no.
func (c *compiler) hollow(e *expr) (empty bool) {
	switch {
	case e == c.never:
		return true
	case e == c.always || e.busy:
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(*loopError); !ok {
				panic(r)
			}
			empty = false
		}
	}()
	return c.set(e).none()
}

func (s *valueSet) none() bool {
	return !s.null && !s.yes && !s.no && len(s.numbers) == 0 && s.texts == nil && len(s.arrays) == 0 && len(s.objects) == 0
}

func (c *compiler) intersect(a, b *valueSet) *valueSet {
	c.spend(5)
	return &valueSet{
		null: a.null && b.null, yes: a.yes && b.yes, no: a.no && b.no,
		numbers: c.limitNumbers(intersectNumbers(a.numbers, b.numbers)),
		texts:   andText(a.texts, b.texts),
		arrays:  c.intersectArrays(a.arrays, b.arrays),
		objects: c.intersectObjects(a.objects, b.objects),
	}
}

func (c *compiler) union(a, b *valueSet) *valueSet {
	c.spend(5)
	s := &valueSet{
		null: a.null || b.null, yes: a.yes || b.yes, no: a.no || b.no,
		numbers: uniteNumbers(a.numbers, b.numbers),
		texts:   orText(a.texts, b.texts),
		arrays:  uniteShapes(a.arrays, b.arrays, (*arrayShape).any, (*arrayShape).key),
		objects: uniteShapes(a.objects, b.objects, (*objectShape).any, (*objectShape).key),
	}
	if len(s.arrays)+len(s.objects) > maxAlternatives {
		c.tooComplex("too many alternatives")
	}
	return s
}

func uniteNumbers(a, b numberSet) numberSet {
	switch {
	case a.isAll() || len(b) == 0:
		return a
	case b.isAll() || len(a) == 0:
		return b
	}
	return append(slices.Clip(a), b...)
}

// limitNumbers sees to it that deciding about numbers stays cheap.
func (c *compiler) limitNumbers(s numberSet) numberSet {
	c.spend(len(s))
	for i := range s {
		if len(s[i].not) > 6 || len(s[i].of.digits) > maxSchema || !s[i].of.zero() && s[i].of.scale() < -maxFine {
			c.tooComplex("too many conditions on numbers")
		}
	}
	return s
}

// uniteShapes puts alternatives together, each once.
func uniteShapes[S any](a, b []*S, all func(*S) bool, key func(*S) string) []*S {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	list := append(slices.Clip(a), b...)
	if i := slices.IndexFunc(list, all); i >= 0 {
		return list[i : i+1 : i+1]
	}
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(s *S) bool {
		k := key(s)
		old := seen[k]
		seen[k] = true
		return old
	})
}

// crossShapes intersects unions of shapes: both returns what two have in common, nil where that is known to be nothing.
func crossShapes[S any](c *compiler, cost int, a, b []*S, all func(*S) bool, key func(*S) string, both func(x, y *S) *S) []*S {
	var out []*S
	for _, x := range a {
		for _, y := range b {
			if all(x) {
				out = append(out, y)
			} else if all(y) || x == y {
				out = append(out, x)
			} else if s := both(x, y); s != nil {
				out = append(out, s)
			}
			c.spend(cost)
		}
		if len(out) > maxAlternatives {
			c.tooComplex("too many alternatives")
		}
	}
	first := min(1, len(out))
	return uniteShapes(out[:first], out[first:], all, key)
}

func (c *compiler) complement(s *valueSet) *valueSet {
	return &valueSet{
		null: !s.null, yes: !s.yes, no: !s.no,
		numbers: c.limitNumbers(complementNumbers(s.numbers)),
		texts:   notText(s.texts),
		arrays:  c.complementArrays([]*arrayShape{c.anyArray}, s.arrays),
		objects: c.complementObjects([]*objectShape{c.anyObject}, s.objects),
	}
}

// minus returns the values of a that are not in b.
func (c *compiler) minus(a, b *valueSet) *valueSet {
	s := &valueSet{null: a.null && !b.null, yes: a.yes && !b.yes, no: a.no && !b.no}
	s.numbers = a.numbers
	if len(a.numbers) > 0 && len(b.numbers) > 0 {
		s.numbers = c.limitNumbers(intersectNumbers(a.numbers, complementNumbers(b.numbers)))
	}
	s.texts = andText(a.texts, notText(b.texts))
	for _, x := range a.arrays {
		apart := !slices.ContainsFunc(b.arrays, func(y *arrayShape) bool { return len(c.intersectArrays([]*arrayShape{x}, []*arrayShape{y})) > 0 })
		if apart {
			s.arrays = append(s.arrays, x)
			continue
		}
		s.arrays = append(s.arrays, c.complementArrays([]*arrayShape{x}, b.arrays)...)
	}
	for _, x := range a.objects {
		var near []*objectShape
		for _, y := range b.objects {
			if !c.apart(x, y) {
				near = append(near, y)
			}
		}
		s.objects = append(s.objects, c.complementObjects([]*objectShape{x}, near)...)
	}
	return s
}

// constantSet holds the values that equal v.
func (c *compiler) constantSet(loc *location, v *ojson.Value) *valueSet {
	s := &valueSet{}
	switch v.Kind {
	case ojson.Null:
		s.null = true
	case ojson.Bool:
		s.yes, s.no = v.Bool, !v.Bool
	case ojson.Number:
		s.numbers = pointSet(c.decimal(loc, "enum", v))
	case ojson.String:
		s.texts = wordsSet(v.Str)
	case ojson.Array:
		shape := &arrayShape{rest: c.never, min: len(v.Items), max: len(v.Items)}
		for i := range v.Items {
			shape.prefix = append(shape.prefix, c.constant(&v.Items[i], loc))
		}
		s.arrays = []*arrayShape{shape}
	case ojson.Object:
		shape := &objectShape{max: -1}
		var keys []string
		for _, m := range v.Unique() {
			shape.rules = append(shape.rules, keyRule{wordsSet(m.Key), c.constant(&m.Value, loc)})
			keys = append(keys, m.Key)
		}
		if c.opts.SchemaOrder {
			shape.order = slices.Clone(keys)
		}
		slices.Sort(keys)
		shape.required = keys
		shape.rules = append(shape.rules, keyRule{notText(wordsSet(keys...)), c.never})
		s.objects = []*objectShape{shape}
	}
	return s
}

func sortedMembers(v *ojson.Value) []ojson.Member {
	members := slices.Clone(v.Unique())
	slices.SortFunc(members, func(a, b ojson.Member) int { return strings.Compare(a.Key, b.Key) })
	return members
}
