package agent

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// fixture is a session with everything in it: tools, bad calls, a foreign word, a cut answer, a replaced developer message.
func fixture(t testing.TB, g engine.Generator) (*Agent, *Session) {
	t.Helper()
	a := newAgent(t, g, Options{Tools: []*Function{weatherTool()}, Instructions: "Be <brief> & kind.", Date: "2025-11-24"})
	s := a.NewSession()
	_, err := s.Ask(background, "Weather, <|end|> please? \xff")
	require.NoError(t, err)
	_, err = Answer[ShoppingList](background, s, "List")
	require.NoError(t, err)
	require.NoError(t, s.Append(harmony.NewUser("By the way")))
	_, err = s.Ask(background, "And?")
	limited(t, err, LimitContext)
	return a, s
}

var fixtureSays = []string{
	callsIt, toolCall("functions.nothing", "{}")[:len(toolCall("functions.nothing", "{}"))-len("{}<|call|>")],
	"<|channel|>analysis<|message|>Hm.<|end|><|start|>user<|message|>", answers,
	"<|channel|>final<|message|>no<|return|>", lists,
	"<|channel|>final<|message|>Half an",
}

func save(t testing.TB, s *Session) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, s.Save(&b))
	return b.Bytes()
}

// sameMessages compares messages by their JSON: schemas keep more than their text.
func sameMessages(t testing.TB, a, b *Session) {
	t.Helper()
	x := harmony.AppendConversation(nil, &harmony.Conversation{Messages: a.Messages()})
	y := harmony.AppendConversation(nil, &harmony.Conversation{Messages: b.Messages()})
	require.Equal(t, string(x), string(y))
}

func TestSaveAndLoad(t *testing.T) {
	g := script(fixtureSays...)
	a, s := fixture(t, g)
	file := save(t, s)
	loaded, err := a.Load(bytes.NewReader(file))
	require.NoError(t, err)
	sameMessages(t, s, loaded)
	require.Equal(t, s.Sampled(), loaded.Sampled())
	require.Equal(t, string(file), string(save(t, loaded)), "a file is the same when it is saved again")

	// Both go on alike.
	for _, x := range []*Session{s, loaded} {
		next := script(plainly)
		x.Use(newAgent(t, next, Options{Tools: []*Function{weatherTool()}, Instructions: "Be <brief> & kind.", Date: "2025-11-24"}))
		_, err := x.Ask(background, "Go on")
		require.NoError(t, err)
		if x == s {
			file = save(t, s)
			continue
		}
		require.Equal(t, string(file), string(save(t, x)))
	}

	// Replayed token for token: the same words give the same prompts and the same session.
	again := engine.Replay(s.Sampled()[:len(fixtureSays)]...)
	_, replayed := fixture(t, again)
	require.Equal(t, g.Prompts(), again.Prompts())
	_, first := fixture(t, script(fixtureSays...))
	sameMessages(t, first, replayed)
}

// TestFileGolden: files of this version stay readable.
func TestFileGolden(t *testing.T) {
	golden := filepath.Join("testdata", "session.jsonl")
	a, s := fixture(t, script(fixtureSays...))
	if *update {
		require.NoError(t, os.WriteFile(golden, save(t, s), 0o666))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	loaded, err := a.Load(bytes.NewReader(want))
	require.NoError(t, err)
	require.Equal(t, string(want), string(save(t, loaded)))
	require.Equal(t, len(s.Messages()), len(loaded.Messages()))
}

func TestLoadErrors(t *testing.T) {
	a, s := fixture(t, script(fixtureSays...))
	file := string(save(t, s))
	lines := strings.SplitAfter(file, "\n")
	swap := func(old, new string) string {
		require.Contains(t, file, old)
		return strings.Replace(file, old, new, 1)
	}
	for name, c := range map[string]struct {
		file string
		line int
		want string
		is   error
	}{
		"nothing":           {"", 1, "unexpected EOF", io.ErrUnexpectedEOF},
		"no JSON":           {"hello", 1, "invalid character", nil},
		"something else":    {`{"messages":[]}`, 1, "expected a harmony session, found something else", nil},
		"a number":          {`7`, 1, "expected a harmony session, found something else", nil},
		"another version":   {swap(`"version":1`, `"version":2,"new":{}`), 1, "expected version 1 of a session, found 2", nil},
		"half of it":        {strings.Join(lines[:5], ""), 6, "unexpected EOF", io.ErrUnexpectedEOF},
		"half a line":       {file[:len(file)/2], 0, "unexpected EOF", io.ErrUnexpectedEOF},
		"a line is missing": {strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), 0, "", ErrPrompt},
		"the last but one":  {strings.Join(append(append([]string{}, lines[:len(lines)-3]...), lines[len(lines)-2:]...), ""), 0, "entries, found", nil},
		"more":              {file + "{}", 0, "expected the end of the file, found more", nil},
		"another message":   {swap("By the way", "By the lake"), 0, "expected the prompt that was saved, found another", ErrPrompt},
		"other tokens":      {swap(`"sampled":[200005,35644`, `"sampled":[200005,35645`), 0, "expected the prompt that was saved", ErrPrompt},
		"too many kept":     {swap(`"kept":`, `"kept":1`), 0, "tokens kept", nil},
		"a bad reason":      {swap(`"stop":"token"`, `"stop":"tired"`), 0, `found "tired"`, nil},
		"an unknown field":  {swap(`"kept":`, `"keep":1,"kept":`), 0, "unknown field", nil},
		"an empty entry":    {lines[0] + "{}\n", 2, "expected one of append, replace and generation", nil},
		"a bad role":        {swap(`"role":"user"`, `"role":"loser"`), 0, "role", nil},
		"a bad index":       {swap(`"developer":1`, `"developer":2`), 0, "expected the index of a developer message, found 2", nil},
		"no index":          {swap(`"system":0`, `"system":99`), 0, "expected the index of a system message, found 99", nil},
		"replaces nothing":  {lines[0] + `{"replace":{"at":7,"message":{"role":"user","content":"x"}}}`, 2, "no message 7", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Load(strings.NewReader(c.file))
			var e *FileError
			require.ErrorAs(t, err, &e)
			require.ErrorContains(t, err, "agent: session file, line ")
			require.ErrorContains(t, err, c.want)
			if c.line > 0 {
				require.Equal(t, c.line, e.Line)
			}
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			var version *VersionError
			require.Equal(t, name == "another version", errors.As(err, &version))
		})
	}
}

