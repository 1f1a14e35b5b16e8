package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// constrainAnswer is a line that "harmony constrain --jsonl" writes.
type constrainAnswer struct {
	ID         json.RawMessage `json:"id"`
	Valid      *bool           `json:"valid"`
	Accepted   *bool           `json:"accepted"`
	RejectedAt *int            `json:"rejected_at"`
	Refused    *string         `json:"refused"`
	Error      *string         `json:"error"`
}

// constrainLines runs "harmony constrain --jsonl".
func constrainLines(t *testing.T, stdin string, status int, flags ...string) []constrainAnswer {
	t.Helper()
	o := runHarmony(t, stdin, append([]string{"constrain", "--jsonl"}, flags...)...)
	if o.status != status || o.stderr != "" {
		t.Fatalf("status %d, want %d: %s", o.status, status, o.stderr)
	}
	var list []constrainAnswer
	for line := range strings.Lines(o.stdout) {
		var a constrainAnswer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %.200s", err, line)
		}
		list = append(list, a)
	}
	return list
}

// TestConstrainLineNumbers: an error names its line, however the lines are shared out among the workers.
func TestConstrainLineNumbers(t *testing.T) {
	var in strings.Builder
	const lines = 3000
	for i := range lines {
		if i%7 == 3 {
			fmt.Fprintf(&in, "{\"id\":%d}\n", i)
		} else {
			fmt.Fprintf(&in, "{\"id\":%d,\"schema\":{\"const\":%d},\"instance\":\"%d\"}\n", i, i%5, i%3)
		}
	}
	answers := constrainLines(t, in.String(), 1, "--workers", "3")
	if len(answers) != lines {
		t.Fatalf("%d answers, want %d", len(answers), lines)
	}
	for i, a := range answers {
		if string(a.ID) != fmt.Sprint(i) {
			t.Fatalf("answer %d is to line %s", i, a.ID)
		}
		if i%7 == 3 {
			if want := fmt.Sprintf(`line %d: no "schema" given`, i+1); a.Error == nil || *a.Error != want {
				t.Fatalf("line %d: error %v, want %q", i+1, a.Error, want)
			}
			continue
		}
		if fits := i%5 == i%3; a.Error != nil || *a.Valid != fits || *a.Accepted != fits {
			t.Fatalf("line %d: %+v, want %t", i+1, a, fits)
		}
	}
}

// TestConstrainLarge: long lines and instances, and what is beyond.
func TestConstrainLarge(t *testing.T) {
	line := func(schema, instance string) string {
		text, _ := json.Marshal(instance)
		return fmt.Sprintf("{\"schema\":%s,\"instance\":%s}\n", schema, text)
	}
	long := `"` + strings.Repeat("word ", (schema.MaxInstance-2)/5) + `"`
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	not := strings.Repeat(`{"not":`, 126) + "{}" + strings.Repeat("}", 126)
	in := line(fmt.Sprintf(`{"type":"string","description":%q}`, strings.Repeat("x", 3<<20)), long) +
		line("true", long+strings.Repeat(" ", 10)) +
		line("true", deep) +
		line(not, "1") +
		line(not, "") +
		line(`{"type":"string","pattern":"^(a|aa)+$"}`, `"`+strings.Repeat("a", 50_000)+`b"`)
	answers := constrainLines(t, in, 1)
	want := []string{"true true <nil>", "<nil> <nil> <nil>", "false false", "true true <nil>", "false false 0", "false false 50000"}
	if len(answers) != len(want) {
		t.Fatalf("%d answers, want %d", len(answers), len(want))
	}
	for i, a := range answers {
		got := fmt.Sprint(value(a.Valid), " ", value(a.Accepted), " ", value(a.RejectedAt))
		if !strings.HasPrefix(got, want[i]) {
			t.Errorf("line %d: %s, want %s", i+1, got, want[i])
		}
	}
	if e := answers[1].Error; e == nil || *e != "line 2: /instance: want at most 1048576 bytes, found 1048582" {
		t.Errorf("line 2: error %v", value(e))
	}
}

// value returns what p points at, nil for nothing.
func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// TestWalkExpected: the tokens that are listed are allowed, and a token that is allowed is in the count.
func TestWalkExpected(t *testing.T) {
	g, err := constrain.Compile(schema.MustParse(`{"enum":["a","ab"]}`), &constrain.Options{Compact: true, PlainStrings: true})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`"a`:  `2 tokens may come here: "\"" "b"`,
		`"x"`: `2 tokens may come here: "a" "ab"`,
		`"ab`: `one token may come here: "\""`,
	} {
		w := newWalker(spellBytes)
		r, err := w.walk(g.NewMatcher(), text, true)
		if err != nil || r.Accepted {
			t.Fatalf("%s: accepted %t, %v", text, r.Accepted, err)
		}
		if got := r.Expected.String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		for _, e := range r.Expected.Some {
			m := g.NewMatcher()
			if err := m.AcceptBytes([]byte(text[:*r.RejectedAt])); err != nil || !m.Allowed(e.ID) {
				t.Errorf("%s: %q is listed and not allowed (%v)", text, e.Text, err)
			}
		}
	}
}
