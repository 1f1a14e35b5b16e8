package encoding

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// show writes a result in one line: role/name>recipient|channel|type:text~stop, then the verdict and the rules of its
// diagnostics, errors with an exclamation mark.
func show(r Result) string {
	var b strings.Builder
	for _, m := range r.Messages {
		fmt.Fprintf(&b, "%s", m.Role)
		if m.Name != "" {
			fmt.Fprintf(&b, "/%s", m.Name)
		}
		if hasRecipient(&m.Message) {
			fmt.Fprintf(&b, ">%s", m.Recipient)
		}
		if m.Channel != "" {
			fmt.Fprintf(&b, "|%s", m.Channel)
		}
		if m.ContentType != "" {
			fmt.Fprintf(&b, "|%s", m.ContentType)
		}
		stop := map[Token]string{tokenizer.End: "end", tokenizer.Call: "call", tokenizer.Return: "return"}[m.Stop]
		fmt.Fprintf(&b, ":%q~%s ", m.Text(), stop)
	}
	b.WriteString(r.Verdict.String())
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, " %s", d.Rule)
		if d.Severity == Error {
			b.WriteByte('!')
		}
	}
	return b.String()
}

// streams are the cases of the reference's header grammar, of its known misreadings, and of what models are
// known to write. Their tokens seed FuzzParse through TestStreams' checkStream.
var streams = []struct {
	role harmony.Role
	in   string
	want string
}{
	// Well-formed completions.
	{"assistant", "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>", `assistant|analysis:"Hm."~end assistant|final:"4"~return final`},
	{"assistant", "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call`},
	{"assistant", " to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call`},
	{"assistant", "<|channel|>analysis to=python code<|message|>1<|call|>", `assistant>python|analysis|code:"1"~call tool_call`},
	{"assistant", "<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant<|channel|>commentary to=functions.f json<|message|>{}<|call|>", `assistant|commentary:"I will look."~end assistant>functions.f|commentary|json:"{}"~call tool_call`},
	{"", "<|start|>user<|message|>Hi<|end|><|start|>functions.f to=assistant<|channel|>commentary<|message|>r<|end|>", `user:"Hi"~end tool/functions.f>assistant|commentary:"r"~end no_final`},
	{"", "<|start|>system<|message|>s<|end|><|start|>developer<|message|>d<|end|><|start|>tool to=assistant<|message|>r<|end|>", `system:"s"~end developer:"d"~end tool/tool>assistant:"r"~end no_final`},
	{"assistant", "<|channel|>final<|message|><|return|>", `assistant|final:""~return final`},
	{"assistant", "<|channel|>final<|message|>4<|end|>", `assistant|final:"4"~end final END-02`},
	{"", "<|start|>assistant<|channel|>final<|message|>4<|end|>", `assistant|final:"4"~end final`},

	// What openai-harmony 0.0.8 misreads.
	{"assistant", `<|channel|>final <|constrain|>json<|message|>{"a":1}<|return|>`, `assistant|final|<|constrain|>json:"{\"a\":1}"~return final`},
	{"assistant", "<|channel|>final json<|message|>{}<|return|>", `assistant|final|json:"{}"~return final`},
	{"assistant", "<|channel|>commentary json<|message|>{}<|end|>", `assistant|commentary|json:"{}"~end no_final END-07`},
	{"assistant", "<|channel|>commentary to=functions.f<|channel|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|json:"{}"~call tool_call STR-04!`},
	{"assistant", "<|channel|>analysis to=functions.f<|channel|>commentary<|message|>{}<|call|>", `assistant>functions.f|commentary:"{}"~call tool_call STR-04!`},
	{"assistant", "<|start|>assistant<|channel|>final<|message|>y<|return|>", `assistant|final:"y"~return final PRM-02!`},
	{"assistant", "<|channel|>analysis<|message|>x<|start|>assistant<|channel|>final<|message|>y<|return|>", `assistant|analysis:"x"~ assistant|final:"y"~return final STR-02!`},
	{"assistant", "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final hello<|return|>", `assistant|analysis:"x"~end assistant|final:"hello"~return final STR-03!`},
	{"assistant", `<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a":`, `assistant>functions.f|commentary|<|constrain|>json:"{\"a\":"~ truncated_arguments END-06`},
	{"assistant", "<|channel|>analysis?<|message|>x<|end|>", `assistant|analysis?:"x"~end no_final CHN-02 END-07`},
	{"assistant", "<|channel|>final<|message|>y<|return|><|return|>", `assistant|final:"y"~return final END-05!`},
	{"", "<|start|>user:bob<|message|>hi<|end|>", `user/bob:"hi"~end no_final ROL-13`},
	{"", "<|start|>assistant:bob to=functions.x<|channel|>commentary<|message|>{}<|call|>", `assistant/bob>functions.x|commentary:"{}"~call tool_call ROL-13`},
	{"", "<|start|>functions.f<|message|>r<|end|>", `tool/functions.f:"r"~end no_final`},
	{"tool", "<|channel|><|message|>x<|end|><|start|>assistant<|channel|>final<|message|>hi<|return|>", `tool:"x"~end assistant|final:"hi"~return final STR-06!`},

	// Headers, good and bad.
	{"assistant", "<|channel|> final<|message|>x<|return|>", `assistant|final:"x"~return final STR-06!`},
	{"assistant", "<|channel|>final<|channel|><|message|>x<|return|>", `assistant|final:"x"~return final STR-04!`},
	{"assistant", "<|channel|><|channel|>final<|message|>x<|return|>", `assistant|final:"x"~return final STR-04!`},
	{"assistant", "<|channel|>commentary to= functions.f <|constrain|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call CAL-04!`},
	{"assistant", "<|channel|>commentary to=<|message|>{}<|call|>", `assistant>|commentary:"{}"~call tool_call CAL-04!`},
	{"assistant", "<|channel|>commentary to= json<|message|>{}<|call|>", `assistant>|commentary|json:"{}"~call tool_call CAL-04!`},
	{"assistant", " to=functions.f<|channel|>commentary to=functions.f<|message|>{}<|call|>", `assistant>functions.f|commentary:"{}"~call tool_call STR-11!`},
	{"assistant", "<|channel|>commentary to=functions.functions.f<|message|>{}<|call|>", `assistant>functions.functions.f|commentary:"{}"~call tool_call CAL-02`},
	{"assistant", "<|channel|>commentary to=get_weather<|message|>{}<|call|>", `assistant>get_weather|commentary:"{}"~call tool_call CAL-02`},
	{"assistant", "<|channel|>analysis to=functions.f code<|message|>{}<|call|>", `assistant>functions.f|analysis|code:"{}"~call tool_call CHN-03`},
	{"assistant", "<|channel|>commentary to=python code<|message|>1<|call|>", `assistant>python|commentary|code:"1"~call tool_call CHN-04`},
	{"assistant", "<|channel|>final to=functions.f<|message|>{}<|call|>", `assistant>functions.f|final:"{}"~call tool_call CHN-05`},
	{"assistant", "<|channel|>commentary to=assistant<|message|>{}<|call|>", `assistant>assistant|commentary:"{}"~call tool_call CAL-04`},
	{"assistant", "<|channel|>commentary\n to=functions.f\n<|message|>{}<|call|>", `assistant>functions.f|commentary:"{}"~call tool_call STR-12`},
	{"assistant", "<|channel|>commentary to=functions.f<|constrain|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call STR-12`},
	{"assistant", "<|channel|>commentary to=functions.f <|constrain|> json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call STR-13`},
	{"assistant", "<|channel|>commentary functions.f <|constrain|>json<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call CAL-04`},
	{"assistant", "<|channel|>commentary <|constrain|>json to=functions.f<|message|>{}<|call|>", `assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call STR-11!`},
	{"assistant", "<|channel|>analysis commentary to=functions.f<|message|>{}<|call|>", `assistant>functions.f|analysis:"{}"~call tool_call CHN-03 STR-11!`},
	{"assistant", "<|channel|>commentary a b c<|message|>x<|end|>", `assistant>b|commentary|c:"x"~end tool_call CAL-02 STR-11! CAL-04 END-03`},
	{"assistant", "<|channel|>final<|reserved_200013|><|message|>x<|return|>", `assistant|final:"x"~return final STR-09!`},
	{"assistant", " final<|message|>x<|return|>", `assistant|final:"x"~return final STR-06!`},
	{"assistant", "<|message|>x<|return|>", `assistant:"x"~return final CHN-01`},
	{"", "<|start|><|start|>assistant<|channel|>final<|message|>x<|return|>", `assistant|final:"x"~return final STR-05!`},
	{"", "<|start|>assistant<|start|>assistant<|channel|>final<|message|>x<|return|>", `assistant|final:"x"~return final STR-05!`},
	{"", "<|start|><|message|>x<|end|>", `assistant:"x"~end final ROL-01! CHN-01`},
	{"", "<|start|>to=functions.f<|message|>x<|call|>", `assistant>functions.f:"x"~call tool_call ROL-01! CHN-01`},
	{"", "<|start|>Assistant<|channel|>final<|message|>x<|return|>", `assistant|final:"x"~return final ROL-01!`},
	{"", "<|start|>bash<|channel|>final<|message|>x<|end|>", `tool/bash|final:"x"~end no_final ROL-01!`},
	{"", "<|start|>bash to=assistant<|channel|>commentary<|message|>x<|end|>", `tool/bash>assistant|commentary:"x"~end no_final CAL-02`},
	{"", "<|start|>user<|channel|>final<|message|>x<|end|>", `user|final:"x"~end no_final ROL-12`},
	{"", "<|start|>role:assistant,type:reasoning<|message|>x<|end|>", `assistant:"x"~end final CHN-01 ROL-01!`},

	// Headers without <|message|>.
	{"assistant", "I must refuse<|end|>", `assistant:"I must refuse"~end final STR-03! CHN-01 END-02`},
	{"assistant", "<|channel|>analysis I must refuse<|end|>", `assistant|analysis:"I must refuse"~end no_final STR-03! END-07`},
	{"assistant", "<|channel|>final  a   b\n\tc <|return|>", `assistant|final:" a   b\n\tc "~return final STR-03!`},
	{"assistant", "<|channel|>finalThe answer<|return|>", `assistant|final:"The answer"~return final STR-03!`},
	{"assistant", `<|channel|>commentary to=functions.f <|constrain|>json{"a": 1}<|call|>`, `assistant>functions.f|commentary|<|constrain|>json:"{\"a\": 1}"~call tool_call STR-03!`},
	{"assistant", `<|channel|>commentary to=functions.f{"a": 1}<|call|>`, `assistant>functions.f|commentary:"{\"a\": 1}"~call tool_call STR-03!`},
	{"assistant", `<|channel|>commentary to=functions.f json {"a": 1}<|call|>`, `assistant>functions.f|commentary|json:"{\"a\": 1}"~call tool_call STR-03!`},
	{"", "<|start|>assistant<|channel|>final a<|start|>user<|message|>b<|end|>", `assistant|final:"a"~ user:"b"~end no_final STR-03!`},
	{"assistant", "<|channel|>final Hel", `assistant|final:"Hel"~ truncated_header STR-03!`},
	{"assistant", "<|channel|>", `assistant:""~ truncated_header STR-03! STR-06!`},
	{"", "<|start|>assistant", `truncated_header STR-03!`},
	{"", "<|start|>", `truncated_header STR-03!`},
	{"assistant", "", `empty STR-03!`},
	{"assistant", "<|return|>", `empty STR-03!`},
	{"", "", `empty`},

	// Between messages.
	{"assistant", "<|channel|>analysis<|message|>x<|end|>\n<|start|>assistant<|channel|>final<|message|>y<|return|>", `assistant|analysis:"x"~end assistant|final:"y"~return final STR-01!`},
	{"assistant", "<|channel|>analysis<|message|>x<|end|><|channel|>final<|message|>y<|return|>", `assistant|analysis:"x"~end assistant|final:"y"~return final STR-01!`},
	{"assistant", "<|channel|>analysis<|message|>x<|end|>assistant<|channel|>final<|message|>y<|return|>", `assistant|analysis:"x"~end assistant|final:"y"~return final STR-01!`},
	{"assistant", "<|channel|>analysis<|message|>x<|end|><|message|>y<|return|>", `assistant|analysis:"x"~end assistant:"y"~return final STR-01! CHN-01`},
	{"assistant", "<|channel|>analysis<|message|>x<|end|>So, the answer.<|return|>", `assistant|analysis:"x"~end assistant:"So, the answer."~return final STR-01!`},
	{"assistant", "<|channel|>commentary to=functions.f<|message|>{}<|call|>commentary<|channel|>analysis<|message|>y<|end|>", `assistant>functions.f|commentary:"{}"~call assistant|analysis:"y"~end no_final END-08 STR-01! STR-11! END-07`},
	{"assistant", "<|channel|>final<|message|>x<|return|>\n", `assistant|final:"x"~return final STR-01!`},
	{"assistant", "<|channel|>final<|message|>x<|return|><|endoftext|>", `assistant|final:"x"~return final STR-09!`},
	{"", "<|start|>user<|message|>a<|end|>functions.f to=assistant<|channel|>commentary<|message|>b<|end|>", `user:"a"~end tool/functions.f>assistant|commentary:"b"~end no_final STR-01!`},

	// Content.
	{"assistant", "<|channel|>analysis<|message|>thinking<|channel|>final<|message|>y<|return|>", `assistant|analysis:"thinking"~ assistant|final:"y"~return final STR-02!`},
	{"assistant", "<|channel|>analysis<|message|>x<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>", `assistant|analysis:"x"~ assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call STR-02!`},
	{"assistant", "<|channel|>final<|message|>the <|channel|> marker and a lot of words behind it<|return|>", `assistant|final:"the <|channel|> marker and a lot of words behind it"~return final STR-02!`},
	{"assistant", "<|channel|>final<|message|>x<|channel|>final<|return|>", `assistant|final:"x<|channel|>final"~return final STR-02!`},
	{"assistant", "<|channel|>final<|message|>x<|channel|>", `assistant|final:"x<|channel|>"~ truncated_final STR-02! END-06`},
	{"assistant", "<|channel|>final<|message|>a<|message|>b<|constrain|>c<|endoftext|>d<|return|>", `assistant|final:"a<|message|>b<|constrain|>c<|endoftext|>d"~return final STR-02! STR-02! STR-09!`},

	// Endings.
	{"assistant", "<|channel|>commentary to=functions.f<|message|>{}<|end|>", `assistant>functions.f|commentary:"{}"~end tool_call END-03`},
	{"assistant", "<|channel|>final<|message|>x<|call|>", `assistant|final:"x"~call final END-04`},
	{"", "<|start|>user<|message|>b<|call|>", `user:"b"~call no_final END-04`},
	{"", "<|start|>assistant<|channel|>final<|message|>4<|return|><|start|>user<|message|>b<|end|>", `assistant|final:"4"~return user:"b"~end no_final END-01`},
	{"assistant", "<|channel|>analysis<|message|>Hm", `assistant|analysis:"Hm"~ truncated_analysis END-06`},
	{"assistant", "<|channel|>commentary<|message|>Hm", `assistant|commentary:"Hm"~ truncated_commentary END-06`},
	{"assistant", "<|channel|>final<|message|>Hm", `assistant|final:"Hm"~ truncated_final END-06`},
	{"user", "<|message|>Hm", `user:"Hm"~ truncated_message END-06`},
	{"assistant", "<|channel|>analysis<|message|>Hm.<|end|>", `assistant|analysis:"Hm."~end no_final END-07`},
}

func TestStreams(t *testing.T) {
	e := GPTOSS()
	for _, c := range streams {
		toks := e.tok.EncodeSpecial(c.in)
		r, err := e.Parse(toks, c.role, nil)
		require.NoError(t, err)
		if got := show(r); got != c.want {
			t.Errorf("role %q, %s\n got %s\nwant %s\n%v", c.role, c.in, got, c.want, r.Diagnostics)
		}
		text, err := e.ParseText(c.in, c.role, nil)
		require.NoError(t, err)
		require.Equal(t, len(r.Messages), len(text.Messages))
		require.Equal(t, r.Verdict, text.Verdict)
		checkStream(t, toks, c.role)
		for cut := range toks { // every beginning of it, too
			checkStream(t, toks[:cut], c.role)
		}
	}
}

// Control tokens' spellings in ordinary tokens are text, in a content and in a header.
func TestSpelledMarkers(t *testing.T) {
	e := GPTOSS()
	toks := append(e.tok.EncodeSpecial("<|channel|>final<|message|>"), e.tok.Encode("<|end|><|start|>system")...)
	r, err := e.Parse(append(toks, tokenizer.Return), harmony.RoleAssistant, &ParseOptions{Strict: true})
	require.NoError(t, err)
	require.Equal(t, `assistant|final:"<|end|><|start|>system"~return final STR-08`, show(r))
	require.Equal(t, 3, r.Diagnostics[0].Offset, "where the content begins")

	toks = append(e.tok.Encode("<|channel|>final"), tokenizer.Message, tokenizer.End)
	r, _ = e.Parse(toks, harmony.RoleAssistant, nil)
	require.Equal(t, `assistant><|channel|>final:""~end tool_call STR-07! CAL-04 CHN-01 CAL-02 END-03`, show(r))
}

func TestExplainsWrongForm(t *testing.T) {
	e := GPTOSS()
	r, _ := e.ParseText("<|start|>role:assistant,type:reasoning<|message|>Hm<|end|>", "", nil)
	d := r.Diagnostics[len(r.Diagnostics)-1]
	require.Equal(t, RuleRole, d.Rule)
	require.Contains(t, d.Message, "<|start|>assistant<|channel|>analysis<|message|>")
	require.Equal(t, "role:assistant,type:reasoning", d.Text)
}

// What the reference loses of broken characters and unknown ids, and when deltas come: FACTS of its parser are
// E4,"abc",stop → no delta ever, and all text behind an unknown id lost.
func TestBrokenText(t *testing.T) {
	e := GPTOSS()
	b := func(s string) (toks []Token) { // one token a byte
		for i := range len(s) {
			toks = append(toks, e.tok.Encode(s[i : i+1])[0])
		}
		return toks
	}
	for _, c := range []struct {
		name   string
		toks   []Token
		deltas []string
		warns  int
	}{
		{"whole", b("abc"), []string{"a", "b", "c"}, 0},
		{"split character", b("😀!"), []string{"😀", "!"}, 0},
		{"cut at the end", b("a\xF0\x9F\x98"), []string{"a", "\uFFFD"}, 1},
		{"cut by a letter", b("\xE4x"), []string{"\uFFFDx"}, 1},
		{"cut by a lead", b("\xE4\xF0\x9F\x98\x80"), []string{"\uFFFD", "😀"}, 1},
		{"surrogate", b("\xED\xA0\x80"), []string{"\uFFFD\uFFFD", "\uFFFD"}, 1},
		{"stray", b("\x80\xFFx"), []string{"\uFFFD", "\uFFFD", "x"}, 1},
		{"overlong", b("\xC0\xAF\xE0\x80"), []string{"\uFFFD", "\uFFFD", "\uFFFD\uFFFD"}, 1},
		{"unknown id", append(append(b("a"), 201089, ^Token(0)), b("b")...), []string{"a", "\uFFFD", "\uFFFD", "b"}, 2},
		{"unknown id in a character", append(append(b("\xF0\x9F"), 1<<31), b("b")...), []string{"\uFFFD", "\uFFFD", "b"}, 2},
		{"of the reference's tests", []Token{9552, 9552, 57634}, []string{" ", "\uFFFD ", "\uFFFD worked"}, 1},
	} {
		p := e.NewParser(harmony.RoleAssistant, &ParseOptions{Strict: true})
		for _, tok := range e.tok.EncodeSpecial("<|channel|>final<|message|>") {
			_, err := p.Push(tok)
			require.NoError(t, err)
		}
		var deltas []string
		take := func(events []Event) {
			for _, ev := range events {
				if ev.Kind == KindDelta {
					deltas = append(deltas, ev.Text)
				}
			}
		}
		for _, tok := range append(c.toks, tokenizer.Return) {
			events, err := p.Push(tok)
			require.NoError(t, err, c.name)
			take(events)
		}
		if c.name == "of the reference's tests" {
			require.Equal(t, lossyString(decode(t, c.toks)), strings.Join(deltas, ""))
			continue
		}
		require.Equal(t, c.deltas, deltas, c.name)
		require.Equal(t, strings.Join(c.deltas, ""), p.Messages()[0].Text())
		require.Len(t, p.Diagnostics(), c.warns, c.name)
	}
}

func TestStrict(t *testing.T) {
	e := GPTOSS()
	toks := e.tok.EncodeSpecial("<|channel|>analysis<|message|>x<|end|>\n<|start|>assistant<|channel|>final<|message|>y<|return|>")
	p := e.NewParser(harmony.RoleAssistant, &ParseOptions{Strict: true})
	var failed error
	at := 0
	for i, tok := range toks {
		if _, err := p.Push(tok); err != nil {
			failed, at = err, i
			break
		}
	}
	var pe *ParseError
	require.True(t, errors.As(failed, &pe))
	require.Equal(t, RuleBetween, pe.Rule)
	require.Equal(t, 5, pe.Offset)
	require.Equal(t, 6, at, "found when it is certain that white space is all there is")
	require.Equal(t, `encoding: STR-01 at token 5: expected <|start|>, found white space "\n" between messages`, pe.Error())
	_, err := p.Push(tokenizer.Start)
	require.Same(t, pe, err, "the error sticks")
	events, v, err := p.Close(StopUnknown)
	require.Same(t, pe, err)
	require.Empty(t, events)
	require.Equal(t, VerdictMalformed, v)
	require.Len(t, p.Messages(), 1)

	// What is in flight at the error is ended by Close.
	p = e.NewParser(harmony.RoleAssistant, &ParseOptions{Strict: true})
	_, err = p.PushText("<|channel|>final<|message|>abc<|endoftext|>def")
	require.EqualError(t, err, "encoding: STR-09 at byte 30: expected text, found <|endoftext|>: read as its spelling")
	events, _, _ = p.Close(StopUnknown)
	require.Len(t, events, 1)
	require.Equal(t, KindEnd, events[0].Kind)
	require.Equal(t, "abc", p.Messages()[0].Text())
}

func TestMisuse(t *testing.T) {
	e := GPTOSS()
	p := e.NewParser("", nil)
	_, err := p.Push(tokenizer.Start)
	require.NoError(t, err)
	_, err = p.PushText("x")
	require.ErrorIs(t, err, ErrMixedInput)
	_, v, err := p.Close(StopLength)
	require.NoError(t, err)
	require.Equal(t, VerdictTruncatedHeader, v)
	_, err = p.Push(tokenizer.Start)
	require.ErrorIs(t, err, ErrClosed)
	events, v, err := p.Close(StopLength)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, VerdictTruncatedHeader, v)
}

// An engine that keeps the terminator to itself says StopToken: nothing is truncated.
func TestCloseReason(t *testing.T) {
	e := GPTOSS()
	for _, c := range []struct {
		in     string
		reason StopReason
		want   Verdict
	}{
		{"<|channel|>final<|message|>x", StopToken, VerdictFinal},
		{"<|channel|>final<|message|>x", StopLength, VerdictTruncatedFinal},
		{"<|channel|>final<|message|>x", StopCancelled, VerdictTruncatedFinal},
		{"<|channel|>commentary to=functions.f<|message|>{}", StopToken, VerdictToolCall},
		{"<|channel|>analysis<|message|>x", StopToken, VerdictNoFinal},
		{"<|channel|>ana", StopToken, VerdictTruncatedHeader},
		{"<|channel|>final<|message|>x<|return|>", StopLength, VerdictFinal},
	} {
		r, err := e.ParseText(c.in, harmony.RoleAssistant, &ParseOptions{Stop: c.reason})
		require.NoError(t, err)
		require.Equal(t, c.want, r.Verdict, c.in)
	}
}

// A prefilled stream gives the messages of the whole stream, and only what is new as deltas.
func TestPrefill(t *testing.T) {
	e := GPTOSS()
	whole := e.tok.EncodeSpecial("<|channel|>analysis<|message|>Let 😀 me.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\":1}<|call|>")
	want, _ := e.Parse(whole, harmony.RoleAssistant, nil)
	for cut := range whole {
		opts := &ParseOptions{Prefill: whole[:cut], Strict: true}
		r, err := e.Parse(whole[cut:], harmony.RoleAssistant, opts)
		require.NoError(t, err)
		require.Len(t, r.Messages, len(want.Messages))
		for i, m := range r.Messages {
			require.Equal(t, want.Messages[i].Message, m.Message)
			require.Equal(t, want.Messages[i].Start-cut, m.Start, "offsets of prefilled tokens are negative")
			require.Equal(t, want.Messages[i].End-cut, m.End)
		}
		require.Equal(t, len(whole)-cut, r.Usage.Total(), "prefilled tokens are not counted")
		headers, ends := 0, 0
		var deltas strings.Builder
		p := e.NewParser(harmony.RoleAssistant, opts)
		for _, tok := range whole[cut:] {
			events, err := p.Push(tok)
			require.NoError(t, err)
			for _, ev := range events {
				switch ev.Kind {
				case KindHeader:
					headers++
				case KindDelta:
					require.GreaterOrEqual(t, ev.Offset, -2, "a character that began in the prefill at most")
					deltas.WriteString(ev.Text)
				case KindEnd:
					ends++
				}
			}
		}
		require.Equal(t, 2, headers)
		require.Equal(t, 2, ends)
		prefilled := ""
		before, _ := e.Parse(whole[:cut], harmony.RoleAssistant, nil)
		for _, m := range before.Messages {
			if p := strings.TrimSuffix(m.Text(), "\uFFFD"); before.Verdict != VerdictTruncatedHeader || m.Stop != 0 {
				prefilled += p
			}
		}
		require.Equal(t, want.Messages[0].Text()+want.Messages[1].Text(), prefilled+deltas.String())
	}
	r, err := e.Parse(e.tok.EncodeSpecial("Paris.<|return|>"), harmony.RoleAssistant, &ParseOptions{Prefill: e.OpenFinal()})
	require.NoError(t, err)
	require.Equal(t, `assistant|final:"Paris."~return final`, show(r))
	r, err = e.ParseText(`{"a":1}<|call|>`, harmony.RoleAssistant, &ParseOptions{Prefill: e.OpenTool("functions.f")})
	require.NoError(t, err)
	require.Equal(t, `assistant>functions.f|commentary|<|constrain|>json:"{\"a\":1}"~call tool_call`, show(r))
}

func TestParserUsage(t *testing.T) {
	e := GPTOSS()
	toks := e.tok.EncodeSpecial("<|channel|>analysis<|message|>one two<|end|><|start|>assistant<|channel|>commentary<|message|>three<|end|><|start|>assistant<|channel|>commentary to=functions.f<|message|>{}<|call|>")
	r, _ := e.Parse(toks, harmony.RoleAssistant, nil)
	require.Equal(t, Usage{Analysis: 2, Commentary: 1, Arguments: 1, Framing: len(toks) - 4}, r.Usage)
	p := e.NewParser(harmony.RoleAssistant, nil)
	for i, tok := range toks[:5] {
		p.Push(tok)
		if i == 4 {
			require.Equal(t, Usage{Analysis: 2, Framing: 3}, p.Usage(), "at any time")
		}
	}
}

func TestEventsIterator(t *testing.T) {
	e := GPTOSS()
	toks := e.tok.EncodeSpecial("<|channel|>final<|message|>Hello world<|return|>")
	seq := func(n int, failed error) iter.Seq2[Token, error] {
		return func(yield func(Token, error) bool) {
			for _, tok := range toks[:n] {
				if !yield(tok, nil) {
					return
				}
			}
			if failed != nil {
				yield(0, failed)
			}
		}
	}
	collect := func(p *Parser, s iter.Seq2[Token, error]) (kinds []Kind, last error) {
		for ev, err := range p.Events(s) {
			if err != nil {
				last = err
				continue
			}
			kinds = append(kinds, ev.Kind)
		}
		return kinds, last
	}
	p := e.NewParser(harmony.RoleAssistant, nil)
	kinds, err := collect(p, seq(len(toks), nil))
	require.NoError(t, err)
	require.Equal(t, []Kind{KindHeader, KindDelta, KindDelta, KindEnd}, kinds)
	require.Equal(t, VerdictFinal, p.Verdict())

	broken := errors.New("connection lost")
	p = e.NewParser(harmony.RoleAssistant, nil)
	kinds, err = collect(p, seq(4, broken))
	require.Same(t, broken, err)
	require.Equal(t, []Kind{KindHeader, KindDelta, KindEnd}, kinds, "what was in flight still comes")
	require.Equal(t, VerdictTruncatedFinal, p.Verdict())

	p = e.NewParser(harmony.RoleAssistant, nil)
	for range p.Events(seq(len(toks), nil)) {
		break
	}
	require.Equal(t, VerdictNone, p.Verdict())
}

func TestResetKeepsWhatWasHandedOut(t *testing.T) {
	e := GPTOSS()
	p := e.NewParser(harmony.RoleAssistant, nil)
	p.PushText("<|channel|>final<|message|>first<|return|><|return|>")
	p.Close(StopToken)
	r := p.Result()
	p.Reset(harmony.RoleAssistant, nil)
	p.PushText("<|channel|>analysis<|message|>OTHER<|end|> <|end|>")
	p.Close(StopToken)
	require.Equal(t, `assistant|final:"first"~return final END-05!`, show(r))
	require.Equal(t, `assistant|analysis:"OTHER"~end no_final STR-01! END-05! END-07`, show(p.Result()))
}

// Text is handed on at once: only what may become a marker waits.
func TestPushTextHoldsLittle(t *testing.T) {
	p := GPTOSS().NewParser(harmony.RoleAssistant, nil)
	deltas := func(s string) (out string) {
		events, err := p.PushText(s)
		require.NoError(t, err)
		for _, ev := range events {
			if ev.Kind != KindHeader {
				out += ev.Kind.String() + ":" + ev.Text + ";"
			}
		}
		return out
	}
	require.Equal(t, "", deltas("<|channel|>final<|mess"))
	require.Equal(t, "delta:a < b;", deltas("age|>a < b"))
	require.Equal(t, "", deltas("<"))
	require.Equal(t, "delta:<b <;", deltas("b <<|"))
	require.Equal(t, "delta:<|x;", deltas("x"))
	require.Equal(t, "", deltas("<|en"))
	require.Equal(t, "delta:<|en|>;", deltas("|>"))
	require.Equal(t, "", deltas("<|reserved_2"))
	require.Equal(t, "delta:<|reserved_2|>;", deltas("|>"))
	require.Equal(t, "", deltas("<|retur"))
	require.Equal(t, "end:;", deltas("n|>"))
}

// An id outside the vocabulary is no part of the header word beside it: the answer must not go to a tool named
// "assistant\uFFFD", nor to a channel "\uFFFDfinal".
func TestUnknownIDInHeader(t *testing.T) {
	enc := GPTOSS()
	at := func(before string, id Token, after string) []Token {
		toks := append(enc.tok.EncodeSpecial(before), id)
		return append(toks, enc.tok.EncodeSpecial(after)...)
	}
	for _, c := range []struct {
		toks []Token
		want string
	}{
		{at("<|start|>assistant", 201089, "<|channel|>final<|message|>hi<|end|>"), `assistant|final:"hi"~end final STR-10!`},
		{at("<|start|>assistant<|channel|>", 300000, "final<|message|>hi<|end|>"), `assistant|final:"hi"~end final STR-10!`},
		{at("<|start|>assistant<|channel|>final", ^Token(0), "<|message|>hi<|end|>"), `assistant|final:"hi"~end final STR-10!`},
		{at("<|start|>", 201089, "assistant<|channel|>final<|message|>hi<|end|>"), `assistant|final:"hi"~end final STR-10!`},
		{at("<|start|>assistant<|channel|>commentary to=functions.f ", 201089, "<|constrain|>json<|message|>{}<|call|>"),
			`assistant>functions.f|commentary|<|constrain|>json:"{}"~call tool_call STR-12 STR-10!`},
		{at("<|start|>assistant<|channel|>final", 201089, " hi<|end|>"), `assistant|final:"� hi"~end final STR-03! STR-10`},
	} {
		r, err := enc.Parse(c.toks, "", nil)
		require.NoError(t, err)
		require.Equal(t, c.want, show(r), "%d", c.toks)
	}
}

// Tokens that are not those their text encodes to are told only if asked for, and with their place.
func TestCanonical(t *testing.T) {
	e := GPTOSS()
	header := e.tok.EncodeSpecial("<|channel|>final<|message|>")
	odd := append(append([]Token{}, header...), append(append(e.tok.Encode("Well, "), e.tok.Encode("he")...), e.tok.Encode("llo")...)...)
	odd = append(odd, tokenizer.Return)
	at := len(header)
	for _, tok := range e.tok.Encode("Well, hello") {
		if odd[at] != tok {
			break
		}
		at++
	}
	for _, opts := range []*ParseOptions{nil, {Canonical: true}} {
		r, err := e.Parse(odd, harmony.RoleAssistant, opts)
		require.NoError(t, err)
		require.Equal(t, "Well, hello", r.Messages[0].Text())
		if opts == nil {
			require.Empty(t, r.Diagnostics)
			continue
		}
		require.Len(t, r.Diagnostics, 1)
		require.Equal(t, RuleCanonical, r.Diagnostics[0].Rule)
		require.Equal(t, Info, r.Diagnostics[0].Severity)
		require.Equal(t, at, r.Diagnostics[0].Offset)
	}
	text := "Olá 日本 🔭, as it is encoded."
	toks := append(append(append([]Token{}, header...), e.tok.Encode(text)...), tokenizer.Return)
	p := e.NewParser(harmony.RoleAssistant, &ParseOptions{Canonical: true})
	for _, tok := range toks {
		_, err := p.Push(tok)
		require.NoError(t, err)
	}
	_, verdict, err := p.Close(StopToken)
	require.NoError(t, err)
	require.Equal(t, VerdictFinal, verdict)
	require.Empty(t, p.Diagnostics())
	require.Equal(t, text, p.Messages()[0].Text())
}

// TestNamesAreUTF8: in a header that no <|message|> ends, too, bytes that are no character become U+FFFD in every field.
func TestNamesAreUTF8(t *testing.T) {
	e := GPTOSS()
	for _, toks := range [][]Token{
		slices.Concat([]Token{tokenizer.Channel}, e.tok.Encode("\xD1"), e.tok.Encode("ary"), []Token{tokenizer.End}),
		slices.Concat([]Token{tokenizer.Channel}, e.tok.Encode("\xEE"), e.tok.Encode("_w to=functions.f"), []Token{tokenizer.Constrain}, e.tok.Encode("js\x80 {}"), []Token{tokenizer.Call}),
		slices.Concat([]Token{tokenizer.Start}, e.tok.Encode("tool:f\xC0"), []Token{tokenizer.Channel}, e.tok.Encode("x"), []Token{tokenizer.End}),
	} {
		r, err := e.Parse(toks, harmony.RoleAssistant, nil)
		require.NoError(t, err)
		require.NotEmpty(t, r.Messages)
		for _, m := range r.Messages {
			for _, field := range []string{m.Name, m.Recipient, string(m.Channel), m.ContentType, m.Text()} {
				require.True(t, utf8.ValidString(field), "%q", field)
			}
		}
		require.True(t, slices.ContainsFunc(r.Diagnostics, func(d Diagnostic) bool { return d.Rule == RuleUTF8 }))
	}
}
