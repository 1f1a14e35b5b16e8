package constrain

import (
	"encoding/binary"
	"slices"
)

// A regexAtom is a regular expression as an automaton: a textAtom whose states are sets of places in a program, made one after the
// other as a text asks for them. The state is spelled as the places in order behind the kind of the last character.
type regexAtom struct {
	insts    []regexInst
	sets     []runeSet
	start    int32
	useful   []bool // a match can be reached from the place
	anchored bool   // a match can begin only at the beginning of the text
	words    bool   // there are \b or \B
	trimmed  bool   // every state that step returns leads to an accepted text

	mark  []uint32 // places that the current closure has seen
	round uint32
	stack []int32
}

type regexInst struct {
	op   instOp
	set  int32 // instSet
	x, y int32 // what follows; instSplit has two
}

type instOp uint8

const (
	instSet instOp = iota
	instSplit
	instBegin
	instEnd
	instWord
	instNotWord
	instMatch
)

// The kinds of characters that assertions look at.
const (
	runeNone = iota // the beginning or the end of the text
	runeOther
	runeWord
)

// regexMatched is the state behind a match that no end of the text is needed for: everything may follow.
const regexMatched = "match"

// maxInsts bounds the size of a program, and with it the time of a step.
const maxInsts = 12000

// newRegexAtom translates a regular expression. It fails with a *regexError where counted repeats make it too large.
func newRegexAtom(node *regexNode) (*regexAtom, error) {
	a := &regexAtom{insts: []regexInst{{op: instMatch}}}
	start, ok := a.emit(node, 0)
	if !ok {
		return nil, &regexError{0, "repeats of more than a few thousand characters"}
	}
	a.start = start
	a.mark = make([]uint32, len(a.insts))
	a.findUseful()
	a.classify()
	return a, nil
}

// fork returns an atom that shares the program.
func (a *regexAtom) fork() *regexAtom {
	b := *a
	b.mark, b.round, b.stack = make([]uint32, len(a.insts)), 0, nil
	return &b
}

func (a *regexAtom) add(i regexInst) (int32, bool) {
	a.insts = append(a.insts, i)
	return int32(len(a.insts) - 1), len(a.insts) <= maxInsts
}

// emit appends the program of node, which goes on at next, and returns where it begins.
func (a *regexAtom) emit(node *regexNode, next int32) (at int32, ok bool) {
	switch node.op {
	case opEmpty:
		return next, true
	case opSet:
		a.sets = append(a.sets, node.set)
		return a.add(regexInst{op: instSet, set: int32(len(a.sets) - 1), x: next})
	case opConcat:
		for _, sub := range slices.Backward(node.subs) {
			if next, ok = a.emit(sub, next); !ok {
				return 0, false
			}
		}
		return next, true
	case opAlternate:
		at, ok = a.emit(node.subs[len(node.subs)-1], next)
		for i := len(node.subs) - 2; i >= 0 && ok; i-- {
			var x int32
			if x, ok = a.emit(node.subs[i], next); ok {
				at, ok = a.add(regexInst{op: instSplit, x: x, y: at})
			}
		}
		return at, ok
	case opRepeat:
		return a.emitRepeat(node, next)
	}
	return a.add(regexInst{op: instBegin + instOp(node.op-opBegin), x: next})
}

func (a *regexAtom) emitRepeat(node *regexNode, next int32) (at int32, ok bool) {
	at, ok = next, true
	if node.max < 0 {
		loop, _ := a.add(regexInst{op: instSplit, y: next})
		var body int32
		if body, ok = a.emit(node.subs[0], loop); !ok {
			return 0, false
		}
		a.insts[loop].x, at = body, loop
	}
	for i := node.min; i < node.max && ok; i++ {
		if at, ok = a.emit(node.subs[0], at); ok {
			at, ok = a.add(regexInst{op: instSplit, x: at, y: next})
		}
	}
	for i := 0; i < node.min && ok; i++ {
		before := len(a.insts)
		if at, ok = a.emit(node.subs[0], at); len(a.insts) == before {
			break // an empty body
		}
	}
	return at, ok
}

// findUseful marks the places that a match can be reached from, taking every assertion for passable.
func (a *regexAtom) findUseful() {
	a.useful = make([]bool, len(a.insts))
	from := make([][]int32, len(a.insts))
	for i := range a.insts {
		switch inst := &a.insts[i]; {
		case inst.op == instMatch || inst.op == instSet && len(a.sets[inst.set]) == 0:
		case inst.op == instSplit:
			from[inst.y] = append(from[inst.y], int32(i))
			fallthrough
		default:
			from[inst.x] = append(from[inst.x], int32(i))
		}
	}
	a.useful[0] = true
	spread(a.useful, []int32{0}, from)
}

// classify finds out what kind of assertions there are. Where ^ stands only at the beginning and $ only at the end, a state is
// alive if it has a place.
func (a *regexAtom) classify() {
	a.trimmed = true
	for pc := range a.insts {
		switch a.insts[pc].op {
		case instWord, instNotWord:
			a.words, a.trimmed = true, false
		case instEnd:
			a.reach(a.insts[pc].x, func(i *regexInst) {
				a.trimmed = a.trimmed && i.op != instSet && i.op != instBegin
			})
		case instSet:
			a.reach(a.insts[pc].x, func(i *regexInst) { a.trimmed = a.trimmed && i.op != instBegin })
		}
		if !a.trimmed && a.words {
			break
		}
	}
	a.anchored = true
	a.reach(a.start, func(i *regexInst) { a.anchored = a.anchored && (i.op == instSplit || i.op == instBegin) })
}

