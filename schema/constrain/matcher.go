package constrain

import (
	"slices"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/tokenizer"
)

// A Matcher follows one text through a grammar: it says which tokens may come next, and takes those that come. It works on
// tokens of text only; special tokens are never allowed. It belongs to one goroutine.
//
// Time and memory are proportional to the text. Once the slices of a matcher have grown, and the grammar has seen the states,
// nothing is allocated, except where items are unique: what ends an item has to be compared with those before.
type Matcher struct {
	g       *Grammar
	vocab   *vocabulary
	plain   bool     // escapes are allowed only where there is no other spelling
	threads []thread // the ways to understand the text; never none

	// What the threads refer to. All of it only grows while text is read, so that a step back cuts it off.
	frames []frame
	words  []uint64
	spare  []spareKey
	keys   []byte // the keys that are no names, one after the other; the last one is being read
	items  []item
	text   []byte     // all that has been read, where items are unique
	word   *textState // the value that is about to end is this word of an enumeration, or something else

	keyStart int // where the key begins that is being read
	keyMark  int // len(keys) before the byte that is being read
	textMark int // len(text) before it
	grown    int // how often something has been added to what the threads refer to
	offset   int // bytes read

	steps   []mark   // before each accepted token or text
	history []thread // the threads of steps
	spareTh []thread
	mustBuf keySet
	oddBuf  []oddStep

	said   []byte // all that has been accepted
	forced forcedText

	walk walk
}

// A mark is a state of a matcher to go back to.
type mark struct {
	threads, count int // in history
	offset         int
	walkMark
}

// save puts the threads into the history, and returns the mark to go back to.
func (m *Matcher) save() mark {
	k := mark{len(m.history), len(m.threads), m.offset, m.walkMark()}
	m.history = append(m.history, m.threads...)
	return k
}

// restore goes back to what has been saved.
func (m *Matcher) restore(k *mark) {
	m.cut(k)
	m.threads = append(m.threads[:0], m.history[k.threads:][:k.count]...)
	m.history = m.history[:k.threads]
}

// cut forgets what has been read since a mark, but for the threads.
func (m *Matcher) cut(k *mark) {
	m.cutWalk(&k.walkMark)
	m.offset = k.offset
}

// Reset goes back to the beginning of a text.
func (m *Matcher) Reset() {
	m.cut(&mark{})
	m.steps, m.history = m.steps[:0], m.history[:0]
	m.threads = append(m.threads[:0], thread{top: noFrame, mode: modeValue, node: m.g.top})
}

// Clone returns a matcher that goes its own way from here on. Both can go back to where they have been before.
func (m *Matcher) Clone() *Matcher {
	return &Matcher{
		g: m.g, vocab: m.vocab, plain: m.plain, threads: slices.Clone(m.threads), frames: slices.Clone(m.frames), words: slices.Clone(m.words),
		spare: slices.Clone(m.spare), keys: slices.Clone(m.keys), items: slices.Clone(m.items), text: slices.Clone(m.text), keyStart: m.keyStart, offset: m.offset,
		said:  slices.Clone(m.said),
		steps: slices.Clone(m.steps), history: slices.Clone(m.history),
	}
}

// Steps returns how many times Rollback can go back.
func (m *Matcher) Steps() int { return len(m.steps) }

// Offset returns the number of bytes accepted.
func (m *Matcher) Offset() int { return m.offset }

// Rollback undoes the last n calls of Accept and AcceptBytes that succeeded; all of them if there were fewer.
func (m *Matcher) Rollback(n int) {
	if n = min(n, len(m.steps)); n <= 0 {
		return
	}
	k := m.steps[len(m.steps)-n]
	m.restore(&k)
	m.steps = m.steps[:len(m.steps)-n]
}

// Accept takes a token. The error is a *TokenError where it is not allowed; the matcher is unchanged then.
func (m *Matcher) Accept(tok tokenizer.Token) error {
	text := m.vocab.text(tok)
	if text == "" || !m.accept(text) {
		return &TokenError{Offset: m.offset, Token: tok, Text: text}
	}
	return nil
}

// AcceptBytes takes a piece of text whatever its tokens. The error is a *TokenError where the text is not allowed, with the
// offset of the first byte that is not; the matcher is unchanged then.
func (m *Matcher) AcceptBytes(text []byte) error {
	if !m.accept(string(text)) {
		n := m.prefix(string(text))
		return &TokenError{Offset: m.offset + n, Text: string(text[n:]), isText: true}
	}
	return nil
}

// accept takes all of a text or nothing.
func (m *Matcher) accept(text string) bool {
	k := m.save()
	if m.advance(text) < len(text) {
		m.restore(&k)
		return false
	}
	m.said = append(m.said[:m.offset], text...)
	m.offset += len(text)
	m.steps = append(m.steps, k)
	m.dedupe()
	return true
}

// prefix returns how many bytes of a text are allowed.
func (m *Matcher) prefix(text string) int {
	k := m.save()
	n := m.advance(text)
	m.restore(&k)
	return n
}

// Allowed reports whether a token may come next, without making a mask.
func (m *Matcher) Allowed(tok tokenizer.Token) bool {
	text := m.vocab.text(tok)
	return text != "" && m.prefix(text) == len(text)
}

// advance moves the threads over a text as far as they go, and returns how far that is.
func (m *Matcher) advance(text string) int {
	next := m.spareTh
	for i := range min(len(text), schema.MaxInstance-m.offset) {
		next = m.stepAll(m.threads, text[i], next[:0])
		if len(next) == 0 {
			m.spareTh = next
			return i
		}
		m.threads, next = next, m.threads
	}
	m.spareTh = next[:0]
	return min(len(text), schema.MaxInstance-m.offset)
}

// read notes a byte that the threads are about to be moved over.
func (m *Matcher) read(b byte) {
	m.keyMark, m.textMark = len(m.keys), len(m.text)
	if m.g.unique {
		m.text = append(m.text, b)
		m.grown++
	}
}

// stepAll moves threads over a byte. Of very many threads the last are left behind: the rest can still be completed.
func (m *Matcher) stepAll(threads []thread, b byte, out []thread) []thread {
	m.read(b)
	base := len(out)
	for i := range threads {
		if out = m.step(&threads[i], b, out); len(out)-base >= maxThreads {
			return out[:base+maxThreads]
		}
	}
	return out
}

// dedupe drops threads that cannot be told from others.
func (m *Matcher) dedupe() {
	if len(m.threads) < 2 {
		return
	}
	kept := m.threads[:0]
	for i := range m.threads {
		t := &m.threads[i]
		if !slices.ContainsFunc(kept, func(k thread) bool { return m.same(&k, t) }) {
			kept = append(kept, *t)
		}
	}
	m.threads = kept
}

func (m *Matcher) same(a, b *thread) bool {
	x, y := *a, *b
	x.top, y.top = 0, 0
	if x != y {
		return false
	}
	if a.top < 0 || b.top < 0 {
		return a.top == b.top
	}
	return a.top == b.top || m.frames[a.top].full == m.frames[b.top].full
}

// Accepting reports whether the text may end here.
func (m *Matcher) Accepting() bool {
	return slices.ContainsFunc(m.threads, func(t thread) bool {
		return t.mode == modeDone || t.mode == modeNumber && t.top == noFrame && t.num.accept
	})
}
