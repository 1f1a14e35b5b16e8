package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type booking struct {
	Room   int       `json:"room" jsonschema:"minimum=1"`
	Nights int8      `json:"nights,omitempty"`
	From   time.Time `json:"from,omitzero"`
	Note   []byte    `json:"note,omitempty"`
}

func TestDecodeArguments(t *testing.T) {
	for _, text := range []string{`{"room":12,"nights":3}`, `{"room":1.2e1,"nights":3.0}`, `{"room":12.0,"nights":30e-1}`} {
		got, err := DecodeArguments[booking](nil, []byte(text))
		require.NoError(t, err, text)
		assert.Equal(t, booking{Room: 12, Nights: 3}, got, text)
	}
	any, err := DecodeArguments[map[string]json.RawMessage](MustParse(`{}`), []byte(`{"a":1.0}`))
	require.NoError(t, err)
	assert.Equal(t, "1.0", string(any["a"]))
}

func TestDecodeArgumentsErrors(t *testing.T) {
	rows := []struct {
		schema *Schema
		text   string
		want   string
	}{
		{nil, `{"room":0}`, `*schema.ValidationError schema: expected a number of at least 1, found the number 0, at /room`},
		{nil, `{"room":1,"nights":300}`, `*schema.ValidationError schema: expected a number of at most 127, found the number 300, at /nights`},
		{nil, `{"room":1,"note":"%"}`, `*schema.ValidationError schema: expected a text that matches /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, found the string "%", at /note`},
		{nil, `{"room":1,}`, `*schema.InstanceError schema: expected a value after the comma, found '}' at byte 10 of the instance`},
		{nil, `{"room":99999999999999999999}`, `*schema.ArgumentsError schema: expected a value that fits int, found number 99999999999999999999, at "/room"`},
		{MustParse(`{}`), `{"nights":1,"room":["x"]}`, `*schema.ArgumentsError schema: expected a value that fits int, found array, at "/room"`},
		{MustParse(`{}`), `{"room":1,"from":"x"}`, `*schema.ArgumentsError schema: parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006", at ""`},
		{MustParse(`{"type":"x"}`), `{}`, `*schema.CompileError schema: expected what JSON Schema allows there, found: value must be one of "array", "boolean", "integer", "null", "number", "object", "string", at "/type" of the schema`},
	}
	for _, row := range rows {
		got, err := DecodeArguments[booking](row.schema, []byte(row.text))
		require.Error(t, err, row.text)
		assert.Equal(t, row.want, fmt.Sprintf("%T %v", err, err), row.text)
		assert.Zero(t, got)
		var compile *CompileError
		assert.Equal(t, errors.As(err, &compile), Feedback(err) == "")
	}
	_, err := DecodeArguments[chan int](nil, []byte(`1`))
	var typ *TypeError
	assert.ErrorAs(t, err, &typ)
}
