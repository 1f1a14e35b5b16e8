package constrain

import (
	"strconv"
	"strings"
	"sync"
)

// formatSets makes the sets of strings that the formats describe. A format that stands here is enforced exactly as its
// specification says, but for what doc.go lists; others are refused.
var formatSets = map[string]func() *textSet{
	"date":      func() *textSet { return expressionSet("^" + dateExpr + "$") },
	"time":      func() *textSet { return patternSet("time", func() textAtom { return clockAtom{} }) },
	"date-time": func() *textSet { return patternSet("date-time", newMomentAtom) },
	"duration":  func() *textSet { return expressionSet(durationExpr) },
	"email":     emailSet,
	"hostname":  func() *textSet { return andText(expressionSet("^"+hostExpr+"$"), lengthSet(1, 253)) },
	"ipv4":      func() *textSet { return expressionSet("^" + ipv4Expr + "$") },
	"ipv6":      func() *textSet { return expressionSet("^" + ipv6Expr + "$") },
	"uuid":      func() *textSet { return expressionSet("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$") },
	"uri":       func() *textSet { return expressionSet("^" + uriExpr(asciiRules) + "$") },
	"uri-reference": func() *textSet {
		return expressionSet("^(" + uriExpr(asciiRules) + "|" + relativeExpr(asciiRules) + ")$")
	},
	"iri": func() *textSet { return expressionSet("^" + uriExpr(unicodeRules) + "$") },
	"iri-reference": func() *textSet {
		return expressionSet("^(" + uriExpr(unicodeRules) + "|" + relativeExpr(unicodeRules) + ")$")
	},
	"uri-template":          func() *textSet { return expressionSet(templateExpr) },
	"json-pointer":          func() *textSet { return expressionSet("^" + pointerExpr + "$") },
	"relative-json-pointer": func() *textSet { return expressionSet("^(0|[1-9][0-9]*)(#|" + pointerExpr + ")$") },
}

// A format is made once in a process: its set, and with it the machine in formatMachines.
type format struct {
	once sync.Once
	set  *textSet
}

var formats = func() map[string]*format {
	m := make(map[string]*format, len(formatSets))
	for name := range formatSets {
		m[name] = &format{}
	}
	return m
}()

// formatSet returns the set of a format.
func formatSet(name string) (*textSet, bool) {
	f, ok := formats[name]
	if !ok {
		return nil, false
	}
	f.once.Do(func() {
		f.set = formatSets[name]()
		if m, err := newTextMachine(f.set); err == nil {
			formatMachines.Store(f.set.key, m)
		}
	})
	return f.set, true
}

// formatMachines holds the machines of formats by the keys of their sets: all grammars share their states and masks.
var formatMachines sync.Map

// expressionSet is the set of a regular expression of this package.
func expressionSet(src string) *textSet {
	s, err := regexSet(src)
	if err != nil {
		panic("constrain: " + err.Error() + ": " + src)
	}
	return s
}

// regexSet is the set of the strings in which a regular expression matches.
func regexSet(src string) (*textSet, error) {
	p, err := parseRegex(src)
	if err != nil {
		return nil, err
	}
	set, err := nodeSet(src, p.body)
	if err != nil {
		return nil, err
	}
	for i, a := range p.aheads {
		node := &regexNode{op: opConcat, subs: []*regexNode{{op: opBegin}, a.node}}
		ahead, err := nodeSet(src+"\x00"+strconv.Itoa(i), node)
		if err != nil {
			return nil, err
		}
		if a.negated {
			ahead = notText(ahead)
		}
		set = andText(set, ahead)
	}
	return set, nil
}

func nodeSet(name string, node *regexNode) (*textSet, error) {
	a, err := newRegexAtom(node)
	if err != nil {
		return nil, err
	}
	return patternSet(name, func() textAtom { return a.fork() }), nil
}

// RFC 3339, section 5.6, with the lengths of months and leap years of the Gregorian calendar.
const (
	leapYear = `([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)`
	dateExpr = `([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|` +
		`02-(0[1-9]|1[0-9]|2[0-8]))|` + leapYear + `-02-29)`
)

// RFC 3339, appendix A.
const (
	durationTime = `T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)`
	durationExpr = `^P([0-9]+W|([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)(` + durationTime + `)?|` + durationTime + `)$`
)

// RFC 1123, section 2.1, and RFC 5890, section 2.3.1: a label with two hyphens in the third and fourth place is reserved; those
// that begin with xn-- would need punycode to be read, and are not allowed.
const (
	alnum     = `[0-9A-Za-z]`
	alnumDash = `[0-9A-Za-z-]`
	labelExpr = `(` + alnum + `(` + alnum + `|` + alnumDash + `(` + alnum + `|(-` + alnum + `|` + alnum + alnum + `)(` +
		alnumDash + `{0,58}` + alnum + `)?|` + alnum + `-` + alnumDash + `{0,58}` + alnum + `))?)`
	hostExpr = labelExpr + `(\.` + labelExpr + `)*`
)

