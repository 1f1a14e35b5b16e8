package schema

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// suiteFile names the variable that says where the official JSON-Schema-Test-Suite lies as gzipped JSON Lines
// of {draft, file, group, test, schema, data, valid}.
const suiteFile = "HARMONY_JSON_SCHEMA_TEST_SUITE"

type suiteTest struct {
	Draft, File, Group, Test string
	Schema, Data             json.RawMessage
	Valid                    bool
}

func suite(t testing.TB) []suiteTest {
	path := os.Getenv(suiteFile)
	if path == "" {
		t.Skip("set " + suiteFile + " to run the official test suite")
	}
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	var tests []suiteTest
	for lines.Scan() {
		var row suiteTest
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		tests = append(tests, row)
	}
	require.NoError(t, lines.Err())
	return tests
}

// withDraft returns the schema with a $schema where it has none: draft 7's rely on being told.
func withDraft(row suiteTest) []byte {
	if row.Draft != "draft7" || row.Schema[0] != '{' || strings.Contains(string(row.Schema), `"$schema"`) {
		return row.Schema
	}
	rest := strings.TrimPrefix(string(row.Schema), "{")
	if rest != "}" {
		rest = "," + rest
	}
	return []byte(`{"$schema":"http://json-schema.org/draft-07/schema#"` + rest)
}

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
	for _, row := range suite(t) {
		kind := row.Draft
		if strings.Contains(row.File, "optional") {
			kind += " optional"
		}
		n := counts[kind]
		if n == nil {
			n = new([3]int)
			counts[kind] = n
		}
		s, err := Parse(withDraft(row))
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
