package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestFilterOrder feeds lines of very different cost to many workers: answer n belongs to line n.
func TestFilterOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var in strings.Builder
	const lines = 5000
	for i := range lines {
		text := fmt.Sprintf("%d ", i)
		if rng.IntN(50) == 0 {
			text += strings.Repeat("the cost of this one is high ", rng.IntN(3000))
		}
		fmt.Fprintf(&in, "{\"text\":%q}\n", text)
	}
	got := runHarmony(t, in.String(), "tokens", "--jsonl", "--workers", "8")
	if got.status != exitFine || got.stderr != "" {
		t.Fatalf("exit status %d, stderr %q", got.status, got.stderr)
	}
	back := runHarmony(t, got.stdout, "tokens", "--jsonl", "--workers", "3")
	answers := strings.Split(strings.TrimSuffix(back.stdout, "\n"), "\n")
	if len(answers) != lines {
		t.Fatalf("%d answers to %d lines", len(answers), lines)
	}
	for i, a := range answers {
		if want := fmt.Sprintf("{\"text\":\"%d ", i); !strings.HasPrefix(a, want) {
			t.Fatalf("answer %d begins with %.40q, want %q", i, a, want)
		}
	}
	if back.stdout != in.String() {
		t.Error("text, tokens, text: not the same lines")
	}
}

// TestFilterConversation talks to the filter: each answer comes while the input stays open.
func TestFilterConversation(t *testing.T) {
	c := harmonyCommand("", nil, "tokens", "--jsonl")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	defer watchdog.Stop()
	answers := bufio.NewReader(out)
	for i, talk := range []struct{ question, answer string }{
		{`{"text":"Hello"}`, `{"tokens":[13225]}`},
		{`{"text":`, `{"error":"expected a string`},
		{`{"tokens":[13225]}`, `{"text":"Hello"}`},
	} {
		io.WriteString(in, talk.question+"\n")
		answer, err := answers.ReadString('\n')
		if err != nil {
			t.Fatalf("no answer to line %d: %v", i, err)
		}
		if talk.question != `{"text":` && strings.TrimSuffix(answer, "\n") != talk.answer {
			t.Errorf("%s: %s, want %s", talk.question, answer, talk.answer)
		}
	}
	in.Close()
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitNegative {
		t.Errorf("exit status %d, want %d: one line was wrong", c.ProcessState.ExitCode(), exitNegative)
	}
}

// TestFollow shows a message while it is being written.
func TestFollow(t *testing.T) {
	c := harmonyCommand("", nil, "parse", "--follow", "-")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	defer watchdog.Stop()
	shown := ""
	for _, step := range []struct{ write, show string }{
		{"<|channel|>ana", ""},
		{"lysis<|message|>Hel", "1  reasoning  by assistant  on analysis\n  │ Hel"},
		{"lo\n", "lo"},
		{"\xc3", ""},
		{"\xa9<|e", "\n  │ é"},
		{"nd|>", "\n  <|end|>\n"},
	} {
		io.WriteString(in, step.write)
		buf := make([]byte, len(step.show))
		if _, err := io.ReadFull(out, buf); err != nil || string(buf) != step.show {
			t.Fatalf("behind %q: %q (%v), want %q", shown, buf, err, step.show)
		}
		shown += step.show
	}
	in.Close()
	rest, _ := io.ReadAll(out)
	if c.Wait(); !strings.Contains(string(rest), "verdict no_final") || c.ProcessState.ExitCode() != exitFine {
		t.Errorf("exit status %d, %q at the end", c.ProcessState.ExitCode(), rest)
	}
}

// endless is the input of a test: head, then filler up to a length, then tail.
type endless struct {
	head, filler, tail string
	left               int
}

// Read implements io.Reader.
func (e *endless) Read(p []byte) (int, error) {
	switch {
	case e.head != "":
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	case e.left > 0:
		n := min(len(p), e.left)
		for i := range n {
			p[i] = e.filler[i%len(e.filler)]
		}
		n = max(n/len(e.filler)*len(e.filler), min(n, len(e.filler)))
		e.left -= n
		return n, nil
	case e.tail != "":
		n := copy(p, e.tail)
		e.tail = e.tail[n:]
		return n, nil
	}
	return 0, io.EOF
}