// RFC 3986, section 3.2.2.
const (
	octetExpr = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	ipv4Expr  = octetExpr + `(\.` + octetExpr + `){3}`
	h16       = `[0-9A-Fa-f]{1,4}`
	ls32      = `(` + h16 + `:` + h16 + `|` + ipv4Expr + `)`
	ipv6Expr  = `((` + h16 + `:){6}` + ls32 + `|::(` + h16 + `:){5}` + ls32 +
		`|(` + h16 + `)?::(` + h16 + `:){4}` + ls32 +
		`|((` + h16 + `:){0,1}` + h16 + `)?::(` + h16 + `:){3}` + ls32 +
		`|((` + h16 + `:){0,2}` + h16 + `)?::(` + h16 + `:){2}` + ls32 +
		`|((` + h16 + `:){0,3}` + h16 + `)?::` + h16 + `:` + ls32 +
		`|((` + h16 + `:){0,4}` + h16 + `)?::` + ls32 +
		`|((` + h16 + `:){0,5}` + h16 + `)?::` + h16 +
		`|((` + h16 + `:){0,6}` + h16 + `)?::)`
)

// RFC 6901, section 3, and the draft of relative JSON pointers built on it.
const pointerExpr = `(/([^/~]|~[01])*)*`

// RFC 6570, section 2.
const (
	templateName    = `([A-Za-z0-9_]|%[0-9A-Fa-f]{2})(\.?([A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(:[1-9][0-9]{0,3}|\*)?`
	templateLiteral = `[!#$&-;=?-\[\]_a-z~\u00A0-\uD7FF\uE000-\u{10FFFF}]|%[0-9A-Fa-f]{2}`
	templateExpr    = `^(` + templateLiteral + `|\{[+#./;?&=,!@|]?` + templateName + `(,` + templateName + `)*\})*$`
)

// RFC 3986 and RFC 3987.
type uriRules struct{ unreserved, private string }

var (
	asciiRules   = uriRules{`A-Za-z0-9\-._~`, ``}
	unicodeRules = uriRules{`A-Za-z0-9\-._~` + ucschar, `\uE000-\uF8FF\u{F0000}-\u{FFFFD}\u{100000}-\u{10FFFD}`}
)

const ucschar = `\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF\u{10000}-\u{1FFFD}\u{20000}-\u{2FFFD}\u{30000}-\u{3FFFD}` +
	`\u{40000}-\u{4FFFD}\u{50000}-\u{5FFFD}\u{60000}-\u{6FFFD}\u{70000}-\u{7FFFD}\u{80000}-\u{8FFFD}\u{90000}-\u{9FFFD}` +
	`\u{A0000}-\u{AFFFD}\u{B0000}-\u{BFFFD}\u{C0000}-\u{CFFFD}\u{D0000}-\u{DFFFD}\u{E1000}-\u{EFFFD}`

const (
	subDelims = `!$&'()*+,;=`
	percent   = `%[0-9A-Fa-f]{2}`
)

// authority is what stands between // and the path.
func (r uriRules) authority() string {
	name := `([` + r.unreserved + subDelims + `]|` + percent + `)*`
	user := `(([` + r.unreserved + subDelims + `:]|` + percent + `)*@)?`
	future := `[vV][0-9A-Fa-f]+\.[` + asciiRules.unreserved + subDelims + `:]+`
	return `//` + user + `(\[(` + ipv6Expr + `|` + future + `)\]|` + name + `)(:[0-9]*)?`
}

func (r uriRules) char() string { return `([` + r.unreserved + subDelims + `:@]|` + percent + `)` }

// tail is what may stand behind the path.
func (r uriRules) tail() string {
	c := `[` + r.unreserved + subDelims + `:@/?`
	return `(\?(` + c + r.private + `]|` + percent + `)*)?(#(` + c + `]|` + percent + `)*)?`
}

func uriExpr(r uriRules) string {
	c := r.char()
	path := strings.ReplaceAll(`(/C*)*`, "C", c)
	return `[A-Za-z][A-Za-z0-9+.\-]*:(` + r.authority() + path + `|/(` + c + `+` + path + `)?|` + c + `+` + path + `|)` + r.tail()
}

func relativeExpr(r uriRules) string {
	c := r.char()
	path := strings.ReplaceAll(`(/C*)*`, "C", c)
	first := `([` + r.unreserved + subDelims + `@]|` + percent + `)+`
	return `(` + r.authority() + path + `|/(` + c + `+` + path + `)?|` + first + path + `|)` + r.tail()
}

// emailSet follows RFC 5321, section 4.1.2, with the lengths of section 4.5.3.1, of which the whole keeps to 254 octets.
func emailSet() *textSet {
	domain := mustRegex(`^(` + hostExpr + `|\[(` + ipv4Expr + `|IPv6:` + ipv6Expr + `)\])$`)
	return andText(patternSet("email", func() textAtom { return &emailAtom{domain: mustRegexAtom(domain)} }), lengthSet(0, 254))
}

func mustRegex(src string) *regexNode {
	p, err := parseRegex(src)
	if err != nil {
		panic("constrain: " + err.Error() + ": " + src)
	}
	return p.body
}

func mustRegexAtom(node *regexNode) *regexAtom {
	a, err := newRegexAtom(node)
	if err != nil {
		panic("constrain: " + err.Error())
	}
	return a
}
