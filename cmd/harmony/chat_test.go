package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/internal/localtools"
	"github.com/harmony-go/sdk/tokenizer"
)

// says is an answer.
func says(text string) string { return "<|channel|>final<|message|>" + text + "<|return|>" }

// chatOn runs "harmony chat" with lines in a pipe.
func chatOn(t *testing.T, lines string, g engine.Generator, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	s := newStage(t, lines)
	c, err := s.newChat(flagsOf(t, "chat", args...), g, &toolbox{functions: localtools.Default(time.Now)})
	if err == nil {
		err = c.talk()
	}
	stdout, stderr = s.wrote(t)
	return stdout, stderr, err
}

// TestChat: every line is a turn, and the second knows of the first.
func TestChat(t *testing.T) {
	g := script(calls("get_weather", `{"city":"Lisbon"}`), says("Sunny."), says("You asked of Lisbon."), says("Two\nlines."), says("A slash."))
	stdout, stderr, err := chatOn(t, "Lisbon?\n\nWhat did I ask?\none\\\n  two\\\nthree\n//help\n", g, "--quiet")
	require.NoError(t, err)
	assert.Equal(t, "Sunny.\nYou asked of Lisbon.\nTwo\nlines.\nA slash.\n", stdout)
	assert.Empty(t, stderr)
	last, err := tokenizer.O200kHarmony().Decode(g.Prompts()[4])
	require.NoError(t, err)
	for _, want := range []string{"<|start|>user<|message|>Lisbon?<|end|>", "<|channel|>final<|message|>Sunny.<|end|>", "<|message|>one\n  two\nthree<|end|>", "<|message|>/help<|end|>"} {
		assert.Contains(t, last, want)
	}
	assert.NotContains(t, last, "I ask the tool", "reasoning of a turn that is over")
}

// TestChatCommands: what each command does and says.
func TestChatCommands(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "talk.jsonl")
	g := script(says("One."), says("Two."), says("Three."))
	lines := []string{
		"/effort", "/effort hihg", "/effort high", "/system Answer briefly.", "/system", "/tools off", "first", "/tools on", "/system -", "/effort low", "second",
		"/tokens", "/raw", "/save " + file, "/clear", "/raw", "/continue", "/load " + file, "third", "/continue", "/nonsense", "/sav x", "/save", "/load", "/load " + file + "x", "/help", "/quit", "never",
	}
	stdout, stderr, err := chatOn(t, strings.Join(lines, "\n")+"\n", g)
	require.NoError(t, err)
	assert.Equal(t, "One.\nTwo.\nThree.\n", stdout)
	rest := stderr
	for _, want := range []string{
		"effort medium\n", `harmony chat: want low, medium or high, did you mean "high"?`, "effort high\n", "  │ Answer briefly.\n  │ Answer briefly.\n",
		"no tools; /tools on gives the model these:\n  get_time       Get the current time and date.\n",
		"prompt ", "stopped by <|return|>", "  get_time       Get", "no instructions\n", "effort low\n", "prompt ",
		"  system           ", "  the next prompt  ", "  the last output  6 tokens: 2 final, 4 framing\n", "  │ <|channel|>final<|message|>Two.<|return|>\n",
		"saved, 6 messages\n", "a new conversation\n", "harmony chat: nothing has been said yet\n", "harmony chat: nothing has been said yet\n", "goes on with " + file + ", 6 messages\n",
		"prompt ", "harmony chat: the last turn has ended with an answer; say something\n", `harmony chat: there is no command "/nonsense"; /help lists them`, `there is no command "/sav", did you mean "/save"?`,
		"/save FILE: no file given", "/load FILE: no file given", "talk.jsonlx: no such file", chatCommandsUsage,
	} {
		_, after, found := strings.Cut(rest, want)
		if !assert.True(t, found, "%q is not in\n%s", want, rest) {
			break
		}
		rest = after
	}
	var prompts []string
	for _, p := range g.Prompts() {
		text, err := tokenizer.O200kHarmony().Decode(p)
		require.NoError(t, err)
		prompts = append(prompts, text)
	}
	require.Len(t, prompts, 3)
	assert.Contains(t, prompts[0], "Reasoning: high")
	assert.Contains(t, prompts[0], "# Instructions\n\nAnswer briefly.")
	assert.NotContains(t, prompts[0], "get_time")
	assert.Contains(t, prompts[1], "Reasoning: low")
	assert.NotContains(t, prompts[1], "Answer briefly.")
	assert.Contains(t, prompts[1], "get_time")
	assert.Contains(t, prompts[2], "<|message|>first<|end|>")
	assert.Contains(t, prompts[2], "Two.<|end|><|start|>user<|message|>third<|end|>")
}

