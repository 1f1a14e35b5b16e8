package constrain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
)

// TestManyNames: of an object with more names than a word has bits, a mask changes nothing.
func TestManyNames(t *testing.T) {
	var names []string
	for i := range 130 {
		names = append(names, fmt.Sprintf(`"p%d":{"type":"integer"}`, i))
	}
	s := schema.MustParse(`{"type":"object","maxProperties":4,"additionalProperties":{"type":"string"},"properties":{` + strings.Join(names, ",") + `}}`)
	for _, o := range []Options{{}, {SchemaOrder: true}, {Compact: true}, {DeclaredOnly: true}} {
		g, err := Compile(s, &o)
		require.NoError(t, err)
		m := g.NewMatcher()
		mask := make([]uint64, MaskWords)
		for _, piece := range []string{`{"`, `p0`, `":`, `1`, `,"p1`, `00":`, `2`, `,`, `"`, `x"`, `:`, `"`, `"`, `,"p`, `130":"`, `"`, `}`} {
			m.Mask(mask)
			require.NoError(t, m.AcceptBytes([]byte(piece)), "%+v", o)
		}
		require.True(t, m.Accepting())
	}
}
