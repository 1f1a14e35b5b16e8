package agent

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// ShoppingList is a structured answer.
type ShoppingList struct {
	Items []string `json:"items" description:"entries on the shopping list"`
}

const lists = `<|channel|>final <|constrain|>json<|message|>{"items":["coffee","soda"]}<|return|>`

func TestAnswer(t *testing.T) {
	g := script(callsIt, lists, plainly, lists)
	a := newAgent(t, g, Options{Tools: []*Function{weatherTool()}, Instructions: "You are a helpful shopping assistant."})
	s := a.NewSession()
	got, err := Answer[ShoppingList](background, s, "I need to buy coffee and soda")
	require.NoError(t, err)
	require.Equal(t, ShoppingList{[]string{"coffee", "soda"}}, got)
	require.Len(t, s.Turn().Calls, 1)
	checkPrefixes(t, g, s)
	prompt := text(t, g.Prompts()[0])
	f, err := FormatOf[ShoppingList]()
	require.NoError(t, err)
	require.Contains(t, prompt, "} // namespace functions\n\n# Response Formats\n\n## shopping_list\n\n"+string(f.Schema.AppendCompact(nil))+"<|end|><|start|>user")

	// Free text again, and back: the developer message changes, the rest stays.
	_, err = s.Ask(background, "Thanks")
	require.NoError(t, err)
	require.NotContains(t, text(t, g.Prompts()[2]), "# Response Formats")
	require.Equal(t, encoding.ReuseReplaced, s.Turn().Steps[0].Reuse.Reason)
	_, err = Answer[ShoppingList](background, s, "Again")
	require.NoError(t, err)
}

func TestAnswerIsSentBack(t *testing.T) {
	for name, wrong := range map[string]string{
		"no JSON":     "Coffee and soda",
		"broken":      `{"items":["coffee"`,
		"wrong type":  `{"items":"coffee"}`,
		"other field": `{"items":[],"more":1}`,
	} {
		g := script("<|channel|>final<|message|>"+wrong+"<|return|>", lists)
		s := newAgent(t, g, Options{}).NewSession()
		got, err := Answer[ShoppingList](background, s, "List")
		require.NoError(t, err, name)
		require.Len(t, got.Items, 2)
		prompt := text(t, g.Prompts()[1])
		require.Contains(t, prompt, wrong+"<|end|><|start|>developer<|message|>The JSON does not fit its schema.")
	}
	wrong := "<|channel|>final<|message|>No.<|return|>"
	g := script(wrong, wrong, wrong, wrong)
	s := newAgent(t, g, Options{}).NewSession()
	_, err := Answer[ShoppingList](background, s, "List")
	var answer *AnswerError
	require.ErrorAs(t, err, &answer)
	require.Equal(t, "No.", answer.Text)
	require.Len(t, g.Prompts(), 3)
	var instance *schema.InstanceError
	require.ErrorAs(t, err, &instance)
	require.ErrorContains(t, err, `agent: step 2, after 6 tokens of output: the answer "No." does not fit: schema: `)
	require.Empty(t, s.Turn().Answer)

	g = script(wrong)
	_, err = Answer[ShoppingList](background, newAgent(t, g, Options{Limits: Limits{Repairs: -1}}).NewSession(), "List")
	require.ErrorAs(t, err, &answer)
}

// TestAnswerOfGoTypes: what fits the schema must fit the type, too.
func TestAnswerOfGoTypes(t *testing.T) {
	ask := func(answer string) *Session {
		return newAgent(t, script("<|channel|>final<|message|>"+answer+"<|return|>"), Options{Limits: Limits{Repairs: -1}}).NewSession()
	}
	n, err := Answer[int](background, ask(" 42\n"), "")
	require.NoError(t, err)
	require.Equal(t, 42, n)
	fenced, err := Answer[[]string](background, ask("```json\n[\"a\"]\n```"), "")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, fenced)
	str, err := Answer[string](background, ask(`"a"`), "")
	require.NoError(t, err)
	require.Equal(t, "a", str)
	var answer *AnswerError
	_, err = Answer[uint8](background, ask("300"), "")
	require.ErrorAs(t, err, &answer)
	_, err = Answer[chan int](background, ask("300"), "")
	var typed *schema.TypeError
	require.ErrorAs(t, err, &typed)
}

func TestUnfence(t *testing.T) {
	for in, want := range map[string]string{
		" {} ": "{}", "```\n{}\n```": "{}", "```json\n{}```\n": "{}", "```{}": "```{}", "```": "```", "": "", "``````": "",
	} {
		require.Equal(t, want, unfence(in), in)
	}
}

