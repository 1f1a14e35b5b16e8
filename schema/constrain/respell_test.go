package constrain_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A speller writes JSON values in ways that JSON allows but few writers use.
type speller struct {
	r   *rand.Rand
	out []byte
}

func respell(r *rand.Rand, v *ojson.Value) string {
	s := &speller{r: r}
	s.value(v)
	s.space()
	return string(s.out)
}

func (s *speller) space() {
	for s.r.IntN(4) == 0 {
		s.out = append(s.out, " \n\t\r"[s.r.IntN(4)])
	}
}

func (s *speller) value(v *ojson.Value) {
	s.space()
	switch v.Kind {
	case ojson.Array:
		s.out = append(s.out, '[')
		for i := range v.Items {
			if i > 0 {
				s.out = append(s.out, ',')
			}
			s.value(&v.Items[i])
			s.space()
		}
		s.space()
		s.out = append(s.out, ']')
	case ojson.Object:
		s.out = append(s.out, '{')
		for i, j := range s.r.Perm(len(v.Members)) {
			if i > 0 {
				s.out = append(s.out, ',')
			}
			s.space()
			s.text(v.Members[j].Key)
			s.space()
			s.out = append(s.out, ':')
			s.value(&v.Members[j].Value)
			s.space()
		}
		s.space()
		s.out = append(s.out, '}')
	case ojson.String:
		s.text(v.Str)
	case ojson.Number:
		s.number(v.Str)
	default:
		s.out = v.Append(s.out)
	}
}

func (s *speller) text(text string) {
	s.out = append(s.out, '"')
	for _, r := range text {
		switch short := strings.IndexRune("\"\\/\b\f\n\r\t", r); {
		case short >= 0 && s.r.IntN(2) == 0:
			s.out = append(s.out, '\\', "\"\\/bfnrt"[short])
		case r < ' ' || r == '"' || r == '\\' || s.r.IntN(8) == 0:
			for _, u := range utf16.Encode([]rune{r}) {
				hex := strconv.FormatUint(uint64(u)+0x10000, 16)[1:]
				if s.r.IntN(2) == 0 {
					hex = strings.ToUpper(hex)
				}
				s.out = append(append(s.out, '\\', 'u'), hex...)
			}
		default:
			s.out = append(s.out, string(r)...)
		}
	}
	s.out = append(s.out, '"')
}

// number moves the point of a number that has no exponent, or leaves it.
func (s *speller) number(lit string) {
	digits, sign := lit, ""
	if strings.HasPrefix(lit, "-") {
		digits, sign = lit[1:], "-"
	}
	whole, frac, point := strings.Cut(digits, ".")
	switch n := s.r.IntN(4); {
	case strings.ContainsAny(lit, "eE") || n == 0 || len(lit) > 300:
		s.out = append(s.out, lit...)
	case n == 1 && point:
		s.out = append(s.out, lit+"00"...)
	case n == 1:
		s.out = append(s.out, lit+".0"...)
	case n == 2:
		trimmed := strings.TrimLeft(whole+frac, "0")
		if trimmed == "" {
			trimmed = "0"
		}
		s.out = append(s.out, sign+trimmed+"e-"+strconv.Itoa(len(frac))...)
	default:
		s.out = append(s.out, sign+"0."+whole+frac+"E+"+strconv.Itoa(len(whole))...)
	}
}

// mutate changes a value a little.
func mutate(r *rand.Rand, v *ojson.Value) {
	switch {
	case v.Kind == ojson.Array && len(v.Items) > 0 && r.IntN(3) > 0:
		mutate(r, &v.Items[r.IntN(len(v.Items))])
		return
	case v.Kind == ojson.Object && len(v.Members) > 0 && r.IntN(3) > 0:
		mutate(r, &v.Members[r.IntN(len(v.Members))].Value)
		return
	}
	switch n := r.IntN(6); {
	case v.Kind == ojson.Array && n < 3:
		if len(v.Items) > 0 && n > 0 {
			i := r.IntN(len(v.Items))
			v.Items = append(v.Items[:i:i], v.Items[i+1:]...)
		} else if len(v.Items) > 0 {
			v.Items = append(v.Items, v.Items[r.IntN(len(v.Items))])
		}
	case v.Kind == ojson.Object && n < 4:
		if len(v.Members) > 0 && n > 0 {
			i := r.IntN(len(v.Members))
			v.Members = append(v.Members[:i:i], v.Members[i+1:]...)
		} else {
			v.Members = append(v.Members, ojson.Member{Key: string(rune('a' + r.IntN(4))), Value: ojson.Value{Kind: ojson.Null}})
		}
	case v.Kind == ojson.String && n < 4:
		runes := []rune(v.Str)
		if len(runes) > 0 && n > 0 {
			i := r.IntN(len(runes))
			runes = append(runes[:i:i], runes[i+1:]...)
		} else {
			runes = append(runes, []rune("a0-. é😀\n")[r.IntN(8)])
		}
		v.Str = string(runes)
	case v.Kind == ojson.Number && n < 4:
		v.Str = []string{"0", "1", "-1", "7", "0.5", "100", "2.25", "3.5", "12", "10.0"}[r.IntN(10)]
	default:
		*v = []ojson.Value{{Kind: ojson.Null}, {Kind: ojson.Bool, Bool: true}, {Kind: ojson.Number, Str: "5"}, {Kind: ojson.String, Str: "a"},
			{Kind: ojson.Array}, {Kind: ojson.Object}}[r.IntN(6)]
	}
}

// randomTokens cuts a text into tokens at random.
func randomTokens(r *rand.Rand, text string) []tokenizer.Token {
	var toks []tokenizer.Token
	for len(text) > 0 {
		n := min(len(text), 1+r.IntN(8))
		whole := tokenizer.O200kHarmony().Encode(text[:n])
		toks = append(toks, whole...)
		text = text[n:]
	}
	return toks
}

// A text is accepted, however it is spelled and cut into tokens, exactly if it is an instance.
func TestAcceptedIsValid(t *testing.T) {
	rounds := scaled(6)
	valid := 0
	for i, doc := range documents(t) {
		s := schema.MustParse(doc)
		g, err := constrain.Compile(s, nil)
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(uint64(i), campaign()))
		for seed := range uint64(rounds) {
			text := newSampler(t, g, doc, seed+campaign()).run(r.IntN(30))
			v, err := ojson.Parse([]byte(text), ojson.MaxDepth)
			if err != nil {
				continue // nested too deep for it
			}
			for range 6 {
				spelled := respell(r, &v)
				want := s.Validate([]byte(spelled)) == nil
				got := walk(t, g, randomTokens(r, spelled))
				if !assert.Equal(t, want, got, "%s for %s", spelled, doc) {
					return
				}
				if want {
					valid++
				}
				mutate(r, &v)
			}
		}
	}
	assert.Greater(t, valid, rounds*len(documents(t)))
}