// TestLoadByAnother: an agent with other tools declares them at the next turn, and all else stays.
func TestLoadByAnother(t *testing.T) {
	_, s := fixture(t, script(fixtureSays...))
	g := script(plainly)
	b := newAgent(t, g, Options{Instructions: "Be loud."})
	loaded, err := b.Load(bytes.NewReader(save(t, s)))
	require.NoError(t, err)
	_, err = loaded.Ask(background, "Go on")
	require.NoError(t, err)
	prompt := text(t, g.Prompts()[0])
	require.Contains(t, prompt, "Be loud.")
	require.NotContains(t, prompt, "type get_weather")
	require.Contains(t, prompt, "It is sunny in Lisbon.")
}

func TestSaveErrors(t *testing.T) {
	_, s := fixture(t, script(fixtureSays...))
	for _, most := range []int{0, 10, 500} {
		require.ErrorIs(t, s.Save(&failingWriter{most}), io.ErrShortWrite)
	}
}

// failingWriter takes only so many bytes.
type failingWriter struct{ most int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.most {
		return w.most, io.ErrShortWrite
	}
	w.most -= len(p)
	return len(p), nil
}

func TestClone(t *testing.T) {
	s := newAgent(t, script(plainly, plainly, plainly), Options{}).NewSession()
	_, err := s.Ask(background, "One")
	require.NoError(t, err)
	c := s.Clone()
	_, err = c.Ask(background, "Two")
	require.NoError(t, err)
	require.Len(t, s.Messages(), 3)
	require.Len(t, c.Messages(), 5)
	_, err = s.Ask(background, "Three")
	require.NoError(t, err)
	require.Equal(t, "Two", c.Messages()[3].Text())
	require.Equal(t, "Three", s.Messages()[3].Text())
	require.Len(t, c.Sampled(), 2)
}

func FuzzLoad(f *testing.F) {
	a, s := fixture(f, script(fixtureSays...))
	f.Add(save(f, s))
	f.Add([]byte(`{"format":"harmony session","version":1,"system":-1,"developer":-1}` + "\n" + `{"generation":{"prompt":2,"sum":"","opening":[1],"sampled":[2,300000],"kept":-1,"stop":"token"}}` + "\n" + `{"end":{"entries":1}}`))
	f.Add([]byte(`{"format":"harmony session","version":1}{"append":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		loaded, err := a.Load(bytes.NewReader(data))
		if err != nil {
			var e *FileError
			require.ErrorAs(t, err, &e)
			return
		}
		// What was read is written, and read again.
		file := save(t, loaded)
		again, err := a.Load(bytes.NewReader(file))
		require.NoError(t, err)
		sameMessages(t, loaded, again)
		require.Equal(t, file, save(t, again))
	})
}

// TestSaveInvalidNames: a model can call a tool by a name that is not UTF-8; so can be what an agent is given. A session with them can be loaded.
func TestSaveInvalidNames(t *testing.T) {
	toks := slices.Concat([]encoding.Token{tokenizer.Channel}, tokens("\xD1"), tokens("ary to=functions."), tokens("\xF0"), []encoding.Token{tokenizer.Call})
	a := newAgent(t, engine.Replay(toks, tokens(answers)), Options{Tools: []*Function{weatherTool()}, Instructions: "Be \xFF."})
	s := a.NewSession()
	require.NoError(t, s.Append(harmony.Message{Role: harmony.RoleTool, Name: "functions.\xE2", Content: []harmony.Content{harmony.Text("\xE2\x98")}}))
	_, err := s.Ask(background, "Hi")
	require.NoError(t, err)
	loaded, err := a.Load(bytes.NewReader(save(t, s)))
	require.NoError(t, err)
	sameMessages(t, s, loaded)
}
