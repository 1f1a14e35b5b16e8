package schema

import (
	"regexp"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// formats are the formats that are checked here, because the validator's own functions let too much pass
// or refuse what is right. The others are the validator's: date-time, date, time, duration, email, ipv6, uuid,
// json-pointer, relative-json-pointer. A format with another name, idn-hostname among them, is not checked.
var formats = map[string]func(any) bool{
	"hostname":      ofText(isHostname),
	"idn-email":     ofText(isIDNEmail),
	"ipv4":          ofText(isIPv4),
	"uri":           ofText(func(s string) bool { return uris().matches(s, true) }),
	"uri-reference": ofText(func(s string) bool { return uris().matches(s, false) }),
	"iri":           ofText(func(s string) bool { return iris().matches(s, true) }),
	"iri-reference": ofText(func(s string) bool { return iris().matches(s, false) }),
	"uri-template":  ofText(func(s string) bool { return uriTemplate().MatchString(s) }),
	"regex":         ofText(isRegex),
}

// ofText makes of a check of texts one that lets other values pass, as formats do.
func ofText(check func(string) bool) func(any) bool {
	return func(v any) bool {
		s, ok := v.(string)
		return !ok || check(s)
	}
}

// isHostname checks a name as RFC 1123, section 2.1 has it. That an A-label (xn--) decodes to what IDNA
// allows is not checked.
func isHostname(s string) bool {
	return !strings.HasSuffix(s, ".") && jsonschema.Formats["hostname"](s) && !strings.Contains(s, ".-") && !strings.HasPrefix(s, "-")
}

// isIDNEmail checks that a text has the two parts of an address (RFC 6531), of characters that may stand
// there.
func isIDNEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s[at+1:], " \t\r\n<>()[],;:\\\"") && !strings.ContainsAny(s, "\r\n\x00")
}

func isIPv4(s string) bool { return !strings.ContainsAny(s, "+-") && jsonschema.Formats["ipv4"](s) }

// isRegex checks that a text is a regular expression of ECMA-262, also one that patterns here may not use.
func isRegex(s string) bool {
	_, err := compilePattern(s)
	e, ok := err.(*patternError)
	return err == nil || ok && e.unsupported
}

// A uriSyntax is the grammar of RFC 3986, or with the characters of RFC 3987.
type uriSyntax struct{ absolute, relative *regexp.Regexp }

var (
	uris = sync.OnceValue(func() uriSyntax { return newURISyntax("", "") })
	iris = sync.OnceValue(func() uriSyntax { return newURISyntax(ucschar, iprivate) })
)

// ucschar and iprivate of RFC 3987, section 2.2, as members of a class.
const (
	ucschar = `\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}\x{10000}-\x{1FFFD}\x{20000}-\x{2FFFD}\x{30000}-\x{3FFFD}` +
		`\x{40000}-\x{4FFFD}\x{50000}-\x{5FFFD}\x{60000}-\x{6FFFD}\x{70000}-\x{7FFFD}\x{80000}-\x{8FFFD}\x{90000}-\x{9FFFD}` +
		`\x{A0000}-\x{AFFFD}\x{B0000}-\x{BFFFD}\x{C0000}-\x{CFFFD}\x{D0000}-\x{DFFFD}\x{E1000}-\x{EFFFD}`
	iprivate = `\x{E000}-\x{F8FF}\x{F0000}-\x{FFFFD}\x{100000}-\x{10FFFD}`
)

// newURISyntax writes RFC 3986, appendix A, with letters added to unreserved and private to query.
func newURISyntax(letters, private string) uriSyntax {
	const percent, delims = `%[0-9A-Fa-f]{2}`, `!$&'()*+,;=`
	unreserved := `A-Za-z0-9\-._~` + letters
	pchar := `(?:[` + unreserved + delims + `:@]|` + percent + `)`
	noColon := `(?:[` + unreserved + delims + `@]|` + percent + `)`
	host := `(?:\[([^\[\]]*)\]|(?:[` + unreserved + delims + `]|` + percent + `)*)`
	authority := `(?:(?:[` + unreserved + delims + `:]|` + percent + `)*@)?` + host + `(?::[0-9]*)?`
	segments := `(?:/` + pchar + `*)*`
	tail := `(?:\?(?:[` + unreserved + delims + private + `:@/?]|` + percent + `)*)?(?:#(?:[` + unreserved + delims + `:@/?]|` + percent + `)*)?$`
	path := func(first string) string {
		return `(?://` + authority + segments + `|/(?:` + pchar + `+` + segments + `)?|` + first + `+` + segments + `|)`
	}
	return uriSyntax{
		absolute: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+\-.]*:` + path(pchar) + tail),
		relative: regexp.MustCompile(`^` + path(noColon) + tail),
	}
}

var ipFuture = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$`)
})

// matches reports whether s is a URI, or unless absolute a reference. What stands between brackets is an
// address.
func (u uriSyntax) matches(s string, absolute bool) bool {
	m := u.absolute.FindStringSubmatch(s)
	if m == nil && !absolute {
		m = u.relative.FindStringSubmatch(s)
	}
	if m == nil {
		return false
	}
	bracketed := strings.Contains(s, "[")
	return !bracketed || jsonschema.Formats["ipv6"](m[1]) || ipFuture().MatchString(m[1])
}

// uriTemplate is the grammar of RFC 6570, section 2.
var uriTemplate = sync.OnceValue(func() *regexp.Regexp {
	const percent = `%[0-9A-Fa-f]{2}`
	const char = `(?:[A-Za-z0-9_]|` + percent + `)`
	const variable = char + `(?:\.?` + char + `)*(?::[1-9][0-9]{0,3}|\*)?`
	return regexp.MustCompile(`^(?:[^\x00-\x20"%<>\\^` + "`" + `{|}\x7f]|` + percent + `|\{[+#./;?&=,!@|]?` + variable + `(?:,` + variable + `)*\})*$`)
})

// formatTexts say what the common formats ask for.
var formatTexts = map[string]string{
	"date-time": "a date and time such as 2025-01-31T08:30:00Z", "date": "a date such as 2025-01-31", "time": "a time such as 08:30:00Z",
	"duration": "a duration such as P1DT12H", "email": "an email address", "uuid": "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
	"uri": "an absolute URI such as https://example.com/", "uri-reference": "a URI or relative reference", "hostname": "a host name",
	"ipv4": "an IPv4 address", "ipv6": "an IPv6 address", "regex": "a regular expression of ECMA-262", "json-pointer": "a JSON pointer",
}

// formatText says what a format asks for.
func formatText(name string) string {
	if text, ok := formatTexts[name]; ok {
		return text
	}
	return "a text of the format " + quoted(name)
}