func TestFormatName(t *testing.T) {
	type HTTPServer struct{}
	type generic[T any] struct{}
	type Größe struct{}
	for want, typ := range map[string]reflect.Type{
		"shopping_list": reflect.TypeFor[*ShoppingList](), "http_server": reflect.TypeFor[HTTPServer](),
		"generic": reflect.TypeFor[generic[int]](),
	} {
		require.Equal(t, want, formatName(typ))
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[[]int](), reflect.TypeFor[struct{ A int }](), reflect.TypeFor[Größe]()} {
		require.Equal(t, "answer", formatName(typ))
	}
}

// TestDeveloper: the developer message has the tokens of its whole text, however it is put together, and the text of the
// documentation's example.
func TestDeveloper(t *testing.T) {
	enc := encoding.GPTOSS()
	format := &Format{Name: "shopping_list", Schema: schema.MustParse(`{"properties":{"items":{"type":"array","description":"entries on the shopping list","items":{"type":"string"}}},"type":"object"}`)}
	described := &Format{Name: "f", Description: "First.\r\nSecond.\n", Schema: schema.MustParse(`{ "type": "object" }`)}
	tools := []harmony.Tool{weatherTool().tool, {Name: "f", Description: "Does f."}}
	for _, instructions := range []string{"", "Be brief.", "Ends in a letter", "Ends in space \n", "…"} {
		for _, tools := range [][]harmony.Tool{nil, tools} {
			for _, f := range []*Format{nil, format, described} {
				content := developer(instructions, tools, f)
				if content == nil {
					require.True(t, instructions == "" && len(tools) == 0 && f == nil)
					continue
				}
				m := harmony.Message{Role: harmony.RoleDeveloper, Content: content}
				toks, err := enc.RenderMessage(&m, nil)
				require.NoError(t, err)
				body := toks[3 : len(toks)-1]
				whole := text(t, body)
				require.Equal(t, enc.Tokenizer().Encode(whole), body, "%q", whole)
				require.Equal(t, instructions != "", strings.HasPrefix(whole, "# Instructions\n\n"+instructions))
				require.Equal(t, len(tools) > 0, strings.Contains(whole, "# Tools\n\n## functions"))
				switch f {
				case format:
					require.True(t, strings.HasSuffix(whole, "# Response Formats\n\n## shopping_list\n\n{\"properties\":{\"items\":{\"type\":\"array\",\"description\":\"entries on the shopping list\",\"items\":{\"type\":\"string\"}}},\"type\":\"object\"}"), whole)
				case described:
					require.True(t, strings.HasSuffix(whole, "# Response Formats\n\n## f\n\n// First.\n// Second.\n{\"type\":\"object\"}"), whole)
				}
			}
		}
	}
}

// TestAnswerLate: a format that comes when there is no developer message yet.
func TestAnswerLate(t *testing.T) {
	g := script(plainly, lists, plainly)
	s := newAgent(t, g, Options{}).NewSession()
	_, err := s.Ask(background, "Hi")
	require.NoError(t, err)
	_, err = Answer[ShoppingList](background, s, "List")
	require.NoError(t, err)
	require.Contains(t, text(t, g.Prompts()[1]), "Hello.<|end|><|start|>developer<|message|># Response Formats")
	_, err = s.Ask(background, "Bye")
	require.NoError(t, err)
	require.NotContains(t, text(t, g.Prompts()[2]), "# Response Formats")
}

// TestFormatOfAgent: an agent all of whose answers have a format.
func TestFormatOfAgent(t *testing.T) {
	f, err := FormatOf[ShoppingList]()
	require.NoError(t, err)
	same, err := FormatOf[ShoppingList]()
	require.NoError(t, err)
	require.Same(t, f, same)
	named := *f
	named.Name, named.Description = "list", "What to buy."
	g := script(lists)
	s := newAgent(t, g, Options{Format: &named}).NewSession()
	answer, err := s.Ask(background, "List")
	require.NoError(t, err)
	require.Equal(t, `{"items":["coffee","soda"]}`, answer)
	require.Contains(t, text(t, g.Prompts()[0]), "<|start|>developer<|message|># Response Formats\n\n## list\n\n// What to buy.\n{")
	require.True(t, errors.Is(func() error {
		ctx, cancel := context.WithCancel(background)
		cancel()
		_, err := Answer[ShoppingList](ctx, s, "x")
		return err
	}(), context.Canceled))
}

// TestFormatOfTurnIsChecked: a turn whose format cannot be used does not begin.
func TestFormatOfTurnIsChecked(t *testing.T) {
	for want, f := range map[string]*Format{
		"agent: format: expected a schema, found nil":                              {Name: "f"},
		`agent: format: expected letters, digits, _ and - in its name, found '\n'`: {Name: "f\n# Tools", Schema: schema.MustParse("true")},
	} {
		s := newAgent(t, script(lists), Options{}).NewSession()
		for _, err := range s.RunAs(background, f, "List") {
			var option *OptionError
			require.ErrorAs(t, err, &option)
			require.EqualError(t, err, want)
		}
		require.Empty(t, s.Messages())
	}
}
