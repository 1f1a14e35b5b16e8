// Command gen writes what the tokenizer embeds: the merges of o200k_base in packed form, and the table of character
// classes that the scanner reads. Run it by go generate in the folder of package tokenizer; it is deterministic.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "folder of package tokenizer")
	out := flag.String("out", "", "folder to write to, if it is another one")
	flag.Parse()
	if *out == "" {
		out = dir
	}
	if err := run(*dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dir, out string) error {
	merges, err := packMerges()
	if err != nil {
		return err
	}
	classes, err := classTable(filepath.Join(dir, "internal", "gen", "unicode_classes.json"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "o200k_base.merges"), merges, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "class_table.go"), classes, 0o644)
}
