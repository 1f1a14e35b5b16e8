package lossy

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestSubpart(t *testing.T) {
	for s, want := range map[string]int{
		"\x80":             1, // no first byte
		"\xC0\x80":         1, // overlong
		"\xE0\x80\x80":     1,
		"\xED\xA0\x80":     1, // a surrogate
		"\xF4\x90\x80\x80": 1, // beyond U+10FFFF
		"\xE2\x82a":        2, // cut off
		"\xF0\x9F\x98a":    3,
		"\xF0\x9Fa":        2,
		"\xF0\x9F\x98\xF0": 3,
	} {
		require.Equal(t, want, Subpart(s), "%q", s)
	}
}

func TestValidPrefix(t *testing.T) {
	for _, s := range []string{"", "a", "aé日🔭", "\uFFFD"} {
		require.Equal(t, len(s), ValidPrefix(s), "%q", s)
		require.Equal(t, len(s), ValidPrefix(s+"\xF0\x9F"), "%q, then an unfinished character", s)
		require.Equal(t, len(s), ValidPrefix(s+"\x80"+s), "%q, then a byte that begins nothing", s)
	}
	require.True(t, utf8.ValidString("\uFFFD"), "a U+FFFD that is written is a character")
}
