package constrain_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/internal/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

type suiteLine struct {
	Draft  string          `json:"draft"`
	File   string          `json:"file"`
	Group  string          `json:"group"`
	Test   string          `json:"test"`
	Schema json.RawMessage `json:"schema"`
	Data   json.RawMessage `json:"data"`
	Valid  bool            `json:"valid"`
}

func TestSuite(t *testing.T) {
	f, err := os.Open(os.Getenv("HARMONY_JSON_SCHEMA_TEST_SUITE"))
	if err != nil {
		t.Skip(err)
	}
	z, _ := gzip.NewReader(f)
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<26)
	tk := tokenizer.O200kHarmony()
	type tally struct{ right, over, unsound, refused int }
	sums := map[string]*tally{}
	reasons := map[string]int{}
	filter := os.Getenv("SUITE")
	for sc.Scan() {
		var l suiteLine
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		kind := l.Draft + " core"
		if strings.HasPrefix(l.File, "optional/format") {
			kind = l.Draft + " format"
		} else if strings.HasPrefix(l.File, "optional/") {
			kind = l.Draft + " optional"
		}
		if filter != "" && !strings.Contains(l.Draft+" "+l.File, filter) {
			continue
		}
		if sums[kind] == nil {
			sums[kind] = &tally{}
		}
		s := sums[kind]
		doc, err := schema.Parse(l.Schema)
		if err != nil {
			s.refused++
			continue
		}
		g, err := constrain.Compile(doc, &constrain.Options{IgnoreFormat: !strings.HasPrefix(l.File, "optional/format") && os.Getenv("ASSERT") == ""})
		if err != nil {
			s.refused++
			var u *constrain.UnsupportedError
			errors.As(err, &u)
			reasons[kind+" "+u.Keyword+": "+u.Reason]++
			if filter != "" {
				fmt.Println("REFUSED", l.File, l.Group, err)
			}
			continue
		}
		verdict := "right"
		for _, text := range spellings(l.Data) {
			for _, toks := range [][]tokenizer.Token{tk.Encode(text), byByte(text)} {
				if got := walk(t, g, toks); got != l.Valid {
					if got {
						verdict = "unsound"
					} else if verdict == "right" {
						verdict = "over"
					}
				}
			}
		}
		switch verdict {
		case "right":
			s.right++
		case "over":
			s.over++
		case "unsound":
			s.unsound++
		}
		if verdict != "right" {
			fmt.Println(verdict, kind, l.File, "|", l.Group, "|", l.Test, "|", string(l.Schema), "|", string(l.Data))
		}
	}
	for k, s := range sums {
		fmt.Printf("%s: right %d over %d unsound %d refused %d\n", k, s.right, s.over, s.unsound, s.refused)
	}
	var list []string
	for r, n := range reasons {
		list = append(list, fmt.Sprintf("%4d %s", n, r))
	}
	sort.Sort(sort.Reverse(sort.StringSlice(list)))
	fmt.Println(strings.Join(list, "\n"))
}

func spellings(data []byte) []string {
	var compact, spaced, indented bytes.Buffer
	json.Compact(&compact, data)
	json.Indent(&indented, data, "", "  ")
	inString := false
	for i, c := range compact.Bytes() {
		spaced.WriteByte(c)
		if c == '"' {
			n := 0
			for j := i - 1; j >= 0 && compact.Bytes()[j] == '\\'; j-- {
				n++
			}
			if n%2 == 0 {
				inString = !inString
			}
		}
		if !inString && (c == ',' || c == ':') {
			spaced.WriteByte(' ')
		}
	}
	return []string{compact.String(), spaced.String(), indented.String()}
}
