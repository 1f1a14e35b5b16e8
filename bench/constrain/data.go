package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/harmony-go/sdk/tokenizer"
)

// own are schemas as programs declare them for tools and answers, written for this benchmark, in the form that read takes.
//
//go:embed testdata/schemas.jsonl
var own []byte

// A row is one schema of a data file.
type row struct {
	ID     string          `json:"id"`
	Schema json.RawMessage `json:"schema"`
	Tests  []test          `json:"tests"`
}

// A test is an instance. A file that leaves out its tokens gets those of the tokenizer.
type test struct {
	Valid bool              `json:"valid"`
	Text  string            `json:"text"`
	IDs   []tokenizer.Token `json:"ids"`
}

// load reads the file at path, or the schemas of this benchmark if path is empty.
func load(path string) ([]row, error) {
	if path == "" {
		return read(bytes.NewReader(own))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	rows, err := read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// read reads one row a line. What it returns can be measured: every row has a schema, every test has tokens, and they spell its text.
func read(in io.Reader) ([]row, error) {
	var rows []row
	seen := map[string]bool{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<28)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := r.complete(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if seen[r.ID] {
			return nil, fmt.Errorf("line %d: schema %q: a second one of this name", n, r.ID)
		}
		seen[r.ID] = true
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("no schema")
	}
	return rows, nil
}

func (r *row) complete() error {
	if len(r.Schema) == 0 {
		return fmt.Errorf("schema %q: no schema", r.ID)
	}
	t := tokenizer.O200kHarmony()
	for i := range r.Tests {
		test := &r.Tests[i]
		if test.IDs == nil {
			test.IDs = t.Encode(test.Text)
		}
		text, err := t.Decode(test.IDs)
		if err != nil {
			return fmt.Errorf("schema %q, instance %d: %w", r.ID, i, err)
		}
		if text != test.Text {
			return fmt.Errorf("schema %q, instance %d: expected tokens of the text, found those of %.80q", r.ID, i, text)
		}
	}
	return nil
}

// export writes rows with their tokens, for programs that have no tokenizer.
func export(w io.Writer, rows []row) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for i := range rows {
		if err := e.Encode(&rows[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}
