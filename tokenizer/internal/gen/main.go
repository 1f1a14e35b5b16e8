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
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	merges, err := packMerges()
	if err != nil {
		return err
	}
	classes, err := classTable(filepath.Join(dir, "internal", "gen", "unicode_classes.json"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "o200k_base.merges"), merges, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "class_table.go"), classes, 0o644)
}
