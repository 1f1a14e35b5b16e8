package constrain

import (
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A document is a schema as text, and where in it the subschemas are that references mean.
type document struct {
	root  *location
	at    map[*ojson.Value]*location
	names map[string]*location // by absolute URI: resources, and anchors behind a #

	dynamic map[string]int // how many dynamic anchors of a name there are; "" for those of draft 2019-09, which have none
}

// A location is a subschema of a document.
type location struct {
	value  *ojson.Value
	parent *location
	token  string // of the JSON pointer, below parent
	base   string // URI of the resource it belongs to
	root   *location
	old    bool // of a draft in which $ref stands alone
}

// pointer is the JSON pointer of the location; "" of none.
func (l *location) pointer() string {
	if l == nil || l.parent == nil {
		return ""
	}
	return l.parent.pointer() + "/" + escapePointer(l.token)
}

func escapePointer(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

func newDocument(doc []byte) (*document, error) {
	v, err := ojson.Parse(doc, ojson.MaxDepth)
	if err != nil {
		return nil, err
	}
	d := &document{at: map[*ojson.Value]*location{}, names: map[string]*location{}}
	d.root = &location{value: &v, old: oldDialect(&v, false)}
	d.root.root = d.root
	d.enter(d.root)
	d.at[&v] = d.root
	text := string(doc)
	if strings.Contains(text, `"$id"`) || strings.Contains(text, `"id"`) || strings.Contains(text, `"$anchor"`) ||
		strings.Contains(text, `"$dynamicAnchor"`) || strings.Contains(text, `"$recursiveAnchor"`) {
		d.index(d.root)
	}
	return d, nil
}

// oldDialect reports whether a schema says that it is of draft 7 or older.
func oldDialect(v *ojson.Value, inherited bool) bool {
	s, ok := v.Get("$schema")
	if !ok || s.Kind != ojson.String {
		return inherited
	}
	return strings.Contains(s.Str, "draft-0")
}

// enter finds out what a location is called.
func (d *document) enter(l *location) {
	key := "$id"
	if l.old && strings.Contains(schemaURI(l.root.value), "draft-04") {
		key = "id"
	}
	if id, ok := l.value.Get(key); ok && id.Kind == ojson.String {
		if _, ref := l.value.Get("$ref"); !l.old || !ref {
			uri, fragment, _ := strings.Cut(resolveURI(l.base, id.Str), "#")
			if fragment != "" {
				d.names[uri+"#"+fragment] = l
			}
			if !strings.HasPrefix(id.Str, "#") {
				l.base, l.root = uri, l
				l.old = oldDialect(l.value, l.old)
			}
		}
	}
	if l.root == l {
		if _, ok := d.names[l.base]; !ok {
			d.names[l.base] = l
		}
	}
	for _, key := range []string{"$anchor", "$dynamicAnchor"} {
		if a, ok := l.value.Get(key); ok && a.Kind == ojson.String {
			d.names[l.base+"#"+a.Str] = l
		}
	}
}

func schemaURI(v *ojson.Value) string {
	if s, ok := v.Get("$schema"); ok {
		return s.Str
	}
	return ""
}

// index visits all subschemas.
func (d *document) index(l *location) {
	for i := range l.value.Members {
		m := &l.value.Members[i]
		switch m.Key {
		case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies":
			group := d.child(l, m.Key, &m.Value)
			for j := range m.Value.Members {
				d.index(d.child(group, m.Value.Members[j].Key, &m.Value.Members[j].Value))
			}
		case "allOf", "anyOf", "oneOf", "prefixItems", "items", "additionalItems", "additionalProperties", "contains", "not",
			"if", "then", "else", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
			sub := d.child(l, m.Key, &m.Value)
			for j := range m.Value.Items {
				d.index(d.child(sub, strconv.Itoa(j), &m.Value.Items[j]))
			}
			if m.Value.Kind == ojson.Object {
				d.index(sub)
			}
		}
	}
}

// child returns the location of v, which stands below l under a token.
func (d *document) child(l *location, token string, v *ojson.Value) *location {
	if c, ok := d.at[v]; ok {
		return c
	}
	c := &location{value: v, parent: l, token: token, base: l.base, root: l.root, old: l.old}
	d.at[v] = c
	if v.Kind == ojson.Object && holdsSchema(l, token) {
		d.enter(c)
	}
	return c
}

// holdsSchema reports whether what stands below l under a token is a schema and not, say, a map of schemas or an example.
func holdsSchema(l *location, token string) bool {
	switch token {
	case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies", "enum", "const", "default",
		"examples":
		return l.token == "properties" || l.token == "$defs" || l.token == "definitions" || l.token == "patternProperties"
	}
	return l.token != "enum" && l.token != "const" && l.token != "examples" && l.token != "default"
}

// resolve returns the subschema that a reference at l means.
func (d *document) resolve(l *location, ref string) (*location, string) {
	uri, fragment, _ := strings.Cut(resolveURI(l.base, ref), "#")
	if strings.HasPrefix(ref, "#") {
		uri = l.base
	}
	fragment, ok := unescapeFragment(fragment)
	if !ok {
		return nil, "is not a URI reference"
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		if to := d.names[uri+"#"+fragment]; to != nil {
			return to, ""
		}
		return nil, "names an anchor that the document does not have"
	}
	to := d.names[uri]
	if to == nil {
		return nil, "leads out of the document"
	}
	for fragment != "" {
		var token string
		token, fragment = nextToken(fragment)
		if to = d.descend(to, token); to == nil {
			return nil, "points at nothing"
		}
	}
	return to, ""
}

// ambiguous reports whether a dynamic reference may mean more than one place: whether there are several anchors of the name. Where
// there is one, it is meant from everywhere, and where there is none the reference is no different from $ref.
func (d *document) ambiguous(keyword, ref string) bool {
	_, name, _ := strings.Cut(ref, "#")
	if keyword == "$recursiveRef" {
		name = ""
	}
	if d.dynamic == nil {
		d.dynamic = map[string]int{}
		d.countAnchors(d.root.value)
	}
	return d.dynamic[name] > 1
}

// countAnchors counts what looks like a dynamic anchor anywhere in a value.
func (d *document) countAnchors(v *ojson.Value) {
	for i := range v.Items {
		d.countAnchors(&v.Items[i])
	}
	for i := range v.Members {
		m := &v.Members[i]
		switch {
		case m.Key == "$dynamicAnchor" && m.Value.Kind == ojson.String:
			d.dynamic[m.Value.Str]++
		case m.Key == "$recursiveAnchor" && m.Value.Bool:
			d.dynamic[""]++
		}
		d.countAnchors(&m.Value)
	}
}

func nextToken(pointer string) (token, rest string) {
	token = pointer[1:]
	if i := strings.IndexByte(token, '/'); i >= 0 {
		token, rest = token[:i], token[i:]
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"), rest
}

// descend returns what stands under a token of a JSON pointer.
func (d *document) descend(l *location, token string) *location {
	if v, ok := l.value.Get(token); ok {
		return d.child(l, token, v)
	}
	if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(l.value.Items) && (token == "0" || token[0] != '0') {
		return d.child(l, token, &l.value.Items[i])
	}
	return nil
}

// unescapeFragment undoes percent encoding.
func unescapeFragment(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), true
}

// resolveURI resolves a reference against a base (RFC 3986, section 5.2), as far as identifiers of schemas need it.
func resolveURI(base, ref string) string {
	if i := strings.IndexAny(ref, ":/?#"); i > 0 && ref[i] == ':' {
		return ref
	}
	base, _, _ = strings.Cut(base, "#")
	if ref == "" {
		return base
	}
	if strings.HasPrefix(ref, "#") {
		return base + ref
	}
	scheme, rest, ok := strings.Cut(base, ":")
	if !ok || strings.ContainsAny(scheme, "/?") {
		scheme, rest = "", base
	} else {
		scheme += ":"
	}
	authority := ""
	if strings.HasPrefix(rest, "//") {
		end := len(rest)
		if i := strings.IndexAny(rest[2:], "/?"); i >= 0 {
			end = 2 + i
		}
		authority, rest = rest[:end], rest[end:]
	}
	path, _, _ := strings.Cut(rest, "?")
	switch {
	case strings.HasPrefix(ref, "//"):
		return scheme + ref
	case strings.HasPrefix(ref, "/"):
		return scheme + authority + cleanPath(ref)
	case strings.HasPrefix(ref, "?"):
		return scheme + authority + path + ref
	}
	dir := path[:strings.LastIndexByte(path, '/')+1]
	if dir == "" && authority != "" {
		dir = "/"
	}
	return scheme + authority + cleanPath(dir+ref)
}

// cleanPath removes the dot segments of a path.
func cleanPath(ref string) string {
	path, tail := ref, ""
	if i := strings.IndexAny(ref, "?#"); i >= 0 {
		path, tail = ref[:i], ref[i:]
	}
	if !strings.Contains(path, "/.") && !strings.HasPrefix(path, ".") {
		return ref
	}
	var out []string
	segments := strings.Split(path, "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch {
		case s == "." || s == "..":
			if s == ".." && len(out) > 0 && out[len(out)-1] != "" {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return strings.Join(out, "/") + tail
}
