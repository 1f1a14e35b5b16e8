package schema

import (
	"fmt"
	"strconv"

	"github.com/harmony-go/sdk/internal/ojson"
)

// patternKey is the name under which a schema's pattern is kept from the validator, for its schemaExit.
const patternKey = "harmony-go:pattern"

// A preparer writes a document in the form that the validator reads. It differs in four things:
//
//   - pattern stands under patternKey, and the keys of patternProperties are translated: package regexp
//     would read \s, ., \uXXXX and others as something else than JSON Schema means;
//   - every schema has a format that is its gauge, which knows the schema's own format;
//   - counts (minLength, maxItems, …) beyond 2^30 are lowered to it: the validator makes an int of them
//     without looking;
//   - key order is the document's, and of repeated keys the last one is left.
type preparer struct {
	out     []byte
	renamed map[string]string
	keyCost int
	gauges  []gauge
	err     error
}

// document writes the whole document. The error is a *CompileError.
func (p *preparer) document(doc *ojson.Value) ([]byte, error) {
	p.schema(doc, "")
	return p.out, p.err
}

func (p *preparer) fail(pointer, format string, args ...any) {
	if p.err == nil {
		p.err = &CompileError{pointer, fmt.Sprintf(format, args...)}
	}
}

// schema writes a value that is a schema, or that a reference may make one.
func (p *preparer) schema(v *ojson.Value, pointer string) {
	if v.Kind != ojson.Object {
		p.list(v, pointer, p.schema)
		return
	}
	if len(p.gauges) == maxSubschemas {
		p.fail(pointer, "expected at most %d schemas in a document, found more", maxSubschemas)
		return
	}
	p.out = append(p.out, `{"format":`...)
	p.out = ojson.AppendString(p.out, gaugeName(len(p.gauges)))
	p.gauges = append(p.gauges, newGauge(v))
	for _, m := range v.Unique() {
		if m.Key == "format" && m.Value.Kind == ojson.String {
			continue
		}
		at := pointer + "/" + escapePointer(m.Key)
		p.out = append(ojson.AppendString(append(p.out, ','), p.name(&m, at)), ':')
		p.keyword(&m, at)
	}
	p.out = append(p.out, '}')
}

// newGauge counts what applying a schema may cost.
func newGauge(v *ojson.Value) gauge {
	g := gauge{each: 1}
	g.format, _ = text(v, "format")
	for i := range v.Members {
		value := &v.Members[i].Value
		g.weight += 1 + len(value.Items) + len(value.Members)
		switch v.Members[i].Key {
		case "patternProperties":
			for j := range value.Members {
				g.each += 1 + len(value.Members[j].Key)/textSteps
			}
		case "propertyNames", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "contains", "uniqueItems":
			g.each++
		}
	}
	return g
}

// keyword writes one member of a schema. What an unknown keyword holds may be the target of a reference
// and is treated as a schema, too.
func (p *preparer) keyword(m *ojson.Member, pointer string) {
	switch keywords[m.Key] {
	case keywordData:
		p.data(&m.Value, pointer)
	case keywordMap:
		p.list(&m.Value, pointer, p.schemas)
	case keywordPatterns:
		p.list(&m.Value, pointer, p.patternMap)
	case keywordCount:
		p.count(&m.Value, pointer)
	default:
		p.schema(&m.Value, pointer)
	}
}

// list writes an array of what write writes, an object by write itself, and anything else as it is.
func (p *preparer) list(v *ojson.Value, pointer string, write func(*ojson.Value, string)) {
	switch v.Kind {
	case ojson.Object:
		write(v, pointer)
	case ojson.Array:
		p.out = append(p.out, '[')
		for i := range v.Items {
			if i > 0 {
				p.out = append(p.out, ',')
			}
			p.list(&v.Items[i], pointer+"/"+strconv.Itoa(i), p.schema)
		}
		p.out = append(p.out, ']')
	default:
		p.scalar(v, pointer)
	}
}

// schemas writes an object whose values are schemas.
func (p *preparer) schemas(v *ojson.Value, pointer string) {
	p.object(v, pointer, func(m *ojson.Member, at string) { p.schema(&m.Value, at) })
}

