package conformance

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	module      = "github.com/harmony-go/sdk"
	importsFile = "testdata/imports.txt"
)

// rule is a line of imports.txt.
type rule struct {
	own     []string // packages of this module it may import; "public" is all that are not internal
	foreign []string // import paths outside the standard library
	library bool     // no network, no processes, no clock
}

// goFile is one Go file of the module: all of them are read, whatever system they are built for.
type goFile struct {
	name string // slash-separated, below the module's root
	test bool
	ast  *ast.File
}

// TestImports holds the import graph to testdata/imports.txt.
func TestImports(t *testing.T) {
	rules := readRules(t)
	files := moduleFiles(t)
	require.Greater(t, len(files), 40, "the module's files were not found")
	missing := map[string]bool{}
	for _, f := range files {
		name := path.Dir(f.name)
		r := ruleOf(rules, name)
		if r == nil {
			missing[name] = true
			continue
		}
		checkFile(t, f, name, r, rules["(tests)"])
	}
	assert.Empty(t, missing, "packages without a line in %s", importsFile)
}

func checkFile(t *testing.T, f goFile, name string, r, tests *rule) {
	for _, imported := range f.ast.Imports {
		p, err := strconv.Unquote(imported.Path.Value)
		require.NoError(t, err)
		own, inModule := strings.CutPrefix(p, module+"/")
		switch {
		case inModule:
			allowed := f.test || own == name || permits(r.own, own)
			assert.True(t, allowed, "%s imports %s, which %s may not", f.name, own, name)
		case strings.Contains(strings.SplitN(p, "/", 2)[0], "."):
			allowed := permits(r.foreign, p) || f.test && permits(tests.foreign, p)
			assert.True(t, allowed, "%s imports %s, which %s may not", f.name, p, name)
		case r.library && !f.test:
			banned := p == "net" || strings.HasPrefix(p, "net/") || p == "os/exec" || p == "plugin" || p == "C"
			assert.False(t, banned, "%s imports %s: a library package has no network and starts no process", f.name, p)
		}
	}
	if r.library && !f.test {
		assert.False(t, readsClock(f.ast), "%s reads the clock: a library package is given the time", f.name)
	}
}

// permits reports whether p is one of the patterns: itself, below "…/*", or public.
func permits(patterns []string, p string) bool {
	for _, pattern := range patterns {
		prefix, wild := strings.CutSuffix(pattern, "/*")
		public := pattern == "public" && !strings.Contains("/"+p+"/", "/internal/")
		if p == pattern || public || wild && strings.HasPrefix(p, prefix+"/") {
			return true
		}
	}
	return false
}

// ruleOf is the line of a package: its own, else that of the nearest "…/*" above it.
func ruleOf(rules map[string]*rule, name string) *rule {
	if r := rules[name]; r != nil {
		return r
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if r := rules[dir+"/*"]; r != nil {
			return r
		}
	}
	return nil
}

// readsClock reports whether a file calls time.Now, time.Since or a timer.
func readsClock(f *ast.File) bool {
	clock := map[string]bool{"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "Tick": true, "NewTimer": true, "NewTicker": true, "AfterFunc": true}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && x.Obj == nil && clock[s.Sel.Name] {
				found = true
			}
		}
		return !found
	})
	return found
}

// readRules reads imports.txt: a package a line, its sort, what of this module and what from outside it may import.
func readRules(t *testing.T) map[string]*rule {
	file, err := os.Open(importsFile)
	require.NoError(t, err)
	defer file.Close()
	out := map[string]*rule{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		columns := strings.Split(line, "|")
		if strings.TrimSpace(line) == "" {
			continue
		}
		require.Len(t, columns, 4, "%s: %q", importsFile, lines.Text())
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		require.Contains(t, []string{"library", "client"}, columns[1], "%s: %q", importsFile, lines.Text())
		out[columns[0]] = &rule{own: strings.Fields(columns[2]), foreign: strings.Fields(columns[3]), library: columns[1] == "library"}
	}
	require.NoError(t, lines.Err())
	require.NotNil(t, out["(tests)"], "%s has no line (tests)", importsFile)
	return out
}

// moduleFiles parses the import clauses and bodies of every Go file of the module.
func moduleFiles(t *testing.T) []goFile {
	root := ".."
	var out []goFile
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipDir(root, p, d.Name())
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		out = append(out, goFile{name: filepath.ToSlash(rel), test: strings.HasSuffix(p, "_test.go"), ast: parsed})
		return err
	})
	require.NoError(t, err)
	return out
}

// skipDir leaves out what the go command leaves out: test data, hidden folders, nested modules.
func skipDir(root, p, name string) error {
	if p == root {
		return nil
	}
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}
