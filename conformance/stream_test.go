package conformance

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parseVector is a token stream and what the reference's streaming parser showed after every token.
type parseVector struct {
	source
	Tokens   []encoding.Token `json:"tokens"`
	Role     harmony.Role     `json:"role"`
	Strict   bool             `json:"strict"`
	Runs     []run            `json:"deltas"`
	Messages []map[string]any `json:"messages"`
	Error    *struct {
		At      any    `json:"at"` // index of the token, or "eos"
		Message string `json:"message"`
	} `json:"error"`
}

// run is a run of tokens with the same header state after each of them.
type run struct {
	n      int
	header [4]string // role, recipient, channel, content type; "" where absent
	state  string    // ExpectStart, Header or Content
	deltas []*string // one a token
}

func (r *run) UnmarshalJSON(data []byte) error {
	var channel, recipient, contentType, role *string
	fields := []any{&r.n, &channel, &recipient, &contentType, &role, &r.state, &r.deltas}
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	if len(fields) != 7 || r.n != len(r.deltas) {
		return fmt.Errorf("a run of %d fields, %d tokens and %d deltas", len(fields), r.n, len(r.deltas))
	}
	for i, s := range []*string{role, recipient, channel, contentType} {
		if s != nil {
			r.header[i] = *s
		}
	}
	return nil
}

// reading is what a parser made of a stream.
type reading struct {
	messages []map[string]any // complete ones, in the reference's JSON
	headers  [][4]string      // of every content that was streamed
	texts    []string         // the streamed text of each of them
	offered  []int            // bytes streamed in all after each token
	failed   bool

	// Ours only.
	parsed      []encoding.Parsed
	diagnostics []encoding.Diagnostic
	err         error
}

// theirs is the reference's reading of v.
func theirs(v *parseVector) *reading {
	out := &reading{messages: v.Messages, failed: v.Error != nil}
	open, total := false, 0
	for _, r := range v.Runs {
		if r.state != "Content" {
			open = false
			for range r.n {
				out.offered = append(out.offered, total)
			}
			continue
		}
		if !open {
			out.headers, out.texts = append(out.headers, r.header), append(out.texts, "")
			open = true
		}
		for _, d := range r.deltas {
			if d != nil {
				out.texts[len(out.texts)-1] += *d
				total += len(*d)
			}
			out.offered = append(out.offered, total)
		}
	}
	return out
}

// ours is our reading of v. It checks on the way what must hold for any stream: events in order,
// the streamed text equal to the content, no failure unless strict.
func ours(t testing.TB, v *parseVector) *reading {
	p := encoding.GPTOSS().NewParser(v.Role, &encoding.ParseOptions{Strict: v.Strict})
	out := &reading{}
	total := 0
	open := false
	take := func(events []encoding.Event) {
		for _, ev := range events {
			switch ev.Kind {
			case encoding.KindHeader:
				require.False(t, open, "%v: a header in a message", v.source)
				m := ev.Message
				out.headers = append(out.headers, [4]string{string(m.Role), m.Recipient, string(m.Channel), m.ContentType})
				out.texts = append(out.texts, "")
				open = true
			case encoding.KindDelta:
				require.True(t, open, "%v: a delta outside a message", v.source)
				require.NotEmpty(t, ev.Text, "%v: an empty delta", v.source)
				out.texts[len(out.texts)-1] += ev.Text
				total += len(ev.Text)
			case encoding.KindEnd:
				require.True(t, open, "%v: an end outside a message", v.source)
				assert.Equal(t, out.texts[len(out.texts)-1], ev.Message.Text(), "%v: streamed text and content", v.source)
				open = false
			default:
				t.Fatalf("%v: event kind %v", v.source, ev.Kind)
			}
		}
	}
	for _, tok := range v.Tokens {
		events, err := p.Push(tok)
		take(events)
		if err != nil {
			out.err = err
			break
		}
		out.offered = append(out.offered, total)
	}
	if out.err == nil {
		events, _, err := p.Close(encoding.StopUnknown)
		take(events)
		out.err = err
		require.True(t, err != nil || !open, "%v: a message is still open after Close", v.source)
	}
	require.True(t, out.err == nil || v.Strict, "%v: non-strict parsing failed: %v", v.source, out.err)
	out.failed = out.err != nil
	out.parsed, out.diagnostics = p.Messages(), p.Diagnostics()
	for i := range out.parsed {
		out.messages = append(out.messages, toMap(t, out.parsed[i].Message))
	}
	return out
}

// toMap is a message as generic JSON.
func toMap(t testing.TB, m harmony.Message) map[string]any {
	data, err := json.Marshal(m)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

func TestParseVectors(t *testing.T) {
	list := readDifferences(t)
	for _, f := range folders {
		for _, v := range load[parseVector](t, f.path, "parse.jsonl") {
			list.check(t, &v.source, parseDifference(t, v))
		}
	}
}

// parseDifference says how our reading of a stream differs from the reference's; nil where it does
// not. Messages, the header of every streamed content, the streamed text, whether there was an error, and how
// soon text came are compared.
func parseDifference(t testing.TB, v *parseVector) *difference {
	d := &difference{parse: v, theirs: theirs(v), ours: ours(t, v)}
	requireLossless(t, v, d.ours)
	switch {
	case d.theirs.failed != d.ours.failed:
		d.what = fmt.Sprintf("an error on one side only: theirs %s, ours %s", theirError(v), errText(d.ours.err))
	case !assert.ObjectsAreEqual(listOf(d.theirs.messages), listOf(d.ours.messages)):
		d.what = "other messages"
	case !isSubsequence(d.theirs.headers, d.ours.headers):
		d.what = "other headers"
	case !streamsAlike(d.theirs, d.ours):
		d.what = fmt.Sprintf("other streamed text: theirs %q, ours %q", d.theirs.texts, d.ours.texts)
	default:
		return nil
	}
	d.what += fmt.Sprintf(" (strict %v, role %q)\n  stream %s\n  theirs %v\n  ours   %v\n  ours says %v", v.Strict, v.Role, shorten(spell(v.Tokens)), d.theirs.messages, d.ours.messages, d.ours.diagnostics)
	return d
}

func theirError(v *parseVector) string {
	if v.Error == nil {
		return "none"
	}
	return v.Error.Message
}

// listOf makes an absent list and an empty one the same.
func listOf(messages []map[string]any) []map[string]any {
	return append([]map[string]any{}, messages...)
}

func isSubsequence(part, whole [][4]string) bool {
	for _, h := range whole {
		if len(part) > 0 && part[0] == h {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// streamsAlike reports whether what they streamed of each message is what we streamed of it. Messages they give back whole,
// from a header that was never closed, are not in their stream: theirs is a subsequence. A message that an error cuts off
// may have come further with them.
func streamsAlike(theirs, ours *reading) bool {
	rest := theirs.texts
	for _, s := range ours.texts {
		if len(rest) > 0 && rest[0] == s {
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		return false
	}
	for i := range min(len(theirs.offered), len(ours.offered)) {
		if ours.offered[i] < theirs.offered[i] {
			return false
		}
	}
	return true
}
