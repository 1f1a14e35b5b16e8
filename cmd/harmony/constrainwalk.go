package main

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// walk is what came of a text on its way through masks.
type walk struct {
	Accepted   bool      `json:"accepted"`
	RejectedAt *int      `json:"rejected_at"`        // nil if it is accepted
	Token      *tokenOf  `json:"token,omitempty"`    // the one that is not allowed; nil if the text ends too early
	Expected   *expected `json:"expected,omitempty"` // what could have come there
}

// tokenOf is a token and its bytes.
type tokenOf struct {
	ID   encoding.Token `json:"id"`
	Text string         `json:"text"`
}

// expected are the tokens that may come somewhere.
type expected struct {
	Tokens int       `json:"tokens"`  // how many
	Some   []tokenOf `json:"some"`    // the lowest ids, white space last
	End    bool      `json:"may_end"` // the text may end there
}

// mostExpected is how many tokens are listed.
const mostExpected = 8

// walker walks texts through masks. It belongs to one goroutine.
type walker struct {
	tok   *tokenizer.Tokenizer
	bytes bool // a token for every byte
	toks  []encoding.Token
	mask  []uint64
}

func newWalker(spelling string) *walker {
	return &walker{tok: tokenizer.O200kHarmony(), bytes: spelling == spellBytes, mask: make([]uint64, constrain.MaskWords)}
}

// tokens cuts a text into tokens. They are overwritten by the next call.
func (w *walker) tokens(text string) []encoding.Token {
	w.toks = w.toks[:0]
	if !w.bytes {
		w.toks = w.tok.AppendEncode(w.toks, text)
		return w.toks
	}
	for i := range len(text) {
		w.toks = w.tok.AppendEncode(w.toks, text[i:i+1])
	}
	return w.toks
}

// walk takes a text through the masks of a matcher that stands at the beginning, and says where it is refused; explained, also what
// could have come there. An error is a fault of the matcher: its mask and its Accept do not say the same.
func (w *walker) walk(m *constrain.Matcher, text string, explained bool) (walk, error) {
	at := 0
	for _, t := range w.tokens(text) {
		piece, _ := w.tok.TokenString(t)
		m.Mask(w.mask)
		allowed := w.mask[t/64]>>(t%64)&1 != 0
		if allowed != m.Allowed(t) {
			return walk{}, fmt.Errorf("the mask and the matcher differ about token %d %q at byte %d", t, piece, at)
		}
		if !allowed {
			return w.rejected(m, at, &tokenOf{t, piece}, explained), nil
		}
		if err := m.Accept(t); err != nil {
			return walk{}, fmt.Errorf("the mask allows token %d %q at byte %d, but: %s", t, piece, at, withoutPackage(err))
		}
		at += len(piece)
	}
	if !m.Accepting() {
		m.Mask(w.mask)
		return w.rejected(m, at, nil, explained), nil
	}
	return walk{Accepted: true}, nil
}

// rejected is the end of a walk at a byte whose mask has just been made.
func (w *walker) rejected(m *constrain.Matcher, at int, t *tokenOf, explained bool) walk {
	r := walk{RejectedAt: &at, Token: t}
	if explained {
		r.Expected = w.expected()
		r.Expected.End = m.Accepting()
	}
	return r
}

// expected lists what the mask allows.
func (w *walker) expected() *expected {
	e := &expected{Some: []tokenOf{}}
	var blank []tokenOf
	for i, word := range w.mask {
		e.Tokens += bits.OnesCount64(word)
		for ; word != 0 && len(e.Some) < mostExpected; word &= word - 1 {
			t := encoding.Token(i*64 + bits.TrailingZeros64(word))
			piece, _ := w.tok.TokenString(t)
			if strings.Trim(piece, " \t\r\n") == "" {
				blank = append(blank, tokenOf{t, piece})
			} else {
				e.Some = append(e.Some, tokenOf{t, piece})
			}
		}
	}
	e.Some = append(e.Some, blank[:min(len(blank), mostExpected-len(e.Some))]...)
	return e
}

// nowhere is the walk of a text where nothing is allowed at all.
func (w *walker) nowhere(text string) walk {
	r := walk{RejectedAt: new(0), Expected: &expected{Some: []tokenOf{}}}
	if toks := w.tokens(text); len(toks) > 0 {
		piece, _ := w.tok.TokenString(toks[0])
		r.Token = &tokenOf{toks[0], piece}
	}
	return r
}
