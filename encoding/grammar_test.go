package encoding

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// grammarForms are turns with control tokens spelled out, accepted (whole) or not.
var grammarForms = []struct {
	text string
	want bool
}{
	{"<|channel|>final<|message|>4<|return|>", true},
	{"<|channel|>final<|message|><|return|>", true},
	{"<|channel|>analysis<|message|>2 + 2<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>", true},
	{"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.now<|message|>{}<|call|>", true},

	// Calls: both places of the recipient, with each content type.
	{`<|channel|>commentary to=functions.get<|message|>{"n":1}<|call|>`, true},
	{`<|channel|>commentary to=functions.get json<|message|>{"n":1}<|call|>`, true},
	{`<|channel|>commentary to=functions.get<|constrain|>json<|message|>{"n":1}<|call|>`, true},
	{`<|channel|>commentary to=functions.get <|constrain|>json<|message|>{"n":1}<|call|>`, true},
	{` to=functions.get<|channel|>commentary<|message|>{"n":1}<|call|>`, true},
	{` to=functions.get<|channel|>commentary json<|message|>{"n":1}<|call|>`, true},
	{` to=functions.get<|channel|>commentary<|constrain|>json<|message|>{"n":1}<|call|>`, true},
	{` to=functions.get<|channel|>commentary <|constrain|>json<|message|>{"n":1}<|call|>`, true},
	{`<|channel|>commentary to=functions.get_weather json<|message|>{"unit":"celsius", "city":"Oslo"}<|call|>`, true},
	{` to=browser.search<|channel|>analysis code<|message|>{"query":"x"}<|call|>`, true},
	{`<|channel|>analysis to=browser.search code<|message|>{"query":"x"}<|call|>`, true},
	{`<|channel|>analysis to=browser.search<|message|>{"query":"x"}<|call|>`, true},
	{`<|channel|>analysis to=browser.search <|constrain|>json<|message|>{"query":"x"}<|call|>`, true},
	{`<|channel|>analysis to=python code<|message|>print(1)<|call|>`, true},
	{`<|channel|>analysis to=python<|message|>print(1)<|call|>`, true},
	{`<|channel|>analysis to=python <|constrain|>code<|message|>print(1)<|call|>`, true},
	{`<|channel|>analysis to=files.list json<|message|>{}<|call|>`, true},
	{`<|channel|>commentary to=files.list json<|message|>{"all":true}<|call|>`, true},

	// No tool, or not on that channel.
	{`<|channel|>commentary to=functions.put json<|message|>{}<|call|>`, false},
	{`<|channel|>commentary to=get json<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions json<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.ge<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=user<|message|>x<|end|>`, false},
	{`<|channel|>commentary to=<|message|>x<|call|>`, false},
	{`<|channel|>analysis to=functions.get json<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>analysis to=functions.get code<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=python code<|message|>x<|call|>`, false},
	{`<|channel|>analysis to=browser code<|message|>x<|call|>`, false},
	{`<|channel|>final to=functions.get<|message|>{"n":1}<|call|>`, false},

	// Arguments that do not fit, or are not complete.
	{`<|channel|>commentary to=functions.get json<|message|>{"n":1.5}<|call|>`, false},
	{`<|channel|>commentary to=functions.get json<|message|>{"n":1<|call|>`, false},
	{`<|channel|>commentary to=functions.get json<|message|>{"n":1}}<|call|>`, false},
	{`<|channel|>commentary to=functions.get json<|message|><|call|>`, false},
	{`<|channel|>commentary to=functions.get json<|message|>1<|call|>`, false}, // its parameters state no type
	{`<|channel|>commentary to=functions.now json<|message|><|call|>`, false},
	{`<|channel|>commentary to=functions.now json<|message|>{"a":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.now json<|message|>null<|call|>`, false},

	// Ends that are not right.
	{"<|channel|>final<|message|>4<|end|>", false},
	{"<|channel|>final<|message|>4<|call|>", false},
	{"<|channel|>analysis<|message|>4<|return|>", false},
	{"<|channel|>commentary<|message|>4<|call|>", false},
	{`<|channel|>commentary to=functions.now json<|message|>{}<|end|>`, false},
	{`<|channel|>commentary to=functions.now json<|message|>{}<|return|>`, false},
	{"<|channel|>final<|message|>4<|return|><|start|>", false},
	{"<|channel|>final<|message|>4<|return|>x", false},
	{"<|channel|>analysis<|message|>4<|end|>", false}, // not the end

	// Headers that are none.
	{"<|message|>4<|return|>", false},
	{"<|channel|>finals<|message|>4<|return|>", false},
	{"<|channel|>fin<|message|>4<|return|>", false},
	{"<|channel|> final<|message|>4<|return|>", false},
	{"<|channel|>final <|message|>4<|return|>", false},
	{"<|channel|>final<|constrain|>json<|message|>{}<|return|>", false}, // there is no response format
	{"<|channel|>analysis code<|message|>4<|end|>", false},
	{"<|channel|>commentary json<|message|>4<|end|>", false},
	{"<|start|>assistant<|channel|>final<|message|>4<|return|>", false},
	{"assistant<|channel|>final<|message|>4<|return|>", false},
	{"<|channel|>analysis<|message|>4<|end|><|start|>user<|message|>x<|end|>", false},
	{"<|channel|>analysis<|message|>4<|end|><|start|>assistant assistant<|channel|>final<|message|>x<|return|>", false},
	{"<|channel|>analysis<|message|>4<|end|><|channel|>final<|message|>x<|return|>", false},
	{"<|channel|>analysis<|message|>4<|start|>assistant<|channel|>final<|message|>x<|return|>", false},
	{"<|channel|>analysis<|message|>4<|channel|>final<|message|>x<|return|>", false},
	{"<|channel|>analysis<|channel|>final<|message|>x<|return|>", false},
	{` to=functions.get<|channel|>commentary to=functions.get<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary<|constrain|>json to=functions.get<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.get <|constrain|> json<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.get  json<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.get yaml<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>commentary to=functions.get code<|message|>{"n":1}<|call|>`, false},
	{`<|channel|>analysis to=python json<|message|>1<|call|>`, false},
	{"<|channel|>final<|message|>4<|endoftext|>", false},
}

