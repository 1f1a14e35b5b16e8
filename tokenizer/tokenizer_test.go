package tokenizer

import "testing"
import "os"
import "bufio"
import "encoding/json"
import "slices"

func TestVectors(t *testing.T) {
	f, err := os.Open("/work/shared/vectors/tokenizer.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	tk := O200kHarmony()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	n := 0
	for sc.Scan() {
		var c struct {
			Kind, Text string
			Tokens     []Token
			Allowed    string `json:"allowed_special"`
		}
		json.Unmarshal(sc.Bytes(), &c)
		var got []Token
		if c.Allowed == "all" {
			got = tk.EncodeSpecial(c.Text)
		} else {
			got = tk.Encode(c.Text)
		}
		if !slices.Equal(got, c.Tokens) {
			t.Errorf("%s %q: %v want %v", c.Kind, c.Text, got, c.Tokens)
		}
		n++
	}
	t.Log(n)
}