// patternMap writes an object whose keys are patterns and whose values are schemas.
func (p *preparer) patternMap(v *ojson.Value, pointer string) {
	members := v.Unique()
	p.out = append(p.out, '{')
	used := make(map[string]bool, len(members))
	for i := range members {
		at := pointer + "/" + escapePointer(members[i].Key)
		if i > 0 {
			p.out = append(p.out, ',')
		}
		p.out = append(ojson.AppendString(p.out, p.patternOfKeys(members[i].Key, at, used)), ':')
		p.schema(&members[i].Value, at)
	}
	p.out = append(p.out, '}')
}

// patternOfKeys translates a key of patternProperties.
func (p *preparer) patternOfKeys(key, pointer string, used map[string]bool) string {
	compiled, err := compilePattern(key)
	switch {
	case err != nil:
		p.fail(pointer, "expected a pattern of ECMA-262, found %.100q: %s", key, err)
		return key
	case len(compiled.parts) > 1:
		p.fail(pointer, "expected a pattern of keys without look-ahead, found %.100q", key)
		return key
	}
	text := compiled.parts[0].re.String()
	for used[text] { // two keys with one translation
		text = "(?:" + text + ")"
	}
	used[text] = true
	if text != key {
		p.renamed[text] = key
	}
	p.keyCost = max(p.keyCost, compiled.cost)
	return text
}

// object writes an object member by member.
func (p *preparer) object(v *ojson.Value, pointer string, write func(m *ojson.Member, at string)) {
	members := v.Unique()
	p.out = append(p.out, '{')
	for i := range members {
		m := &members[i]
		if i > 0 {
			p.out = append(p.out, ',')
		}
		at := pointer + "/" + escapePointer(m.Key)
		p.out = append(ojson.AppendString(p.out, p.name(m, at)), ':')
		write(m, at)
	}
	p.out = append(p.out, '}')
}

// name is what a member is called in the validator's form.
func (p *preparer) name(m *ojson.Member, pointer string) string {
	if m.Key != "pattern" || m.Value.Kind != ojson.String {
		return m.Key
	}
	if _, err := compilePattern(m.Value.Str); err != nil {
		p.fail(pointer, "expected a pattern of ECMA-262, found %.100q: %s", m.Value.Str, err)
	}
	return patternKey
}

// count writes the value of a keyword that counts.
func (p *preparer) count(v *ojson.Value, pointer string) {
	const most = 1 << 30 // an int everywhere, and above MaxInstance
	if v.Kind == ojson.Number && computable(v.Str) {
		if f, err := strconv.ParseFloat(v.Str, 64); err == nil && f > most {
			p.out = strconv.AppendInt(p.out, most, 10)
			return
		}
	}
	p.data(v, pointer)
}

// data writes a value that holds no schema.
func (p *preparer) data(v *ojson.Value, pointer string) {
	switch v.Kind {
	case ojson.Array:
		p.out = append(p.out, '[')
		for i := range v.Items {
			if i > 0 {
				p.out = append(p.out, ',')
			}
			p.data(&v.Items[i], pointer+"/"+strconv.Itoa(i))
		}
		p.out = append(p.out, ']')
	case ojson.Object:
		members := v.Unique()
		p.out = append(p.out, '{')
		for i := range members {
			if i > 0 {
				p.out = append(p.out, ',')
			}
			p.out = append(ojson.AppendString(p.out, members[i].Key), ':')
			p.data(&members[i].Value, pointer+"/"+escapePointer(members[i].Key))
		}
		p.out = append(p.out, '}')
	default:
		p.scalar(v, pointer)
	}
}

func (p *preparer) scalar(v *ojson.Value, pointer string) {
	if v.Kind != ojson.Number {
		p.out = v.Append(p.out)
		return
	}
	if !computable(v.Str) {
		p.fail(pointer, "expected a number with at most %d digits and an exponent below that, found %.40s", maxDigits, v.Str)
	}
	p.out = append(p.out, v.Str...)
}