func TestGrammarForms(t *testing.T) {
	g := newGrammar(t, &GrammarOptions{Tools: grammarToolset()})
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range grammarForms {
		toks := special(f.text)
		for range 4 {
			refused, ended := accept(g, toks)
			require.Equal(t, f.want, refused < 0 && ended, "%s, refused at token %d", f.text, refused)
			toks = chop(r, special(f.text))
		}
		if f.want {
			res, err := GPTOSS().Parse(toks, harmony.RoleAssistant, &ParseOptions{Strict: true, Stop: StopToken})
			require.NoError(t, err, f.text)
			require.Contains(t, []Verdict{VerdictFinal, VerdictToolCall}, res.Verdict, f.text)
		}
	}
}

// TestGrammarOptions: turns that options allow, and that they do not.
func TestGrammarOptions(t *testing.T) {
	const (
		reasoning = "<|channel|>analysis<|message|>a b c<|end|><|start|>assistant"
		preamble  = "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant"
		answer    = "<|channel|>final<|message|>4<|return|>"
		now       = "<|channel|>commentary to=functions.now<|message|>{}<|call|>"
		get       = `<|channel|>commentary to=functions.get <|constrain|>json<|message|>{"n":7}<|call|>`
		python    = "<|channel|>analysis to=python code<|message|>1<|call|>"
		json      = `<|message|>{"items":["a"]}<|return|>`
	)
	tools := grammarToolset()
	for name, c := range map[string]struct {
		o       GrammarOptions
		yes, no []string
	}{
		"auto":               {o: GrammarOptions{Choice: "auto"}, yes: []string{answer, now, python, reasoning + preamble + get}},
		"none":               {o: GrammarOptions{Choice: ChoiceNone}, yes: []string{answer, reasoning + answer, preamble + answer}, no: []string{now, python, " to=functions.now<|channel|>commentary<|message|>{}<|call|>"}},
		"required":           {o: GrammarOptions{Choice: ChoiceRequired}, yes: []string{now, reasoning + preamble + get, python}, no: []string{answer, reasoning + answer}},
		"named":              {o: GrammarOptions{Choice: ChoiceOf("functions.get")}, yes: []string{get, reasoning + get}, no: []string{answer, now, python}},
		"named built-in":     {o: GrammarOptions{Choice: ChoiceOf("python")}, yes: []string{python}, no: []string{answer, now, get}},
		"without reasoning":  {o: GrammarOptions{Reasoning: Forbid}, yes: []string{answer, preamble + now, python}, no: []string{reasoning + answer, preamble + reasoning + answer}},
		"with reasoning":     {o: GrammarOptions{Reasoning: Require}, yes: []string{reasoning + answer, preamble + reasoning + reasoning + now}, no: []string{answer, now, python, preamble + answer}},
		"without preambles":  {o: GrammarOptions{Preambles: Forbid}, yes: []string{answer, reasoning + now}, no: []string{preamble + now}},
		"with preambles":     {o: GrammarOptions{Preambles: Require, Choice: ChoiceRequired}, yes: []string{preamble + now, reasoning + preamble + now}, no: []string{now, reasoning + now}},
		"with both":          {o: GrammarOptions{Preambles: Require, Reasoning: Require}, yes: []string{preamble + reasoning + now, reasoning + preamble + answer}, no: []string{now, reasoning + now, preamble + answer}},
		"budget":             {o: GrammarOptions{MaxReasoning: 3}, yes: []string{answer, reasoning + answer, "<|channel|>analysis<|message|>a b<|end|><|start|>assistant<|channel|>analysis<|message|>c<|end|><|start|>assistant" + answer}, no: []string{reasoning + reasoning + answer, "<|channel|>analysis<|message|>a b c d<|end|><|start|>assistant" + answer}},
		"any channel":        {o: GrammarOptions{AnyChannel: true}, yes: []string{get, python, `<|channel|>analysis to=functions.get code<|message|>{"n":7}<|call|>`, `<|channel|>commentary to=python code<|message|>1<|call|>`, ` to=functions.get<|channel|>analysis json<|message|>{"n":7}<|call|>`}},
		"response":           {o: GrammarOptions{Response: grammarResponse}, yes: []string{"<|channel|>final" + json, "<|channel|>final <|constrain|>json" + json, "<|channel|>final<|constrain|>json" + json, "<|channel|>final json" + json, now}, no: []string{answer, `<|channel|>final<|message|>{"items":["c"]}<|return|>`, "<|channel|>final code" + json}},
		"behind an opening":  {o: GrammarOptions{Opening: GPTOSS().OpenFinal()}, yes: []string{"4<|return|>", "<|return|>"}, no: []string{answer, "4<|end|>"}},
		"behind a call":      {o: GrammarOptions{Opening: GPTOSS().OpenTool("functions.get")}, yes: []string{`{"n":7}<|call|>`, ` {"n":7}<|call|>`}, no: []string{get, "<|call|>"}},
		"in arguments":       {o: GrammarOptions{Opening: append(GPTOSS().OpenTool("functions.get"), special(`{"n":`)...)}, yes: []string{`7}<|call|>`}, no: []string{`{"n":7}<|call|>`}},
		"behind functions":   {o: GrammarOptions{Opening: GPTOSS().OpenAnyTool()}, yes: []string{`.get json<|message|>{"n":7}<|call|>`, ".now<|message|>{}<|call|>"}, no: []string{".put<|message|>{}<|call|>", "<|message|>{}<|call|>"}},
		"an opening of more": {o: GrammarOptions{Opening: special(reasoning), Reasoning: Require, MaxReasoning: 3}, yes: []string{answer}, no: []string{reasoning + answer}},
		"compact":            {o: GrammarOptions{Constrain: &constrain.Options{Compact: true}}, yes: []string{get}, no: []string{strings.Replace(get, "7", " 7", 1)}},
	} {
		c.o.Tools = tools
		g := newGrammar(t, &c.o)
		for _, text := range c.yes {
			refused, ended := accept(g, special(text))
			require.True(t, refused < 0 && ended, "%s: %s, refused at token %d", name, text, refused)
		}
		for _, text := range c.no {
			refused, ended := accept(g, special(text))
			require.False(t, refused < 0 && ended, "%s: %s", name, text)
		}
	}
}

