package constrain

import (
	"encoding/binary"
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
)

// An expr says what a value must satisfy: subschemas and constants put together by and, or, not. Expressions are interned, so
// that recursion ends: equal ones are one pointer.
type expr struct {
	id    int
	op    exprOp
	loc   *location    // exprRef; otherwise, where the expression comes from, for errors
	value *ojson.Value // exprConst
	args  []*expr

	set  *valueSet // what it amounts to; see compiler.set
	busy bool      // set is being found out
	node *node     // what a matcher runs
}

type exprOp byte

const (
	exprAlways exprOp = iota
	exprNever
	exprRef
	exprConst
	exprNot
	exprAnd
	exprOr
)

func (c *compiler) intern(op exprOp, loc *location, value *ojson.Value, args []*expr) *expr {
	key := c.keyBuf[:0]
	key = append(key, byte(op))
	switch op {
	case exprRef:
		id, ok := c.locations[loc]
		if !ok {
			id = len(c.locations)
			c.locations[loc] = id
		}
		key = binary.AppendUvarint(key, uint64(id))
	case exprConst:
		key = appendCanonical(key, value)
	default:
		for _, a := range args {
			key = binary.AppendUvarint(key, uint64(a.id))
		}
	}
	c.keyBuf = key
	if e, ok := c.exprs[string(key)]; ok {
		return e
	}
	c.spend(10)
	e := &expr{id: len(c.exprs), op: op, loc: loc, value: value, args: args}
	if loc == nil && len(args) > 0 {
		e.loc = args[0].loc
	}
	c.exprs[string(key)] = e
	return e
}

func (c *compiler) ref(loc *location) *expr {
	if loc.value.Kind == ojson.Bool {
		if loc.value.Bool {
			return c.always
		}
		return c.never
	}
	return c.intern(exprRef, loc, nil, nil)
}

func (c *compiler) constant(v *ojson.Value, loc *location) *expr {
	return c.intern(exprConst, loc, v, nil)
}

func (c *compiler) not(e *expr) *expr {
	switch e.op {
	case exprAlways:
		return c.never
	case exprNever:
		return c.always
	case exprNot:
		return e.args[0]
	}
	return c.intern(exprNot, nil, nil, []*expr{e})
}

func (c *compiler) and(es ...*expr) *expr { return c.join(exprAnd, c.always, c.never, es) }

func (c *compiler) or(es ...*expr) *expr { return c.join(exprOr, c.never, c.always, es) }

// join flattens, sorts and simplifies. neutral changes nothing, final decides everything.
func (c *compiler) join(op exprOp, neutral, final *expr, es []*expr) *expr {
	var flat []*expr
	for _, e := range es {
		switch {
		case e == neutral:
		case e == final:
			return final
		case e.op == op:
			for _, a := range e.args {
				flat = insertExpr(flat, a)
			}
		default:
			flat = insertExpr(flat, e)
		}
	}
	for _, e := range flat {
		if e.op == exprNot && slices.Contains(flat, e.args[0]) {
			return final
		}
	}
	switch len(flat) {
	case 0:
		return neutral
	case 1:
		return flat[0]
	}
	return c.intern(op, nil, nil, flat)
}

// insertExpr puts e into a sorted list where it is not yet.
func insertExpr(list []*expr, e *expr) []*expr {
	i := len(list)
	for i > 0 && list[i-1].id >= e.id {
		if i--; list[i] == e {
			return list
		}
	}
	return slices.Insert(list, i, e)
}

// appendCanonical appends a spelling that equal JSON values have in common.
func appendCanonical(b []byte, v *ojson.Value) []byte {
	switch v.Kind {
	case ojson.Number:
		if d, ok := parseDecimal(v.Str); ok {
			return append(append(b, d.String()...), ';')
		}
		return append(append(b, v.Str...), ';')
	case ojson.Array:
		b = append(b, '[')
		for i := range v.Items {
			b = appendCanonical(b, &v.Items[i])
		}
		return append(b, ']')
	case ojson.Object:
		b = append(b, '{')
		for _, m := range sortedMembers(v) {
			b = ojson.AppendString(b, m.Key)
			b = appendCanonical(b, &m.Value)
		}
		return append(b, '}')
	}
	return append(v.Append(b), ';')
}