// TestChatGoesOn: a turn that fails is told of, and the conversation goes on; in a pipe the exit status tells it, too.
func TestChatGoesOn(t *testing.T) {
	stdout, stderr, err := chatOn(t, "first\n/continue\nsecond\n", script("<|channel|>analysis<|message|>Hm", says("Well."), calls("x", "{}"), says("Two.")), "--constrain=false")
	require.ErrorIs(t, err, errNegative)
	assert.Equal(t, "Well.\nTwo.\n", stdout)
	assert.Contains(t, stderr, "cut off: no room for more")
	assert.Contains(t, stderr, "tool error  by functions.x")
}

// TestChatSave: --save keeps the conversation after every turn.
func TestChatSave(t *testing.T) {
	file := filepath.Join(t.TempDir(), "talk.jsonl")
	_, _, err := chatOn(t, "first\n", script(says("One.")), "--save", file)
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"first"`)
	_, stderr, err := chatOn(t, "second\n", script(says("Two.")), "--load", file, "--save", file)
	require.NoError(t, err)
	assert.Contains(t, stderr, "goes on with "+file+", 4 messages\n")
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Greater(t, len(again), len(data))
}

// TestChatFiles: a file that is no conversation, or of another version, or cut off, is named with what is wrong.
func TestChatFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "talk.jsonl")
	_, _, err := chatOn(t, "first\n", script(says("One.")), "--save", file)
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	whole := string(data)
	for text, want := range map[string]string{
		"":                    ":1: not a conversation to go on with: it ends before the conversation does",
		"Dear diary":          ":1: not a conversation to go on with: ",
		`{"messages":[]}`:     ":1: not a conversation to go on with: expected a harmony session, found something else",
		whole[:len(whole)-10]: ": not a conversation to go on with: it ends before the conversation does",
		strings.Replace(whole, `"version":1`, `"version":2`, 1): ":1: not a conversation to go on with: it is of version 2, and this program reads version 1",
		strings.Replace(whole, "first", "frist", 1):             ": not a conversation to go on with: expected the prompt that was saved, found another",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, _, err := chatOn(t, "", script(), "--load", file)
		assert.ErrorContains(t, err, want, "%.50s", text)
	}
	_, _, err = chatOn(t, "", script(), "--load", filepath.Dir(file))
	assert.ErrorContains(t, err, "a directory, want a file")
}

// TestChatNotText: a line that is no text, or has no end, ends the conversation with what is wrong.
func TestChatNotText(t *testing.T) {
	for text, want := range map[string]string{
		"a\x00b\n":                        "standard input: byte 1 is NUL, so this is binary; want text",
		"\xff\n":                          "standard input: byte 0, 0xff, is not UTF-8; want text",
		strings.Repeat("x", maxPrompt+10): "standard input: a prompt of more than 4194304 bytes",
	} {
		_, _, err := chatOn(t, text, script())
		assert.EqualError(t, err, want)
	}
	stdout, _, err := chatOn(t, "no line end", script(says("Yes.")))
	require.NoError(t, err)
	assert.Equal(t, "Yes.\n", stdout)
	stdout, _, err = chatOn(t, "no further line\\", script(says("Yes.")))
	require.NoError(t, err)
	assert.Equal(t, "Yes.\n", stdout)
}

// TestChatUsage drives the real command where no model is needed.
func TestChatUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"harmony chat: chat takes no prompt, found \"hello\"; 'harmony run' takes one\n": {"hello"},
		"harmony chat: unknown flag --raw\n":                                             {"--raw"},
		"harmony chat: --tools and --no-tools exclude each other\n":                      {"--tools", "x", "--no-tools"},
		"harmony chat: none: no such file or directory\n":                                {"--model", "none"},
	} {
		o := runHarmony(t, "", append([]string{"chat"}, args...)...)
		assert.True(t, strings.HasPrefix(o.stderr, want), o.stderr)
		assert.Equal(t, exitUsage, o.status)
	}
}

// TestChatModel talks with a model of a checkpoint, over standard input.
func TestChatModel(t *testing.T) {
	o := runHarmony(t, "Hello?\n", "chat", "--model", talkingModel(t), "--temperature", "0", "--threads", "1", "--no-tools", "--date", "none", "--quiet")
	assert.Equal(t, outcome{answer + "\n", "", 0, o.memory}, o)
}

// TestComplete: the beginning of a command becomes the command, if it is one.
func TestComplete(t *testing.T) {
	c := &chat{}
	for begin, want := range map[string]string{"/ef": "/effort ", "/s": "", "/sy": "/system ", "/": "", "": "", "x": "", "/q": "/quit "} {
		assert.Equal(t, want, c.complete(begin), begin)
	}
}