// TestGrammarErrors: what no grammar can be made of is named.
func TestGrammarErrors(t *testing.T) {
	function := func(name, parameters string) []harmony.Namespace {
		f := harmony.Tool{Name: name}
		if parameters != "" {
			f.Parameters = schema.MustParse(parameters)
		}
		return []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{f}}}
	}
	for _, c := range []struct {
		o    GrammarOptions
		want string
	}{
		{GrammarOptions{Tools: function("f", `{"type":"object","properties":{"a":{"$dynamicRef":"#x"}}}`)}, `encoding: grammar, tool "functions.f": constrain: cannot enforce "$dynamicRef"`},
		{GrammarOptions{Tools: function("f", `{"type":"object","required":["a"],"maxProperties":0}`)}, `encoding: grammar, tool "functions.f": constrain: cannot enforce`},
		{GrammarOptions{Tools: function("f", `{"type":"string"}`), Response: schema.MustParse("false")}, `encoding: grammar, response: constrain: cannot enforce`},
		{GrammarOptions{Tools: function("my tool", "")}, `encoding: grammar, tool "functions.my tool": expected a name without white space`},
		{GrammarOptions{Tools: function("<|call|>", "")}, `encoding: grammar, tool "functions.<|call|>": expected a name without white space`},
		{GrammarOptions{Tools: function("", "")}, `encoding: grammar, tool "functions.": expected a name, found an empty one`},
		{GrammarOptions{Tools: function(strings.Repeat("f", 2000), "")}, "expected a name of at most 1024 bytes, found a longer one"},
		{GrammarOptions{Tools: []harmony.Namespace{{Name: "user"}}}, `encoding: grammar, tool "user": expected the name of a tool, found that of a participant`},
		{GrammarOptions{Tools: append(function("f", ""), function("f", "")...)}, `encoding: grammar, tool "functions.f": expected the name once, found it twice`},
		{GrammarOptions{Choice: ChoiceRequired}, `encoding: grammar, choice "required": expected tools to call, found none`},
		{GrammarOptions{Choice: ChoiceRequired, Tools: []harmony.Namespace{{Name: "functions"}}}, `encoding: grammar, choice "required": expected tools to call, found none`},
		{GrammarOptions{Choice: ChoiceOf("f"), Tools: function("f", "")}, `encoding: grammar, choice "f": expected the full name of a declared tool, found another name`},
		{GrammarOptions{Opening: special("<|channel|>final<|call|>")}, `encoding: grammar, opening: encoding: expected a token that the header may go on with, found 200012 "<|call|>" at token 2`},
		{GrammarOptions{Opening: GPTOSS().OpenFinal(), Choice: ChoiceRequired, Tools: function("f", "")}, `encoding: grammar, opening: encoding: expected a token that the header may go on with, found 17196 "final" at token 1`},
	} {
		_, err := GPTOSS().Grammar(&c.o)
		var e *GrammarError
		require.ErrorAs(t, err, &e)
		require.Contains(t, err.Error(), c.want)
	}

	_, err := GPTOSS().Grammar(&GrammarOptions{Tools: function("f", `{"type":"object","properties":{"a":{"$dynamicRef":"#x"}}}`)})
	var unsupported *constrain.UnsupportedError
	require.ErrorAs(t, err, &unsupported)
	require.Equal(t, "/properties/a", unsupported.Pointer)
	_, err = GPTOSS().Grammar(&GrammarOptions{Tools: function("f", `{"required":["a"],"maxProperties":0}`)})
	require.ErrorIs(t, err, constrain.ErrNoInstance)

	g := newGrammar(t, &GrammarOptions{Tools: function("f", `{"type":"object","properties":{"a":{"$dynamicRef":"#x"}}}`), Constrain: &constrain.Options{Lenient: true}})
	require.Len(t, g.Dropped(), 1)
	require.Equal(t, "functions.f", g.Dropped()[0].Tool)
	require.Equal(t, "$dynamicRef", g.Dropped()[0].Keyword)

	// What cannot be called is not compiled.
	newGrammar(t, &GrammarOptions{Choice: ChoiceNone, Tools: function("f", `{"$dynamicRef":"#x"}`)})
}

