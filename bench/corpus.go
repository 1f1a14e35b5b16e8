package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is one file of the corpus.
type text struct {
	Kind   string `json:"kind"`
	Source string `json:"source"`
	Bytes  int    `json:"bytes"`
	path   string
	data   []byte
	cuts   []int // see cutPoints
}

var kinds = []string{"english", "code", "multilingual", "json"}

// size of a made text, and of every text of a quick run.
const (
	madeSize  = 2 << 20
	quickSize = 100 << 10
)

// loadCorpus reads the texts of -corpus, or makes them from what is on the machine.
func (b *bench) loadCorpus() error {
	for _, kind := range kinds {
		data, source, err := b.corpusText(kind)
		if err != nil {
			b.skip(kind+" text", err)
			continue
		}
		if b.quick {
			data = cutAt(data, quickSize)
		}
		if !utf8.Valid(data) {
			return fmt.Errorf("the %s text is not valid UTF-8: Python and Rust could not read it", kind)
		}
		path := filepath.Join(b.temp, kind+".txt")
		if err = os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
		b.texts = append(b.texts, text{kind, source, len(data), path, data, cutPoints(data, 40_000)})
	}
	if len(b.texts) == 0 {
		return fmt.Errorf("no text to measure with")
	}
	return nil
}

func (b *bench) corpusText(kind string) (data []byte, source string, err error) {
	if b.corpus != "" {
		data, err = os.ReadFile(filepath.Join(b.corpus, kind+".txt"))
		return data, "the folder given by -corpus", err
	}
	goroot, err := output(b.root, "go", "env", "GOROOT")
	if err != nil {
		return nil, "", err
	}
	switch kind {
	case "english":
		return english(goroot)
	case "code":
		data, err = gather(filepath.Join(goroot, "src"), madeSize, func(name string) bool {
			return strings.HasSuffix(name, ".go") && !strings.Contains(name, "testdata")
		}, 64<<10)
		return data, "Go's standard library", err
	case "json":
		return b.jsonText(goroot)
	}
	return b.translations()
}

// english is a book and the prose of the standard library's package comments.
func english(goroot string) ([]byte, string, error) {
	book, err := os.ReadFile(filepath.Join(goroot, "src/testdata/Isaac.Newton-Opticks.txt"))
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	out.Write(book)
	err = filepath.WalkDir(filepath.Join(goroot, "src"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || out.Len() > madeSize || !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") {
			return err
		}
		appendProse(&out, name)
		return nil
	})
	return cutAt(out.Bytes(), madeSize), "Newton's Opticks (Go's test data) and the doc comments of Go's standard library", err
}

// appendProse appends the doc comments of a Go file as plain text. A file that does not parse has none.
func appendProse(out *bytes.Buffer, name string) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		return
	}
	var p comment.Parser
	var pr comment.Printer
	write := func(g *ast.CommentGroup) {
		if s := g.Text(); len(s) > 80 {
			out.Write(pr.Text(p.Parse(s)))
			out.WriteByte('\n')
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			write(d.Doc)
		case *ast.GenDecl:
			write(d.Doc)
		}
	}
}

// jsonText is the JSON files in Go's tree and what go list says about the standard library.
func (b *bench) jsonText(goroot string) ([]byte, string, error) {
	data, err := gather(filepath.Join(goroot, "src"), madeSize, func(name string) bool {
		return strings.HasSuffix(name, ".json")
	}, 1<<20)
	if err != nil {
		return nil, "", err
	}
	list, err := output(b.root, "go", "list", "-json", "std")
	data = cutAt(append(data, list...), madeSize)
	return data, "the JSON files in Go's tree and go list -json std", err
}

// translations is the messages in the gettext files of a Python package, all its languages in turn.
func (b *bench) translations() ([]byte, string, error) {
	if b.python == "" {
		return nil, "", fmt.Errorf("it comes from a Python package and there is no Python")
	}
	if err := pip(b.python, filepath.Join(b.root, "bench/py/corpus-requirements.txt")); err != nil {
		return nil, "", err
	}
	where, err := output("", b.python, "-c", "import django, os; print(os.path.dirname(django.__file__), django.__version__)")
	if err != nil {
		return nil, "", err
	}
	dir, version, _ := strings.Cut(where, " ")
	files, err := filepath.Glob(filepath.Join(dir, "conf/locale/*/LC_MESSAGES/django.po"))
	if err != nil || len(files) == 0 {
		return nil, "", fmt.Errorf("no translations in %s", dir)
	}
	var out bytes.Buffer
	for _, name := range files {
		po, err := os.ReadFile(name)
		if err != nil {
			return nil, "", err
		}
		appendMessages(&out, po)
	}
	source := fmt.Sprintf("the translations in Django %s's wheel (%d languages)", version, len(files))
	return cutAt(out.Bytes(), madeSize), source, nil
}

// appendMessages appends the translated strings of a .po file, a line each.
func appendMessages(out *bytes.Buffer, po []byte) {
	in := false
	for line := range strings.Lines(string(po)) {
		line = strings.TrimSpace(line)
		if i := strings.IndexByte(line, '"'); i > 0 {
			in = strings.HasPrefix(line, "msgstr")
			line = line[i:]
		}
		if in && len(line) > 2 && line[0] == '"' {
			out.WriteString(strings.NewReplacer(`\n`, "\n", `\"`, `"`).Replace(strings.Trim(line, `"`)))
			out.WriteByte('\n')
		}
	}
}

// gather joins the files under dir that match, each cut to at most each bytes, in an order that
// mixes the folders and is the same everywhere, up to size bytes.
func gather(dir string, size int, match func(string) bool, each int) ([]byte, error) {
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && match(filepath.ToSlash(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sort.SliceStable(names, func(i, j int) bool { return filepath.Base(names[i]) < filepath.Base(names[j]) })
	var out []byte
	for _, name := range names {
		if len(out) >= size {
			break
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if utf8.Valid(data) {
			out = append(out, cutAt(data, each)...)
		}
	}
	return cutAt(out, size), nil
}

// cutAt shortens data to at most n bytes, at the end of a line.
func cutAt(data []byte, n int) []byte {
	if len(data) <= n {
		return data
	}
	return data[:bytes.LastIndexByte(data[:n], '\n')+1]
}

// cutPoints returns offsets, about step bytes apart, at which the text can be cut without changing
// its tokens: after the last line feed of some white space. Every piece of the pattern that takes line
// feeds ends there, unless a slash follows.
func cutPoints(data []byte, step int) []int {
	var cuts []int
	for next := step; next < len(data); next++ {
		if data[next-1] == '\n' && data[next] != '/' && startsLine(data[next:]) {
			cuts = append(cuts, next)
			next += step
		}
	}
	return cuts
}

// startsLine reports whether something other than white space follows, after spaces and tabs only.
func startsLine(data []byte) bool {
	r, _ := utf8.DecodeRune(bytes.TrimLeft(data, " \t"))
	return r != utf8.RuneError && !unicode.IsSpace(r)
}
