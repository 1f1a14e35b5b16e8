package schema

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

// A pattern is a regular expression of a schema, which is one of ECMA-262, made ready for package regexp.
type pattern struct {
	parts []patternPart // all of them must hold
	cost  int           // instructions of the compiled programs together: what a byte of text may cost
}

type patternPart struct {
	re      *regexp.Regexp
	negated bool
}

func (p *pattern) match(text string) bool {
	for _, part := range p.parts {
		if part.re.MatchString(text) == part.negated {
			return false
		}
	}
	return true
}

// A patternError says why a pattern cannot be used.
type patternError struct {
	offset      int // in the pattern, in bytes
	msg         string
	unsupported bool // ECMA-262 allows it
}

func (e *patternError) Error() string {
	return fmt.Sprintf("%s at byte %d of the pattern", e.msg, e.offset)
}

// compilePattern reads a pattern with the meaning that ECMA-262 gives it under the flag u. Look-ahead is
// understood behind a ^ that begins the pattern, because that is a condition of its own; other look-around
// and back-references are refused, as package regexp runs in linear time and has none.
func compilePattern(src string) (*pattern, error) {
	t := translator{src: src}
	parts, err := t.pattern()
	if err != nil {
		return nil, err
	}
	p := &pattern{}
	for _, part := range parts {
		re, cost, err := compileRE2(part.text)
		if err != nil {
			return nil, &patternError{msg: err.Error(), unsupported: true}
		}
		p.parts = append(p.parts, patternPart{re, part.negated})
		p.cost += cost
	}
	return p, nil
}

// compileRE2 compiles the text of a pattern for package regexp, and counts its instructions.
func compileRE2(text string) (*regexp.Regexp, int, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, 0, simpleSyntax(err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, 0, simpleSyntax(err)
	}
	re, err := regexp.Compile(text)
	return re, len(prog.Inst), err
}

// simpleSyntax drops the translated text from an error: the user has never seen it.
func simpleSyntax(err error) error {
	if e, ok := err.(*syntax.Error); ok {
		return fmt.Errorf("%s", e.Code)
	}
	return err
}