// TestGrammarTokenErrors: a token that is refused leaves a matcher as it was, and is named with its place.
func TestGrammarTokenErrors(t *testing.T) {
	g := newGrammar(t, &GrammarOptions{Tools: grammarToolset(), Opening: special("<|channel|>commentary")})
	m := g.NewMatcher()
	for _, c := range []struct{ before, bad, want string }{
		{"", "<|return|>", `encoding: expected a token that the header may go on with, found 200002 "<|return|>" at token 3`},
		{" to=functions.get<|message|>", "x", `encoding: expected a token that the arguments of functions.get may go on with, found 87 "x" at token 8`},
		{`{"n":1}`, "<|end|>", `encoding: expected a token that the arguments of functions.get may go on with, found 200007 "<|end|>" at token`},
		{"<|call|>", "<|end|>", `encoding: expected a token that the turn that has ended may go on with, found`},
	} {
		for _, tok := range special(c.before) {
			require.NoError(t, m.Accept(tok))
		}
		steps := m.Steps()
		err := m.Accept(special(c.bad)[0])
		var e *GrammarTokenError
		require.ErrorAs(t, err, &e)
		require.Contains(t, err.Error(), c.want)
		require.Equal(t, steps, m.Steps())
		require.Error(t, m.Accept(201088))
		require.Error(t, m.Accept(^Token(0)))
		require.False(t, m.Allowed(^Token(0)))
	}
	require.True(t, m.Accepting())
}

