package constrain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/schema/internal/suite"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A verdict is what becomes of a test: its instance is decided rightly in every spelling, a valid one is not accepted in one, an
// invalid one is accepted in one, or there is no grammar.
type verdict struct {
	outcome string
	reason  string
}

func judge(t testing.TB, row *suite.Test) verdict {
	doc, err := schema.Parse(row.Dialect())
	require.NoError(t, err)
	g, err := constrain.Compile(doc, &constrain.Options{IgnoreFormat: !strings.HasPrefix(row.File, "optional/format")})
	if err != nil {
		var u *constrain.UnsupportedError
		require.True(t, errors.As(err, &u), "%v", err)
		return verdict{"refused", u.Keyword + ": " + u.Reason}
	}
	v := verdict{outcome: "right"}
	for _, text := range spellings(row.Data) {
		for _, toks := range [][]tokenizer.Token{tokenizer.O200kHarmony().Encode(text), byByte(text)} {
			switch got := walk(t, g, toks); {
			case got && !row.Valid:
				v.outcome = "unsound"
			case !got && row.Valid && v.outcome == "right":
				v.outcome = "over"
			}
		}
	}
	return v
}

// expectedSuite are the numbers of tests of the suite, commit 44401e0c, by draft and part: right, over, unsound, refused.
var expectedSuite = map[string]map[string]int{
	"draft2020-12 core":     {"right": 1189, "over": 1, "unsound": 0, "refused": 109},
	"draft2020-12 optional": {"right": 144, "over": 0, "unsound": 0, "refused": 14},
	"draft2020-12 format":   {"right": 618, "over": 15, "unsound": 0, "refused": 135},
	"draft7 core":           {"right": 866, "over": 0, "unsound": 0, "refused": 61},
	"draft7 optional":       {"right": 109, "over": 0, "unsound": 4, "refused": 5},
	"draft7 format":         {"right": 527, "over": 15, "unsound": 0, "refused": 134},
}

// knownWrong are the parts of the suite that are not decided as it has them, by file: host names with an A-label are not accepted,
// because whether one is well-formed is no matter of a finite automaton; the form of encoded contents is not checked, as JSON Schema
// has it from 2019-09 on; and a meta-schema without the vocabulary of validation is not looked up.
var knownWrong = []string{"optional/format/hostname.json", "optional/content.json", "vocabulary.json"}

func TestSuite(t *testing.T) {
	sums, refused := map[string]map[string]int{}, map[string]int{}
	for _, row := range suite.Tests(t) {
		part := row.Draft + " core"
		if strings.HasPrefix(row.File, "optional/format") {
			part = row.Draft + " format"
		} else if strings.HasPrefix(row.File, "optional/") {
			part = row.Draft + " optional"
		}
		if sums[part] == nil {
			sums[part] = map[string]int{"right": 0, "over": 0, "unsound": 0, "refused": 0}
		}
		v := judge(t, &row)
		sums[part][v.outcome]++
		switch {
		case v.outcome == "refused":
			refused[row.Draft+" "+row.File+" "+v.reason]++
		case v.outcome != "right" && !slices.Contains(knownWrong, row.File):
			t.Errorf("%s: %s, %s, %s: %s for %s", v.outcome, row.File, row.Group, row.Test, row.Data, row.Schema)
		}
	}
	assert.Equal(t, expectedSuite, sums)
	for reason, n := range refused {
		t.Logf("refused %d: %s", n, reason)
	}
}

// spellings are a JSON text without white space, with single spaces, and indented.
func spellings(data []byte) []string {
	var compact, spaced, indented bytes.Buffer
	_ = json.Compact(&compact, data)
	_ = json.Indent(&indented, data, "", "  ")
	text := compact.Bytes()
	for i, c := range text {
		spaced.WriteByte(c)
		if (c == ',' || c == ':') && !insideString(text[:i]) {
			spaced.WriteByte(' ')
		}
	}
	return []string{compact.String(), spaced.String(), indented.String()}
}
