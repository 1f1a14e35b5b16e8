package hub

import (
	"regexp"
	"strings"
)

// A Pattern chooses files by their path, as huggingface_hub's do: * stands for anything, also for slashes, ? for one character, […]
// for one of some; what ends in a slash stands for all below it. Source: Python's fnmatch.
type Pattern struct{ re *regexp.Regexp }

// ParsePattern reads a pattern.
func ParsePattern(text string) (Pattern, error) {
	if strings.HasSuffix(text, "/") {
		text += "*"
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		case c == '[':
			if end := strings.IndexByte(text[min(i+2, len(text)):], ']'); end >= 0 {
				set := text[i+1 : i+2+end]
				negated := ""
				if set[0] == '!' && len(set) > 1 {
					negated, set = "^", set[1:]
				}
				b.WriteString("[" + negated + strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`, `]`, `\]`).Replace(set) + "]")
				i += 3 + end
				continue
			}
			b.WriteString(`\[`)
		default:
			n := 1
			for i+n < len(text) && !strings.ContainsRune("*?[", rune(text[i+n])) {
				n++
			}
			b.WriteString(regexp.QuoteMeta(text[i : i+n]))
			i += n
			continue
		}
		i++
	}
	re, err := regexp.Compile(b.String() + `\z`)
	if err != nil {
		return Pattern{}, &Error{What: quote(text), Text: "no pattern for files", Kind: ErrChoice}
	}
	return Pattern{re}, nil
}

// Match reports whether the pattern chooses a path.
func (p Pattern) Match(path string) bool { return p.re.MatchString(path) }

func anyMatch(list []Pattern, path string) bool {
	for _, p := range list {
		if p.Match(path) {
			return true
		}
	}
	return false
}