// TestLongLine sends a line beyond the limit between two good ones: it is answered by an error, and not held in memory.
func TestLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 400 MB through a pipe")
	}
	c := harmonyCommand("", nil, "tokens", "--jsonl")
	c.Stdin = &endless{head: "{\"text\":\"Hello\"}\n{\"text\":\"", filler: "a", left: 400 << 20, tail: "\"}\n{\"text\":\"Hello\"}\n"}
	got := finish(t, c)
	want := `{"tokens":[13225]}
{"error":"a line of more than 67108864 bytes, the limit that --max-line sets"}
{"tokens":[13225]}
`
	if got.stdout != want {
		t.Errorf("answers:\n%swant:\n%s", got.stdout, want)
	}
	if got.status != exitNegative {
		t.Errorf("exit status %d, want %d", got.status, exitNegative)
	}
	checkMemory(t, got, 400<<20)
}

// TestLargeLine sends lines of 100 MB within a raised limit: they are answered, in bounded memory.
func TestLargeLine(t *testing.T) {
	if testing.Short() {
		t.Skip("encodes 100 MB")
	}
	c := harmonyCommand("", nil, "tokens", "--jsonl", "--max-line", "128M")
	c.Stdin = &endless{head: "{\"text\":\"", filler: "Hello ", left: 100 << 20 / 6 * 6, tail: "\"}\n"}
	sum := &counter{}
	c.Stdout = sum
	got := finish(t, c)
	if got.status != exitFine || got.stderr != "" {
		t.Fatalf("exit status %d, stderr %q", got.status, got.stderr)
	}
	if sum.lines != 1 || sum.commas < 100<<20/6-1 {
		t.Errorf("%d lines with %d commas, want one line of at least %d tokens", sum.lines, sum.commas, 100<<20/6)
	}
	checkMemory(t, got, 1200<<20)
}

// counter counts what it is sent.
type counter struct{ lines, commas int }

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	c.commas += bytes.Count(p, []byte(","))
	return len(p), nil
}

// checkMemory holds a run to a bound.
func checkMemory(t *testing.T, o outcome, most int64) {
	t.Helper()
	t.Logf("%d MB of memory", o.memory>>20)
	if o.memory > most {
		t.Errorf("%d MB of memory, want at most %d MB", o.memory>>20, most>>20)
	}
}

// TestLongStream parses one message of ten million tokens, as ids and through the contract.
func TestLongStream(t *testing.T) {
	if testing.Short() {
		t.Skip("parses 10 million tokens")
	}
	const tokens = 10_000_000
	t.Run("people", func(t *testing.T) {
		c := harmonyCommand("", nil, "parse", "--json", "-")
		c.Stdin = &endless{head: "200005 17196 200008", filler: " 13225", left: 6 * tokens, tail: " 200002\n"}
		got := finish(t, c)
		if got.status != exitFine || !strings.HasSuffix(got.stdout, "\"verdict\":\"final\"}\n") {
			t.Fatalf("exit status %d, stdout ends in %q", got.status, got.stdout[max(0, len(got.stdout)-100):])
		}
		if n := strings.Count(got.stdout, "Hello"); n != tokens {
			t.Errorf("%d words came back, want %d", n, tokens)
		}
		checkMemory(t, got, 1200<<20)
	})
	t.Run("jsonl", func(t *testing.T) {
		c := harmonyCommand("", nil, "parse", "--jsonl", "--max-line", "128M")
		c.Stdin = &endless{head: `{"role":"assistant","tokens":[200005,17196,200008`, filler: ",13225", left: 6 * tokens, tail: ",200002]}\n"}
		got := finish(t, c)
		if n := strings.Count(got.stdout, "Hello"); got.status != exitFine || n != tokens {
			t.Errorf("exit status %d, %d words came back, want %d", got.status, n, tokens)
		}
		checkMemory(t, got, 1200<<20)
	})
}

// TestClosedPipe closes the reader's end: the command ends, quietly.
func TestClosedPipe(t *testing.T) {
	for _, args := range [][]string{{"tokens", "--jsonl"}, {"tokens", "-"}} {
		c := harmonyCommand("", nil, args...)
		c.Stdin = &endless{filler: "{\"text\":\"Hello\"}\n", left: 17 << 20}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		c.Stderr = &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		io.ReadFull(out, make([]byte, 10))
		out.Close()
		watchdog := time.AfterFunc(60*time.Second, func() { c.Process.Kill(); t.Error("still running after its reader has gone") })
		c.Wait()
		watchdog.Stop()
		if stderr.Len() > 0 {
			t.Errorf("%v: stderr %q, want nothing", args, stderr.String())
		}
	}
}

