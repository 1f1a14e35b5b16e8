package encoding

import (
	"sync"
	"unsafe"

	"github.com/harmony-go/sdk/harmony"
)

// scratch holds what a rendering needs beside its tokens, and is used again by later ones.
type scratch struct {
	buf  []byte   // the text of one header field, or of one system or developer message
	keys []string // map keys, sorted; cleared after use
	keep []bool   // one for each message
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func getScratch() *scratch { return scratches.Get().(*scratch) }

// put gives the scratch back, unless it grew so large that keeping it would hold memory for nothing.
func (s *scratch) put() {
	const most = 1 << 20
	if cap(s.buf)+cap(s.keep)+16*cap(s.keys) <= most {
		scratches.Put(s)
	}
}

// text returns buf as a string without copying it. The string is valid until buf changes, and
// so it may go only to the tokenizer, which keeps no text after it returns.
func (s *scratch) text() string { return unsafe.String(unsafe.SliceData(s.buf), len(s.buf)) }

// kept asks the retention policy which messages to render.
func (s *scratch) kept(msgs []harmony.Message, retention Retention) []bool {
	if cap(s.keep) < len(msgs) {
		s.keep = make([]bool, len(msgs))
	}
	keep := s.keep[:len(msgs)]
	for i := range keep {
		keep[i] = true
	}
	if retention == nil {
		RetainReference(msgs, keep)
	} else {
		retention(msgs, keep)
	}
	return keep
}
