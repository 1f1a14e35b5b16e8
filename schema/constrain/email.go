package constrain

import "strings"

// An emailAtom accepts the mailboxes of RFC 5321: a local part of up to 64 octets, an @ and a domain.
//
// The state in the local part is where in it one is, and how long it is; behind the @, the state of the domain.
type emailAtom struct{ domain *regexAtom }

// The places in a local part.
const (
	localStart  = 'l' // at the beginning, or behind a dot
	localAtom   = 'a'
	localQuoted = 'q'
	localEscape = 'e' // behind a backslash
	localClosed = 'c' // behind the second quote
	inDomain    = 'd'
)

const maxLocal = 64

func (a *emailAtom) begin() string { return string([]byte{localStart, 0}) }

func (a *emailAtom) step(state string, r rune) (string, bool) {
	place, n := state[0], state[1]
	if place == inDomain {
		next, ok := a.domain.step(state[1:], r)
		return string(inDomain) + next, ok
	}
	if r == '@' && (place == localAtom || place == localClosed) {
		return string(inDomain) + a.domain.begin(), true
	}
	next := byte(0)
	need := byte(0) // how many more octets the local part will have at least
	switch place {
	case localStart, localAtom:
		switch {
		case strings.ContainsRune(atext, r):
			next = localAtom
		case r == '.' && place == localAtom:
			next, need = localStart, 1
		case r == '"' && n == 0:
			next, need = localQuoted, 1
		}
	case localQuoted:
		switch {
		case r == '"':
			next = localClosed
		case r == '\\':
			next, need = localEscape, 2
		case r >= ' ' && r <= '~':
			next, need = localQuoted, 1
		}
	case localEscape:
		if r >= ' ' && r <= '~' {
			next, need = localQuoted, 1
		}
	}
	return string([]byte{next, n + 1}), next != 0 && n+1+need <= maxLocal
}

func (a *emailAtom) accepts(state string) bool {
	return state[0] == inDomain && a.domain.accepts(state[1:])
}

func (a *emailAtom) free(string) bool { return false }
func (a *emailAtom) trim() bool       { return true }

// atext are the characters of a word (RFC 5322, section 3.2.3).
const atext = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"

func (a *emailAtom) runeSets() []runeSet {
	return append(a.domain.runeSets(), runesOf([]rune(atext)...), runeSet{{' ', '~'}}, runesOf('.'), runesOf('"'), runesOf('\\'), runesOf('@'))
}
