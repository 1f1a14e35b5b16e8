package tokenizer

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestSpecialTokens compares with the table recorded from openai-harmony 0.0.8.
func TestSpecialTokens(t *testing.T) {
	data, err := os.ReadFile("testdata/special_tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]Token
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	tk := O200kHarmony()
	if len(table) != 1091 || tk.Size() != 201089 {
		t.Fatalf("%d special tokens of %d ids", len(table), tk.Size())
	}
	for spelling, id := range table {
		if got, ok := tk.Special(spelling); !ok || got != id {
			t.Errorf("special %q: got %d, want %d", spelling, got, id)
		}
		if got, ok := tk.TokenString(id); !ok || got != spelling || !tk.IsSpecial(id) {
			t.Errorf("token %d: got %q, want %q", id, got, spelling)
		}
		if got := tk.EncodeSpecial("a" + spelling + "b"); !slices.Equal(got, []Token{64, id, 65}) {
			t.Errorf("encode special %q: got %v", spelling, got)
		}
		if got := tk.Encode(spelling); len(got) < 3 || slices.ContainsFunc(got, tk.IsSpecial) {
			t.Errorf("encode %q: got %v, want ordinary tokens", spelling, got)
		}
	}
	for id := range Token(harmonyOrdinary) {
		if tk.IsSpecial(id) {
			t.Fatalf("token %d is special", id)
		}
	}
	for id, name := range map[Token]string{StartOfText: "startoftext", EndOfText: "endoftext", Return: "return", Constrain: "constrain",
		Channel: "channel", Start: "start", End: "end", Message: "message", Call: "call", 200018: "reserved_200018", 201088: "reserved_201088"} {
		if table["<|"+name+"|>"] != id {
			t.Errorf("<|%s|>: got %d, want %d", name, id, table["<|"+name+"|>"])
		}
	}
	if _, ok := tk.Special("<|endofprompt|>"); ok {
		t.Error("<|endofprompt|> is special")
	}
}

func TestEncodeSpecial(t *testing.T) {
	tk := O200kHarmony()
	join := func(parts ...any) (toks []Token) {
		for _, p := range parts {
			switch p := p.(type) {
			case Token:
				toks = append(toks, p)
			case string:
				toks = append(toks, tk.Encode(p)...)
			}
		}
		return toks
	}
	for _, c := range []struct {
		text string
		only []Token
		want []Token
	}{
		{"", nil, nil},
		{"<|end|>", nil, []Token{End}},
		{"<|end|><|start|>", nil, []Token{End, Start}},
		{"a  <|end|>", nil, join("a  ", End)}, // the two spaces end the text before the special token
		{"a  <|end|>b", []Token{Start}, join("a  <|end|>b")},
		{"x<|start|>y<|end|>z", []Token{End}, join("x<|start|>y", End, "z")},
		{"<|<|end|>|>", nil, join("<|", End, "|>")},
		{"<|end|", nil, join("<|end|")},
		{"<|END|>", nil, join("<|END|>")},
		{"<|endofprompt|>", nil, join("<|endofprompt|>")},
		{"<|reserved_201088|><|reserved_201089|>", nil, join(Token(201088), "<|reserved_201089|>")},
		{"\xff<|call|>\xff", nil, join("\xff", Call, "\xff")},
		{"<|start|>x", []Token{13225}, join("<|start|>x")}, // not a special token: nothing is
		{strings.Repeat("<|", 1000) + "<|end|>", nil, join(strings.Repeat("<|", 1000), End)},
	} {
		if got := tk.EncodeSpecial(c.text, c.only...); !slices.Equal(got, c.want) {
			t.Errorf("encode special %q only %v: got %s, want %s", c.text, c.only, show(tk, got), show(tk, c.want))
		}
	}
}

// TestSpecialOverlap: of two spellings that begin at one place the longer one wins, unless it does not count.
func TestSpecialOverlap(t *testing.T) {
	tk, err := Load(strings.NewReader(byteRanks()), `[^ ]+| `, map[string]Token{"[A]": 300, "[A][B]": 301, "xx": 400, "x": 401})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		only []Token
		want []Token
	}{
		{"[A][B][A]", nil, []Token{301, 300}},
		{"[A][B]", []Token{300}, []Token{300, '[', 'B', ']'}},
		{"xxx", nil, []Token{400, 401}},
		{"xxx", []Token{401}, []Token{401, 401, 401}},
		{"axb", nil, []Token{'a', 401, 'b'}},
	} {
		if got := tk.EncodeSpecial(c.text, c.only...); !slices.Equal(got, c.want) {
			t.Errorf("encode special %q only %v: got %v, want %v", c.text, c.only, got, c.want)
		}
	}
	if tk.IsSpecial(302) || !tk.IsSpecial(301) || tk.Size() != 402 {
		t.Errorf("special tokens of a loaded vocabulary: size %d", tk.Size())
	}
	if _, ok := tk.TokenString(350); ok {
		t.Error("an id in a gap has a string")
	}
}
