// Package suite reads the data that the tests of schema and schema/constrain share and that is not part of the module.
package suite

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// file names the variable that says where the official JSON-Schema-Test-Suite lies as gzipped JSON Lines
// of {draft, file, group, test, schema, data, valid}.
const file = "HARMONY_JSON_SCHEMA_TEST_SUITE"

// A Test is one of the suite: an instance, and whether a schema holds it to be valid.
type Test struct {
	Draft, File, Group, Test string
	Schema, Data             json.RawMessage
	Valid                    bool
}

// Tests returns the suite, in its order. Where nobody has said where it lies, the test is skipped.
func Tests(t testing.TB) (tests []Test) {
	t.Helper()
	Lines(t, file, func(line []byte) {
		var row Test
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		tests = append(tests, row)
	})
	return tests
}

// Dialect returns the schema with a $schema where it has none: draft 7's rely on being told.
func (row *Test) Dialect() []byte {
	if row.Draft != "draft7" || row.Schema[0] != '{' || strings.Contains(string(row.Schema), `"$schema"`) {
		return row.Schema
	}
	rest := strings.TrimPrefix(string(row.Schema), "{")
	if rest != "}" {
		rest = "," + rest
	}
	return []byte(`{"$schema":"http://json-schema.org/draft-07/schema#"` + rest)
}

// Lines calls f for each line of the gzipped file that the environment's variable names, which it must not keep. Where the variable
// is not set, the test is skipped.
func Lines(t testing.TB, variable string, f func(line []byte)) {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip("set " + variable + " to a file of gzipped JSON Lines to run this test")
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		f(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}
