package demo

import (
	"math"
	"runtime"
	"sync"

	"github.com/harmony-go/sdk/tokenizer"
)

// A row of the vocabulary is a sum: for each of the first pieces of the id's text the signs that stand for the piece, rolled by where it
// comes and scaled; and a vector for the id's class. train/rows.py and train/model.py compute the same.
const (
	pieceCount = 3 // pieces of an id that its row knows
	classCount = 25
	vocabulary = 201088 // openai/gpt-oss-20b, config.json, vocab_size
	special    = 4      // the class of ids that are no text, before pieces are counted
)

// A feature is what the row of an id is computed from.
type feature struct {
	pieces [pieceCount]int32 // -1: none
	class  uint8             // prefix*5 + number of pieces, 4 for more
}

// features returns the features of all ids.
func features(t *tokenizer.Tokenizer) []feature {
	list := make([]feature, vocabulary)
	ids := make(map[string]int32, len(list))
	texts := make([]string, len(list))
	for i := range list {
		if text, ok := t.TokenString(tokenizer.Token(i)); ok && !t.IsSpecial(tokenizer.Token(i)) {
			texts[i], ids[text] = text, int32(i)
		}
	}
	parallel(len(list), func(first, end int) {
		var m merger
		for i := first; i < end; i++ {
			list[i] = m.feature(int32(i), texts[i], ids)
		}
	})
	return list
}

// prefixes are bytes that words are written behind: the rows of " word" and "word" have their pieces in common.
var prefixes = [256]uint8{' ': 1, '_': 2, '.': 3}

// feature returns the feature of id i, whose text is empty if it is special.
func (m *merger) feature(i int32, text string, ids map[string]int32) feature {
	f := feature{pieces: [pieceCount]int32{i, -1, -1}, class: special*5 + 1}
	if text == "" {
		return f
	}
	var prefix uint8
	if len(text) > 1 && wordByte(text[1]) {
		prefix = prefixes[text[0]]
	}
	if prefix == 0 {
		f.class = 1 // an id is a piece itself
		return f
	}
	pieces := m.merge(text[1:], ids)
	for j := range f.pieces {
		f.pieces[j] = -1
		if j < len(pieces) {
			f.pieces[j] = pieces[j].id
		}
	}
	f.class = prefix*5 + uint8(min(len(pieces), 4))
	return f
}

func wordByte(c byte) bool {
	return c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// A merger splits text into pieces as the tokenizer's merges do, but as one word, whatever it consists of.
type merger struct{ parts []part }

type part struct {
	start, end int
	id         int32
}

// merge returns the pieces of text. They are valid until the next call.
func (m *merger) merge(text string, ids map[string]int32) []part {
	m.parts = m.parts[:0]
	if id, ok := ids[text]; ok {
		m.parts = append(m.parts, part{0, len(text), id})
		return m.parts
	}
	for i := range len(text) {
		m.parts = append(m.parts, part{i, i + 1, ids[text[i:i+1]]})
	}
	for {
		best, at := int32(math.MaxInt32), -1
		for i := 0; i+1 < len(m.parts); i++ {
			if id, ok := ids[text[m.parts[i].start:m.parts[i+1].end]]; ok && id < best {
				best, at = id, i
			}
		}
		if at < 0 {
			return m.parts
		}
		m.parts[at] = part{m.parts[at].start, m.parts[at+1].end, best}
		m.parts = append(m.parts[:at+1], m.parts[at+2:]...)
	}
}

// A rule computes the rows of one of the two tables.
type rule struct {
	hidden int
	piece  [pieceCount][]uint32 // bits of the scales
	class  [][]float32
	roll   [pieceCount]int
}

// row writes the row of a feature as bfloat16. acc and code are room for hidden numbers and hidden/64 words.
func (r *rule) row(dst []byte, f *feature, acc []float32, code []uint64) {
	copy(acc, r.class[f.class])
	for j, p := range f.pieces {
		if p < 0 {
			break
		}
		signs(code, p, r.roll[j])
		scale := r.piece[j]
		for w, x := range code {
			a, s := acc[w*64:][:64], scale[w*64:][:64]
			for b := range a {
				a[b] += math.Float32frombits(s[b] ^ uint32(^x>>b&1)<<31)
			}
		}
	}
	for i, v := range acc {
		u := math.Float32bits(v)
		u += 0x7fff + u>>16&1 // to the nearest, ties to even
		dst[2*i], dst[2*i+1] = byte(u>>16), byte(u>>24)
	}
}

// signs writes the signs that stand for an id, a bit each, rolled by n: the splitmix64 generator, started at the id.
func signs(code []uint64, id int32, n int) {
	words := len(code)
	at, shift := n/64, n%64
	var raw [maxHidden / 64]uint64
	for w := range words {
		raw[w] = splitmix(uint64(id)*uint64(words) + uint64(w))
	}
	for w := range words {
		lower, upper := raw[(w-at+words)%words], raw[(w-at-1+2*words)%words]
		code[w] = lower << shift
		if shift > 0 {
			code[w] |= upper >> (64 - shift)
		}
	}
}

// maxHidden bounds the hidden size that signs has room for.
const maxHidden = 512

func splitmix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// table writes all rows.
func (r *rule) table(dst []byte, list []feature) {
	parallel(len(list), func(first, end int) {
		acc, code := make([]float32, r.hidden), make([]uint64, r.hidden/64)
		for i := first; i < end; i++ {
			r.row(dst[i*r.hidden*2:], &list[i], acc, code)
		}
	})
}

// parallel does parts of 0 to n at the same time.
func parallel(n int, do func(first, end int)) {
	var wg sync.WaitGroup
	threads := runtime.GOMAXPROCS(0)
	for i := range threads {
		wg.Go(func() {
			do(n*i/threads, n*(i+1)/threads)
		})
	}
	wg.Wait()
}
