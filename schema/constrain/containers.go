package constrain

import (
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
)

// The keywords about arrays and objects.

func (r *schemaReader) readArray(m *ojson.Member) {
	a := &r.array
	switch m.Key {
	case "prefixItems":
		a.prefix = r.items(m)
	case "items":
		if m.Value.Kind == ojson.Array { // up to draft 2019-09
			a.prefix = r.items(m)
			return
		}
		a.rest = r.sub(m.Key, &m.Value)
	case "additionalItems":
		if items, ok := r.get("items"); ok && items.Kind == ojson.Array {
			a.rest = r.sub(m.Key, &m.Value)
		}
	case "minItems":
		r.readCount(m, &a.min)
	case "maxItems":
		r.readCount(m, &a.max)
	case "uniqueItems":
		if m.Value.Kind != ojson.Bool {
			r.wrong(m, "a boolean")
			return
		}
		a.unique = m.Value.Bool
	case "contains":
		r.readContains(m)
	}
}

// readCount sets a limit to what a keyword says, if it is not dropped.
func (r *schemaReader) readCount(m *ojson.Member, limit *int) {
	if n, ok := r.count(m); ok {
		*limit = n
	}
}

func (r *schemaReader) readContains(m *ojson.Member) {
	n := itemCount{value: r.sub(m.Key, &m.Value), min: 1, max: -1}
	for i := range r.loc.value.Members {
		switch limit := &r.loc.value.Members[i]; limit.Key {
		case "minContains":
			r.readCount(limit, &n.min)
		case "maxContains":
			r.readCount(limit, &n.max)
		}
	}
	s := r.c.countShape(n)
	s.tidy()
	r.counts = append(r.counts, &s)
}

func (r *schemaReader) readObject(m *ojson.Member) {
	o := &r.object
	switch m.Key {
	case "properties":
		for i := range r.members(m) {
			p := &m.Value.Members[i]
			o.rules = append(o.rules, keyRule{wordsSet(p.Key), r.member(m, p.Key, &p.Value)})
			if r.c.opts.SchemaOrder {
				o.order = append(o.order, p.Key)
			}
		}
	case "patternProperties":
		for i := range r.members(m) {
			p := &m.Value.Members[i]
			o.rules = append(o.rules, keyRule{r.pattern(m.Key, p.Key), r.member(m, p.Key, &p.Value)})
		}
	case "additionalProperties":
		o.rules = append(o.rules, keyRule{notText(r.named()), r.sub(m.Key, &m.Value)})
	case "propertyNames":
		names := r.c.set(r.sub(m.Key, &m.Value)).texts
		o.rules = append(o.rules, keyRule{notText(names), r.c.never})
	case "required":
		r.readRequired(m)
	case "minProperties":
		r.readCount(m, &o.min)
	case "maxProperties":
		r.readCount(m, &o.max)
	}
}

// named is the set of the keys that properties and patternProperties name.
func (r *schemaReader) named() *textSet {
	var sets []*textSet
	if v, ok := r.get("properties"); ok {
		var keys []string
		for i := range v.Members {
			keys = append(keys, v.Members[i].Key)
		}
		sets = append(sets, wordsSet(keys...))
	}
	if v, ok := r.get("patternProperties"); ok {
		for i := range v.Members {
			sets = append(sets, r.pattern("patternProperties", v.Members[i].Key))
		}
	}
	return orText(sets...)
}

func (r *schemaReader) readRequired(m *ojson.Member) {
	if m.Value.Kind == ojson.Bool && r.loc.old {
		return // draft 3: it concerns the object around
	}
	keys, ok := r.strings(m.Key, &m.Value)
	if ok {
		r.object.required = append(r.object.required, keys...)
	}
}

func (r *schemaReader) strings(keyword string, v *ojson.Value) ([]string, bool) {
	var keys []string
	if v.Kind == ojson.Array {
		for i := range v.Items {
			if v.Items[i].Kind == ojson.String {
				keys = append(keys, v.Items[i].Str)
			}
		}
		if len(keys) == len(v.Items) {
			return keys, true
		}
	}
	r.refuse(keyword, "expected an array of strings, found "+v.Kind.String())
	return nil, false
}

// need reads one member of dependentRequired.
func (r *schemaReader) need(keyword string, m *ojson.Member) {
	keys, ok := r.strings(keyword, &m.Value)
	if !ok || len(keys) == 0 {
		return
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	r.object.needs = append(r.object.needs, keyNeed{m.Key, slices.Compact(keys)})
}

// dependencies reads the keyword of draft 7 and before: arrays are dependentRequired, schemas dependentSchemas.
func (r *schemaReader) dependencies(m *ojson.Member) {
	schemas := false
	for i := range r.members(m) {
		d := &m.Value.Members[i]
		if d.Value.Kind == ojson.Array {
			r.need(m.Key, d)
		} else {
			schemas = true
		}
	}
	if schemas {
		r.apply = append(r.apply, m)
	}
}