// TestGrammarCharacters: free text does not end within a character, and never has to.
func TestGrammarCharacters(t *testing.T) {
	one := func(b byte) Token { return GPTOSS().tok.Encode(string([]byte{b}))[0] }
	for _, c := range []struct {
		bytes string
		open  bool
	}{
		{"a", false}, {"\xC3", true}, {"\xC3\xA9", false}, {"\xE2", true}, {"\xE2\x82", true}, {"\xE2\x82\xAC", false},
		{"\xF0\x9F\x98", true}, {"\xF0\x9F\x98\x80", false}, {"\x80", false}, {"\xFF", false}, {"\xC0", false}, {"\xF5", false},
		{"\xE0\x80", false}, {"\xE0\xA0", true}, {"\xED\xA0", false}, {"\xED\x9F", true}, {"\xF4\x90", false}, {"\xF4\x8F", true},
		{"\xF0\x8F", false}, {"\xF0\x90", true}, {"\xE2a", false}, {"\xE2\xC3", true}, {"\xF1\x80\x80", true}, {"\xF1\x80\x80\x80", false},
	} {
		for _, most := range []int{0, len(c.bytes)} {
			m := newGrammar(t, &GrammarOptions{Opening: special("<|channel|>analysis<|message|>"), MaxReasoning: most}).NewMatcher()
			for i := range len(c.bytes) {
				require.NoError(t, m.Accept(one(c.bytes[i])))
			}
			require.Equal(t, !c.open, m.Allowed(special("<|end|>")[0]), "%q", c.bytes)
			bruteForce(t, m, most == 0)
			if most > 0 {
				more := 0
				for !m.Allowed(special("<|end|>")[0]) {
					var mask [constrain.MaskWords]uint64
					m.Mask(mask[:])
					require.NoError(t, m.Accept(anyOf(t, rand.New(rand.NewPCG(uint64(more), 7)), mask[:])))
					more++
				}
				require.LessOrEqual(t, more, 3)
			}
		}
	}
}
