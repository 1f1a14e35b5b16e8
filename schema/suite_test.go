package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema/internal/suite"
)

// knownFailures are what Validate does not decide as the suite has it, by a part of the test's name, each
// with its reason. What fails and is not here fails the test, and so does an entry that nothing needs.
var knownFailures = map[string]string{
	"is only an annotation by default": "formats are asserted here, whatever the dialect",
	"$dynamicRef skips over":           "jsonschema/v5 looks for the dynamic scope in resources that $ref passed by",
	"idn-hostname.json":                "the format is not checked",
	"A-label (punycode) host names":    "that an A-label decodes to what IDNA allows is not checked",
}

func TestSuite(t *testing.T) {
	counts := map[string]*[3]int{} // right, known to be wrong, refused
	needed := map[string]bool{}
	for _, row := range suite.Tests(t) {
		kind := row.Draft
		if strings.Contains(row.File, "optional") {
			kind += " optional"
		}
		n := counts[kind]
		if n == nil {
			n = new([3]int)
			counts[kind] = n
		}
		s, err := Parse(row.Dialect())
		require.NoError(t, err)
		err = s.Validate(row.Data)
		name := row.File + ": " + row.Group + " / " + row.Test
		var compile *CompileError
		switch {
		case errors.As(err, &compile):
			n[2]++
			assert.Contains(t, err.Error(), "never loaded", name) // nothing but documents elsewhere is refused
		case (err == nil) == row.Valid:
			n[0]++
		default:
			n[1]++
			reason := ""
			for part := range knownFailures {
				if strings.Contains(name, part) {
					reason, needed[part] = part, true
				}
			}
			assert.NotEmptyf(t, reason, "%s %s: valid is %v, got %v", row.Draft, name, row.Valid, err)
		}
	}
	assert.Len(t, needed, len(knownFailures))
	for kind, n := range counts {
		t.Logf("%s: right %d, known to be wrong %d, refused %d", kind, n[0], n[1], n[2])
	}
}
