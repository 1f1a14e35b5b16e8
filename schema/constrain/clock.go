package constrain

// A clockAtom accepts the times of RFC 3339, section 5.6: a second of 60 only where it is 23:59:60 in UTC.
//
// The state is the place in the text, and what of the digits still matters: until the seconds are known the hour and the minute,
// behind a leap second the offset that it needs.
type clockAtom struct{}

type clockState struct {
	place  byte
	digit  byte // the first of two
	leap   bool
	minute int16 // of the day; behind a leap second, the offset needed
}

// The places of a time.
const (
	clockHour1 = iota
	clockHour2
	clockColon1
	clockMinute1
	clockMinute2
	clockColon2
	clockSecond1
	clockSecond2
	clockSecondEnd
	clockPoint
	clockFrac
	zoneHour1
	zoneHour2
	zoneColon
	zoneMinute1
	zoneMinute2
	clockEnd
)

func (clockAtom) begin() string { return clockState{}.spell() }

func (s clockState) spell() string {
	return string([]byte{s.place, s.digit, boolByte(s.leap), byte(s.minute), byte(s.minute >> 8)})
}

func readClock(s string) clockState {
	return clockState{s[0], s[1], s[2] == 1, int16(s[3]) | int16(s[4])<<8}
}

func (clockAtom) accepts(state string) bool { return state[0] == clockEnd }
func (clockAtom) free(string) bool          { return false }
func (clockAtom) trim() bool                { return true }

func (clockAtom) runeSets() []runeSet {
	var sets []runeSet
	for _, r := range "0123456789" {
		sets = append(sets, runesOf(r))
	}
	return append(sets, runesOf(':'), runesOf('.'), runesOf('Z', 'z'), runesOf('+'), runesOf('-'))
}

func (clockAtom) step(state string, r rune) (string, bool) {
	s := readClock(state)
	var ok bool
	switch {
	case r >= '0' && r <= '9':
		ok = s.addDigit(byte(r - '0'))
	case r == ':':
		ok = s.place == clockColon1 || s.place == clockColon2 || s.place == zoneColon
		s.place++
	case r == '.':
		ok = s.place == clockSecondEnd
		s.place = clockPoint
	default:
		ok = (s.place == clockSecondEnd || s.place == clockFrac) && s.zone(r)
	}
	return s.spell(), ok
}

const minutesOfDay = 24 * 60

// zone begins the offset.
func (s *clockState) zone(r rune) bool {
	switch r {
	case 'Z', 'z':
		s.place = clockEnd
		ok := !s.leap || s.minute == minutesOfDay-1
		s.leap, s.minute = false, 0
		return ok
	case '+', '-':
		s.place = zoneHour1
		if s.leap && r == '+' {
			s.minute = (s.minute + 1) % minutesOfDay
		} else if s.leap {
			s.minute = minutesOfDay - 1 - s.minute
		}
		return true
	}
	return false
}

func (s *clockState) addDigit(d byte) bool {
	place := s.place
	s.place++
	switch place {
	case clockHour1, zoneHour1:
		s.digit = d
		return d <= 2 && s.fitsZone(place == zoneHour1, int16(d), 600)
	case clockMinute1, zoneMinute1:
		s.digit = d
		return d <= 5 && s.fitsZone(place == zoneMinute1, int16(d), 10)
	case clockHour2:
		s.minute = 60 * int16(s.two(d))
		return s.minute < minutesOfDay
	case clockMinute2:
		s.minute += int16(s.two(d))
		return true
	case clockSecond1:
		s.leap = d == 6
		if !s.leap {
			s.minute = 0
		}
		return d <= 6
	case clockSecond2:
		return !s.leap || d == 0
	case clockPoint, clockFrac:
		s.place = clockFrac
		return true
	case zoneHour2:
		h := int16(s.two(d))
		if s.leap {
			s.minute -= 60 * h
			return s.minute >= 0 && s.minute < 60
		}
		return h < 24
	case zoneMinute2:
		m := int16(s.two(d))
		ok := !s.leap || s.minute == m
		s.leap, s.minute = false, 0
		return ok
	}
	return false
}

// fitsZone reports whether the first digit of a part of the offset is the one that a leap second needs.
func (s *clockState) fitsZone(zone bool, d, unit int16) bool {
	if !zone || !s.leap {
		return true
	}
	if unit == 600 {
		return s.minute/60/10 == d
	}
	return s.minute/10 == d
}

// two is the number of the digit kept and d, and forgets the digit.
func (s *clockState) two(d byte) byte {
	n := 10*s.digit + d
	s.digit = 0
	return n
}

// A momentAtom accepts the date-times of RFC 3339: a date, T, and a time.
type momentAtom struct {
	date  *regexAtom
	clock clockAtom
}

func newMomentAtom() textAtom {
	return &momentAtom{date: mustRegexAtom(mustRegex("^" + dateExpr + "$"))}
}

func (a *momentAtom) begin() string { return "d" + a.date.begin() }

func (a *momentAtom) step(state string, r rune) (string, bool) {
	if state[0] == 't' {
		next, ok := a.clock.step(state[1:], r)
		return "t" + next, ok
	}
	if (r == 'T' || r == 't') && a.date.accepts(state[1:]) {
		return "t" + a.clock.begin(), true
	}
	next, ok := a.date.step(state[1:], r)
	return "d" + next, ok
}

func (a *momentAtom) accepts(state string) bool { return state[0] == 't' && a.clock.accepts(state[1:]) }
func (a *momentAtom) free(string) bool          { return false }
func (a *momentAtom) trim() bool                { return true }

func (a *momentAtom) runeSets() []runeSet {
	return append(append(a.clock.runeSets(), a.date.runeSets()...), runesOf('T', 't'))
}
