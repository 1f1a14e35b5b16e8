package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// verdict is the answer to a line of "harmony constrain --jsonl".
type verdict struct {
	id       []byte // as it stands in the line; nil: there is none
	valid    *bool
	accepted *bool
	rejected *int
	refused  *unenforced
	dropped  []unenforced
	err      error
}

// append appends the verdict as JSON; line is the number of the line, for its error.
func (v *verdict) append(dst []byte, line int) []byte {
	dst = append(dst, '{')
	if v.id != nil {
		dst = append(append(append(dst, `"id":`...), v.id...), ',')
	}
	dst = appendMaybe(append(dst, `"valid":`...), v.valid)
	dst = appendMaybe(append(dst, `,"accepted":`...), v.accepted)
	dst = append(dst, `,"rejected_at":`...)
	if v.rejected == nil {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(*v.rejected), 10)
	}
	dst = append(dst, `,"refused":`...)
	if v.refused == nil {
		dst = append(dst, "null"...)
	} else {
		dst = ojson.AppendString(dst, v.refused.place())
	}
	for i := range v.dropped {
		if dst = append(dst, ','); i == 0 {
			dst = append(dst, `"dropped":[`...)
		}
		dst = ojson.AppendString(dst, v.dropped[i].place())
	}
	if len(v.dropped) > 0 {
		dst = append(dst, ']')
	}
	if v.err == nil {
		return append(dst, `,"error":null}`...)
	}
	dst = append(dst, `,"error":`...)
	dst = ojson.AppendString(dst, strings.ToValidUTF8(fmt.Sprintf("line %d: %s", line, v.err), "\ufffd"))
	if at := faultOffset(v.err); at >= 0 {
		dst = strconv.AppendInt(append(dst, `,"offset":`...), int64(at), 10)
	}
	return append(dst, '}')
}

// appendMaybe appends true, false or null.
func appendMaybe(dst []byte, b *bool) []byte {
	if b == nil {
		return append(dst, "null"...)
	}
	return strconv.AppendBool(dst, *b)
}

// A verdictError is a verdict that holds an error.
type verdictError struct{ verdict }

func (e *verdictError) Error() string { return e.err.Error() }
func (e *verdictError) Unwrap() error { return e.err }

// appendConstrainFault appends the answer to a line with an error.
func appendConstrainFault(dst []byte, line int, err error) []byte {
	if e, ok := errors.AsType[*verdictError](err); ok {
		return e.append(dst, line)
	}
	v := verdict{err: err}
	return v.append(dst, line)
}

// constrainLine is what a line asks.
type constrainLine struct {
	id       []byte
	schema   []byte // nil: there is none
	at       int    // where it begins
	instance *string
}

// newConstrainHandler returns the handler of "harmony constrain --jsonl".
func newConstrainHandler(f *constrainFlags) handler {
	c := constrainer{opts: f.grammar, walker: newWalker(f.spelling.value)}
	return func(dst, line []byte) ([]byte, error) {
		v := c.answer(line)
		if v.err != nil {
			return dst, &verdictError{v}
		}
		return v.append(dst, 0), nil
	}
}

// constrainer answers lines. Lines that have a schema in common often follow each other: the last one is kept. It belongs to one
// goroutine.
type constrainer struct {
	opts   constrain.Options
	walker *walker

	doc     []byte // the last schema; nil: there is none
	schema  *schema.Schema
	matcher *constrain.Matcher // nil: there is no grammar
	refused *unenforced        // why
	empty   bool               // because nothing satisfies the schema
	dropped []unenforced
}

// answer answers a line.
func (c *constrainer) answer(line []byte) verdict {
	var q constrainLine
	err := q.read(line)
	v := verdict{id: q.id, err: err}
	switch {
	case err != nil:
		return v
	case q.schema == nil:
		v.err = &requestError{-1, "", `no "schema" given`}
	case q.instance == nil:
		v.err = &requestError{-1, "", `no "instance" given`}
	case len(*q.instance) > schema.MaxInstance:
		v.err = &requestError{-1, "/instance", fmt.Sprintf("want at most %d bytes, found %d", schema.MaxInstance, len(*q.instance))}
	default:
		if v.err = c.prepare(q.schema, q.at); v.err == nil {
			c.judge(&v, *q.instance)
		}
	}
	return v
}

// judge says whether an instance is valid and whether the masks allow it.
func (c *constrainer) judge(v *verdict, text string) {
	err := c.schema.Validate([]byte(text))
	if e, broken := errors.AsType[*schema.CompileError](err); broken {
		v.err = &requestError{-1, "/schema" + e.Pointer, e.Msg}
	} else {
		v.valid = new(err == nil)
	}
	v.refused, v.dropped = c.refused, c.dropped
	switch {
	case c.matcher != nil:
		c.matcher.Reset()
		w, bug := c.walker.walk(c.matcher, text, false)
		if bug != nil {
			v.err = bug
			return
		}
		v.accepted, v.rejected = &w.Accepted, w.RejectedAt
	case c.empty:
		v.accepted, v.rejected = new(false), new(0)
	}
}

// prepare makes the grammar of a schema that begins at a byte of the line, unless it is the last one again.
func (c *constrainer) prepare(doc []byte, at int) error {
	if c.doc != nil && bytes.Equal(c.doc, doc) {
		return nil
	}
	*c = constrainer{opts: c.opts, walker: c.walker}
	s, err := schema.Parse(doc)
	if e, ok := errors.AsType[*schema.ParseError](err); ok {
		at += e.Offset
		return &requestError{at, "/schema", fmt.Sprintf("%s at byte %d of the line", e.Msg, at)}
	}
	c.doc, c.schema = bytes.Clone(doc), s
	g, err := constrain.Compile(s, &c.opts)
	switch {
	case err == nil:
		c.matcher, c.dropped = g.NewMatcher(), droppedOf(g)
	case errors.Is(err, constrain.ErrNoInstance):
		c.empty = true
	default:
		c.refused = faultOf(err)
	}
	return nil
}

// read reads a line. At an error it may have read the id already.
func (q *constrainLine) read(doc []byte) error {
	r, err := ojson.NewReader(doc, ojson.MaxDepth+1) // the line is one container more than its schema
	if err != nil {
		return syntaxFault(err, 0, "")
	}
	f := &fields{r: r, doc: doc, known: []string{"id", "schema", "instance"}, others: true}
	err = f.read(func(f *fields, name string) (err error) {
		switch name {
		case "id":
			q.id, _, err = f.raw()
		case "schema":
			q.schema, q.at, err = f.raw()
		case "instance":
			var text string
			text, err = f.str()
			q.instance = &text
		default:
			_, _, err = f.raw()
		}
		return err
	})
	if q.id == nil && f.seen&1 != 0 {
		q.id = []byte("null")
	}
	return err
}
