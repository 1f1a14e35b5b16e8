package constrain_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// schemasFile names the variable that says where schemas lie as gzipped JSON Lines of {id, schema}, MaskBench's for instance.
const schemasFile = "HARMONY_SCHEMAS"

// Texts written at random for schemas from the world are instances, and come to an end.
func TestSchemasFromTheWorld(t *testing.T) {
	path := os.Getenv(schemasFile)
	if path == "" {
		t.Skip("set " + schemasFile + " to try schemas of a file")
	}
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<28)
	walked, ended := 0, 0
	for lines.Scan() {
		var row struct {
			ID     string
			Schema json.RawMessage
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		s, err := schema.Parse(row.Schema)
		if err != nil || s.Compile() != nil {
			continue
		}
		g, err := constrain.Compile(s, options(uint8(4|campaign()<<3&0x78)))
		if err != nil {
			continue
		}
		walked++
		t.Run(row.ID, func(t *testing.T) {
			for seed := range uint64(2) {
				w := newSampler(t, g, string(row.Schema), seed+campaign())
				w.soft = true
				text := w.run(10 + 60*int(seed))
				if text == "" {
					continue
				}
				ended++
				var wrong *schema.ValidationError // others say that the instance costs too much
				assert.False(t, errors.As(s.Validate([]byte(text)), &wrong), "%v: %s", wrong, text)
			}
		})
	}
	assert.Greater(t, ended, walked*3/2, "of two texts for each schema")
	t.Log(walked, "schemas,", ended, "texts")
}
