package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What ECMA-262 says, above all where package regexp would say something else.
func TestPattern(t *testing.T) {
	rows := []struct{ pattern, yes, no string }{ // texts are separated by |
		{`^a$`, `a`, `ab|a` + "\n"},
		{`^.$`, `a|é`, "\n|\r|\u2028|\u2029|ab"},
		{`^\s$`, " |\t|\v|\u00a0|\ufeff|\u2003", "\u200b|a|\u0085"},
		{`^\S$`, "a|\u200b|\u0085", " |\v|\u3000"},
		{`^[\s]$`, "\v|\ufeff", `s`},
		{`^[^\S]$`, "\v", `s`},
		{`^\d$`, `5`, `٣`},
		{`^\w$`, `a|_|9`, `é`},
		{`^\u00e9\x41\cJ\0$`, "éA\n\x00", `éA`},
		{`^\ud83d\ude00$`, `😀`, `a`},
		{`^\u{1F600}$`, `😀`, `a`},
		{`^[\b]$`, "\b", `b`},
		{`^[^]$`, "a|\n", `ab`},
		{`^[]$`, ``, `a|]`},
		{`^[[:alpha:]]$`, `a]|:]|[]`, `b]|a`},
		{`^[a-\d]$`, `a|-|7`, `b`},
		{`^[\]\-\^]+$`, `]-^`, `a`},
		{`^{$`, `{`, `a`},
		{`^a{,2}$`, `a{,2}`, `aa`},
		{`^(?<year>\d{4})-\d\d$`, `2024-01`, `24-01`},
		{`^\p{L}+$`, `aé日`, `1`},
		{`^\p{Letter}\P{Lu}$`, `aa|A1`, `aA`},
		{`^[\p{Script=Greek}x]+$`, `αx`, `a`},
		{`^\p{ASCII}$`, `a`, `é`},
		{`^\/\-\.$`, `/-.`, `/-x`},
		{`^a{1500}$`, strings.Repeat("a", 1500), strings.Repeat("a", 1499) + "|" + strings.Repeat("a", 1501)},
		{`^a{1,2500}$`, "a|" + strings.Repeat("a", 2500), strings.Repeat("a", 2501)},
		{`^a{1001,}$`, strings.Repeat("a", 1001), strings.Repeat("a", 1000)},
		{`^a{2}?b*?$`, `aa|aab`, `a`},
		{`^(?=.*\d)(?!.*x)[a-z\d]+$`, `a1`, `a|a1x`},
		{`^(?!null$)`, `nul|nulls`, `null`},
		{`a|b`, `xay|b`, `c`},
		{`\bno\b`, `say no!`, `know`},
		{`(?:ab)+$`, `abab`, `aba`},
	}
	for _, row := range rows {
		p, err := compilePattern(row.pattern)
		require.NoError(t, err, row.pattern)
		if row.yes != "" {
			for text := range strings.SplitSeq(row.yes, "|") {
				assert.Truef(t, p.match(text), "%s and %q", row.pattern, text)
			}
		}
		for text := range strings.SplitSeq(row.no, "|") {
			assert.Falsef(t, p.match(text), "%s and %q", row.pattern, text)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	rows := []struct{ pattern, want string }{
		{`(`, `missing ) at byte 1 of the pattern`},
		{`a)`, `unmatched ) at byte 1 of the pattern`},
		{`[a`, `missing ] at byte 2 of the pattern`},
		{`*`, `nothing to repeat at byte 0 of the pattern`},
		{`a**`, `nothing to repeat at byte 3 of the pattern`},
		{`^*`, `quantifier behind an assertion at byte 2 of the pattern`},
		{`a{3,2}`, `numbers out of order in {} at byte 1 of the pattern`},
		{`a{10001}`, `a count above 10000 at byte 1 of the pattern`},
		{`[b-a]`, `range out of order in a character class at byte 4 of the pattern`},
		{`\Z`, `unknown escape \Z at byte 1 of the pattern`},
		{`(a)\1`, `back-references are not supported at byte 4 of the pattern`},
		{`a(?=b)`, `look-ahead is supported only behind a ^ at the beginning of a pattern at byte 4 of the pattern`},
		{`^(?=a)a|b`, `look-ahead beside an alternative is not supported at byte 9 of the pattern`},
		{`(?<!a)`, `look-behind is not supported at byte 4 of the pattern`},
		{`(?i)a`, `unknown kind of group at byte 2 of the pattern`},
		{`\ud800`, `lone surrogate at byte 6 of the pattern`},
		{`\u{110000}`, `invalid escape at byte 3 of the pattern`},
		{`\p{Nope}`, `unknown property "Nope" at byte 2 of the pattern`},
		{`\`, `\ at the end of the pattern at byte 1 of the pattern`},
		{strings.Repeat("(", 300), `groups nested too deep at byte 200 of the pattern`},
		{`((a{1000}){1000}){1000}`, `invalid repeat count at byte 0 of the pattern`},
	}
	for _, row := range rows {
		_, err := compilePattern(row.pattern)
		var want *patternError
		if assert.Truef(t, errors.As(err, &want), "%s: %v", row.pattern, err) {
			assert.Equal(t, row.want, err.Error(), row.pattern)
		}
	}
}

// FuzzPattern: a translation that is made can be compiled or is refused, and never read as a pattern that
// ends early or has groups of its own.
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{`^a$`, `[^\S\d-]`, `(?<a>\p{L}{2,})|x`, `^(?=a)(?!b).`, `\u{41}\x41{1001,2002}?`, `[]`, `[^]`, `\Q`, `(?i)`} {
		f.Add(seed, "a")
	}
	f.Fuzz(func(t *testing.T, src, text string) {
		if len(src) > 200 || len(text) > 200 {
			return
		}
		p, err := compilePattern(src)
		if err != nil {
			return
		}
		p.match(text)
		for _, part := range p.parts {
			if part.re.NumSubexp() != 0 {
				t.Fatalf("%q became %q", src, part.re)
			}
		}
	})
}
