package constrain_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/schema/internal/suite"
)

// schemasFile names the variable that says where schemas lie as gzipped JSON Lines of {id, schema}, MaskBench's for instance.
const schemasFile = "HARMONY_SCHEMAS"

// Texts written at random for schemas from the world are instances, and come to an end.
func TestSchemasFromTheWorld(t *testing.T) {
	walked, ended := 0, 0
	suite.Lines(t, schemasFile, func(line []byte) {
		var row struct {
			ID     string
			Schema json.RawMessage
		}
		require.NoError(t, json.Unmarshal(line, &row))
		s, err := schema.Parse(row.Schema)
		if err != nil || s.Compile() != nil {
			return
		}
		g, err := constrain.Compile(s, options(uint8(4|campaign()<<3&0x78)))
		if err != nil {
			return
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
	})
	assert.Greater(t, ended, walked*3/2, "of two texts for each schema")
	t.Log(walked, "schemas,", ended, "texts")
}
