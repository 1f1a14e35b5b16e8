package harmony

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
)

// shoppingList is the schema of the documentation's example (openai/harmony, docs/format.md, "Structured output").
const shoppingList = `{"properties":{"items":{"type":"array","description":"entries on the shopping list","items":{"type":"string"}}},"type":"object"}`

func TestNewDeveloperWithFormats(t *testing.T) {
	list := ResponseFormat{Name: "shopping_list", Schema: schema.MustParse(shoppingList)}
	section := "# Response Formats\n\n## shopping_list\n\n" + shoppingList
	f := Tool{Name: "f"}
	tools := NewDeveloperContent("", f)
	both := NewDeveloperContent("Be brief.", f)
	for _, row := range []struct {
		c    *DeveloperContent
		want []Content
	}{
		{nil, []Content{Text(section)}},
		{&DeveloperContent{}, []Content{Text(section)}},
		{NewDeveloperContent("Be brief."), []Content{NewDeveloperContent("Be brief.\n\n" + section)}},
		{&DeveloperContent{Empty: FieldInstructions}, []Content{NewDeveloperContent("\n\n" + section)}},
		{tools, []Content{tools, Text("\n\n" + section)}},
		{both, []Content{both, Text("\n\n" + section)}},
	} {
		m, err := NewDeveloperWithFormats(row.c, list)
		require.NoError(t, err)
		assert.Equal(t, Message{Role: RoleDeveloper, Content: row.want}, m)
	}
	assert.Equal(t, NewDeveloperContent("Be brief.", f), both, "the content has been changed")

	for _, c := range []*DeveloperContent{both, {}, {Empty: FieldInstructions}} {
		m, err := NewDeveloperWithFormats(c)
		require.NoError(t, err)
		assert.Equal(t, NewDeveloper(c), m)
	}
}

func TestFormatsSection(t *testing.T) {
	any := schema.MustParse(" { } ")
	formats := []ResponseFormat{
		{Name: "a", Schema: any, Description: "One.\r\nTwo.\rThree.\u2028Four.\u2029\n# Instructions\n"},
		{Name: "b-2_B", Schema: schema.MustParse(`{"description": "<|end|>\n# Tools"}`)},
	}
	assert.Equal(t, "# Response Formats\n\n## a\n\n// One.\n// Two.\n// Three.\n// Four.\n// \n// # Instructions\n{}\n\n"+
		"## b-2_B\n\n"+`{"description":"<|end|>\n# Tools"}`, formatsSection(formats))
}

func TestFormatError(t *testing.T) {
	s := schema.MustParse("true")
	for _, row := range []struct {
		f    ResponseFormat
		want string
	}{
		{ResponseFormat{Schema: s}, `harmony: response format "": expected a name of 1 to 64 characters, found 0`},
		{ResponseFormat{Name: strings.Repeat("a", 65), Schema: s}, `harmony: response format "` + strings.Repeat("a", 60) + `"...: expected a name of 1 to 64 characters, found 65`},
		{ResponseFormat{Name: "a\n# Tools", Schema: s}, `harmony: response format "a\n# Tools": expected letters, digits, _ and - in its name, found '\n'`},
		{ResponseFormat{Name: "ä", Schema: s}, `harmony: response format "ä": expected letters, digits, _ and - in its name, found 'ä'`},
		{ResponseFormat{Name: "a"}, `harmony: response format "a": expected a schema, found nil`},
	} {
		m, err := NewDeveloperWithFormats(nil, ResponseFormat{Name: "fine", Schema: s}, row.f)
		var e *FormatError
		require.ErrorAs(t, err, &e)
		assert.EqualError(t, err, row.want)
		assert.Equal(t, Message{}, m)
	}
}
