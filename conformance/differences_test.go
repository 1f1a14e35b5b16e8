package conformance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file of deliberate differences: written by -update, read by the tests, by run.py and by people.
const differencesFile = "differences.txt"

var update = flag.Bool("update", false, "write "+differencesFile+" again")

const differencesHead = `# Deliberate differences from the reference, and why.
#
# Each class has a reason and the vectors it covers, by file and id (the first 12 hex digits of the SHA-256 of the line). The
# tests execute this list: a vector that differs and is not listed fails, one that is listed and does not differ fails, and so does
# one that its class (classes_test.go says exactly what each allows) does not explain.
# Written by: go test ./conformance -run Differences -update
`

// A difference is one vector that we answer otherwise than the reference.
type difference struct {
	what string // for people

	profile encoding.Profile

	render *renderVector // a rendering: ours
	got    []encoding.Token
	err    error

	parse        *parseVector // a parse: both readings
	theirs, ours *reading
}

// A class is a kind of difference that is meant, and why.
type class struct {
	name   string
	reason string
	// holds reports whether d is of this class, in full: nothing about it may be left unexplained.
	holds func(d *difference) bool
}

// classify returns the first class that explains d; nil where none does.
func classify(d *difference) *class {
	for i := range classes {
		if classes[i].holds(d) {
			return &classes[i]
		}
	}
	return nil
}

// list is the content of differences.txt: the class of each listed vector by "file id".
type list map[string]string

func key(s *source) string { return s.file + " " + s.id }

func readDifferences(t *testing.T) list {
	data, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	out, name := list{}, ""
	for n, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"), strings.HasPrefix(line, "    "):
		case strings.HasPrefix(line, "  "):
			require.NotEmpty(t, name, "%s:%d", differencesFile, n+1)
			out[strings.TrimSpace(line)] = name
		default:
			name, _, _ = strings.Cut(line, ":")
		}
	}
	return out
}

// check holds one vector to the list: d is how we differ there, nil where we do not.
func (l list) check(t *testing.T, s *source, d *difference) {
	listed, ok := l[key(s)]
	switch {
	case d == nil && ok:
		t.Errorf("%v is listed as %s and no longer differs: go test -run Differences -update", s, listed)
	case d == nil:
	case !ok:
		t.Errorf("%v differs and is not listed: %s", s, d.what)
	default:
		c := classify(d)
		if c == nil {
			t.Errorf("%v is listed as %s, which does not explain it: %s", s, listed, d.what)
		} else if c.name != listed {
			t.Errorf("%v is listed as %s and is of class %s: go test -run Differences -update", s, listed, c.name)
		}
	}
}

// TestDifferences holds differences.txt to what the vectors show: every class is used, every
// listed vector exists, every count is true. With -update it writes the file.
func TestDifferences(t *testing.T) {
	found := map[string][]string{}
	for _, f := range folders {
		for s, d := range differencesOf(t, f.path, f.profile) {
			c := classify(d)
			if !assert.NotNil(t, c, "%v: no class explains: %s", s, d.what) {
				continue
			}
			found[c.name] = append(found[c.name], key(s))
		}
	}
	if t.Failed() {
		return
	}
	want := formatDifferences(t, found)
	if *update {
		require.NoError(t, os.WriteFile(differencesFile, []byte(want), 0o666))
	}
	got, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "%s is not what the vectors show", differencesFile)
}

// differencesOf runs all vectors of a folder.
func differencesOf(t *testing.T, folder string, profile encoding.Profile) map[*source]*difference {
	out := map[*source]*difference{}
	for _, v := range load[renderVector](t, folder, "render.jsonl") {
		if d := renderDifference(v, profile); d != nil {
			out[&v.source] = d
		}
	}
	for _, v := range load[parseVector](t, folder, "parse.jsonl") {
		if d := parseDifference(t, v); d != nil {
			d.profile = profile
			out[&v.source] = d
		}
	}
	return out
}

func formatDifferences(t *testing.T, found map[string][]string) string {
	var b strings.Builder
	b.WriteString(differencesHead)
	total := 0
	for i := range classes {
		keys := found[classes[i].name]
		require.NotEmpty(t, keys, "class %s explains nothing: remove it", classes[i].name)
		slices.Sort(keys)
		keys = slices.Compact(keys)
		total += len(keys)
		fmt.Fprintf(&b, "\n%s: %d vectors\n%s\n", classes[i].name, len(keys), wrap(classes[i].reason, "    ", 130))
		for _, k := range keys {
			fmt.Fprintf(&b, "  %s\n", k)
		}
	}
	fmt.Fprintf(&b, "\n# %d vectors in all\n", total)
	return b.String()
}

// wrap breaks text into lines of at most width bytes, each after indent.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != indent {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return b.String() + line
}

// live returns the folders below dir that hold vectors of a wheel, with their profiles.
func live(t *testing.T, dir string) map[string]encoding.Profile {
	out := map[string]encoding.Profile{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		profile, err := encoding.ParseProfile(e.Name())
		require.NoError(t, err, "a folder of %s must have the name of a wheel", dir)
		out[filepath.Join(dir, e.Name())] = profile
	}
	require.NotEmpty(t, out, "no vectors in %s", dir)
	return out
}