// TestFilterLines holds the cutting of lines to strings.Split, for every way in which the input can arrive.
func TestFilterLines(t *testing.T) {
	echo := func() handler {
		return func(dst, line []byte) ([]byte, error) {
			if bytes.Contains(line, []byte("!")) {
				return append(dst, "dropped"...), errors.New("bang")
			}
			return append(append(append(dst, '<'), line...), '>'), nil
		}
	}
	for _, in := range []string{"", "\n", "a", "a\n", "a\nb", "\n\n", "a\r\nb\r\n", "!\nok\n", strings.Repeat("x", 200) + "\ny\n", "y\n" + strings.Repeat("x", 200)} {
		for _, size := range []int{1, 7, 1000} {
			var out bytes.Buffer
			fl := &filter{in: bufio.NewReaderSize(&chunks{in, size}, 16), out: &out, maxLine: 150, workers: 2, handler: echo}
			failed, err := fl.run()
			if err != nil {
				t.Fatal(err)
			}
			want, wantFailed := expectedLines(in, 150)
			if out.String() != want || failed != wantFailed {
				t.Errorf("%.20q in chunks of %d: %q, failed %v, want %q, %v", in, size, out.String(), failed, want, wantFailed)
			}
		}
	}
}

// expectedLines is what the echo handler makes of in.
func expectedLines(in string, most int) (out string, failed bool) {
	lines := strings.Split(in, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	for _, l := range lines {
		switch {
		case len(l) > most:
			out += fmt.Sprintf("{\"error\":\"a line of more than %d bytes, the limit that --max-line sets\"}\n", most)
			failed = true
		case strings.Contains(l, "!"):
			out += "{\"error\":\"bang\"}\n"
			failed = true
		default:
			out += "<" + strings.TrimSuffix(l, "\r") + ">\n"
		}
	}
	return out, failed
}

// chunks reads text in pieces of a size.
type chunks struct {
	text string
	size int
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := copy(p, c.text[:min(c.size, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}

// FuzzHandlers answers any line: with one JSON object, or an error that has its place within the line.
func FuzzHandlers(f *testing.F) {
	for _, seed := range []string{
		`{"text":"Hello","special":"all"}`, `{"tokens":[1,2,3]}`, `{"tokens":[ 1 , 2 ]}`, `{"tokens":[-1,4294967296,1e9,"a"]}`,
		`{"conversation":{"messages":[{"role":"user","content":"Hi"}]},"mode":"completion","next_role":"user"}`,
		`{"text":"<|start|>assistant<|channel|>final<|message|>x<|return|>","role":null,"strict":true,"events":true}`,
		`{"tokens":[200006,200005,200008,200007,200002,200012,61138,999999],"role":"assistant","events":true}`,
		``, `null`, `{`, `{"text"`, `{"text":"\ud83d"}`, "{\"text\":\"\xff\"}", `{"a":{"b":[]}}`, ` { } x`,
	} {
		f.Add([]byte(seed))
	}
	handlers := map[string]handler{"tokens": newTokensHandler(), "render": newRenderHandler(), "parse": newParseHandler()}
	f.Fuzz(func(t *testing.T, line []byte) {
		for name, handle := range handlers {
			out, err := handle([]byte("before"), line)
			if err != nil {
				if e := (*requestError)(nil); errors.As(err, &e) && (e.offset > len(line) || e.offset < -1) {
					t.Errorf("%s: %q: offset %d, the line has %d bytes", name, line, e.offset, len(line))
				}
				out = appendFault([]byte("before"), err)
			}
			answer, ok := bytes.CutPrefix(out, []byte("before"))
			var object map[string]any
			if !ok || json.Unmarshal(answer, &object) != nil || bytes.ContainsAny(answer, "\n\r") {
				t.Errorf("%s: %q: answer %q", name, line, out)
			}
			if _, failed := object["error"]; failed != (err != nil) {
				t.Errorf("%s: %q: answer %q for error %v", name, line, out, err)
			}
		}
	})
}

// FuzzTokensRoundTrip holds "tokens" both ways: text, tokens, text.
func FuzzTokensRoundTrip(f *testing.F) {
	f.Add("Hello", false)
	f.Add("<|end|> \u2028 \x00 👋", true)
	handle := newTokensHandler()
	f.Fuzz(func(t *testing.T, text string, special bool) {
		text = strings.ToValidUTF8(text, "?")
		q, err := json.Marshal(map[string]any{"text": text, "special": map[bool]string{false: "none", true: "all"}[special]})
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := handle(nil, q)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		back, err := handle(nil, tokens)
		if err != nil {
			t.Fatalf("%s: %v", tokens, err)
		}
		var got struct{ Text string }
		if err := json.Unmarshal(back, &got); err != nil || got.Text != text {
			t.Errorf("%q came back as %q (%v)", text, got.Text, err)
		}
	})
}
