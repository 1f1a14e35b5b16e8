package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The right-hand sides are what the wheel oss-harmony 0.0.11 renders for such a default.
func TestTypeScriptOSS(t *testing.T) {
	for literal, want := range map[string]string{
		"1e23":                     "1e+23",
		"12345678901234567.0":      "1.2345678901234566e+16",
		"18446744073709551616":     "1.8446744073709552e+19",
		"-9223372036854775809":     "-9.223372036854776e+18",
		"1e15":                     "1000000000000000.0",
		"1e-7":                     "1e-7",
		"18446744073709551615":     "18446744073709551615",
		`"1e23"`:                   `"1e23"`,
		`[1e16,{"1e23":[2,1E21]}]`: `[1e+16,{"1e23":[2,1e+21]}]`,
	} {
		s := MustParse(`{"type":"object","properties":{"a":{"type":"number","default":` + literal + `}}}`)
		require.Equal(t, "{\na?: number, // default: "+want+"\n}", s.TypeScriptOSS(), literal)
	}
	s := MustParse(`{"type":["string","integer"],"default":1e23}`)
	require.Equal(t, s.TypeScript(), s.TypeScriptOSS())
}