// reach calls f for the instructions that are reached from pc without reading a character. It stops at characters and at the
// first assertion.
func (a *regexAtom) reach(pc int32, f func(*regexInst)) {
	a.round++
	a.stack = append(a.stack[:0], pc)
	for pc, ok := a.pop(); ok; pc, ok = a.pop() {
		inst := &a.insts[pc]
		f(inst)
		if inst.op == instSplit {
			a.stack = append(a.stack, inst.x, inst.y)
		}
	}
}

// pop takes a useful place that this round has not seen from the stack. It reports false where there is none.
func (a *regexAtom) pop() (int32, bool) {
	for len(a.stack) > 0 {
		pc := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if a.mark[pc] != a.round && a.useful[pc] {
			a.mark[pc] = a.round
			return pc, true
		}
	}
	return 0, false
}

// closure adds to pcs what is reached from pc at a place between two characters of given kinds. It stops at characters, at the
// match, and at assertions about what follows where next is unknown.
func (a *regexAtom) closure(pcs []int32, pc int32, prev, next int) []int32 {
	a.stack = append(a.stack[:0], pc)
	for pc, ok := a.pop(); ok; pc, ok = a.pop() {
		inst := &a.insts[pc]
		pass := false
		switch inst.op {
		case instSplit:
			a.stack = append(a.stack, inst.y, inst.x)
			continue
		case instBegin:
			if pass = prev == runeNone; !pass {
				continue
			}
		case instEnd:
			pass = next == runeNone
		case instWord, instNotWord:
			pass = next != unknownRune && ((prev == runeWord) != (next == runeWord)) == (inst.op == instWord)
			if next != unknownRune && !pass {
				continue
			}
		}
		if pass {
			a.stack = append(a.stack, inst.x)
			continue
		}
		pcs = append(pcs, pc)
	}
	return pcs
}

// unknownRune stands for a character that has not been read yet.
const unknownRune = -1

func (a *regexAtom) runeSets() []runeSet {
	if a.words {
		return append(slices.Clip(a.sets), wordRunes)
	}
	return a.sets
}

func (a *regexAtom) begin() string {
	a.round++
	return a.spell(a.closure(nil, a.start, runeNone, unknownRune), runeNone)
}

// spell writes down a state. Without word assertions the kind of the last character does not matter behind the first.
func (a *regexAtom) spell(pcs []int32, prev int) string {
	for _, pc := range pcs {
		if a.insts[pc].op == instMatch {
			return regexMatched
		}
	}
	slices.Sort(pcs)
	if !a.words && prev != runeNone {
		prev = runeOther
	}
	b := append(make([]byte, 0, 1+2*len(pcs)), byte(prev))
	for _, pc := range pcs {
		b = binary.LittleEndian.AppendUint16(b, uint16(pc))
	}
	return string(b)
}

// places reads a state.
func (a *regexAtom) places(state string) (pcs []int32, prev int) {
	pcs = make([]int32, 0, len(state)/2)
	for i := 1; i+1 < len(state); i += 2 {
		pcs = append(pcs, int32(state[i])|int32(state[i+1])<<8)
	}
	return pcs, int(state[0])
}

func (a *regexAtom) step(state string, r rune) (string, bool) {
	if state == regexMatched {
		return state, true
	}
	kind := runeOther
	if a.words && wordRunes.contains(r) {
		kind = runeWord
	}
	pcs, prev := a.places(state)
	if a.words { // the assertions that waited for this character
		pcs = a.resolve(pcs, prev, kind)
		if slices.ContainsFunc(pcs, func(pc int32) bool { return a.insts[pc].op == instMatch }) {
			return regexMatched, true
		}
	}
	a.round++
	var out []int32
	for _, pc := range pcs {
		if inst := &a.insts[pc]; inst.op == instSet && a.sets[inst.set].contains(r) {
			out = a.closure(out, inst.x, kind, unknownRune)
		}
	}
	if !a.anchored {
		out = a.closure(out, a.start, kind, unknownRune)
	}
	return a.spell(out, kind), len(out) > 0
}

// resolve passes the waiting assertions that hold before a character of a kind, or before the end.
func (a *regexAtom) resolve(pcs []int32, prev, next int) []int32 {
	a.round++
	var out []int32
	for _, pc := range pcs {
		out = a.closure(out, pc, prev, next)
	}
	return out
}

func (a *regexAtom) accepts(state string) bool {
	if state == regexMatched {
		return true
	}
	pcs, prev := a.places(state)
	return slices.ContainsFunc(a.resolve(pcs, prev, runeNone), func(pc int32) bool { return a.insts[pc].op == instMatch })
}

func (a *regexAtom) free(state string) bool { return state == regexMatched }

func (a *regexAtom) trim() bool { return a.trimmed }
