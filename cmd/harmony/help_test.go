package main

import (
	"strings"
	"testing"
)

// TestHelp: every help text fits into 80 columns, and the overview has every command.
func TestHelp(t *testing.T) {
	texts := map[string]string{"help": mainUsage, "jsonl": jsonlUsage}
	for _, c := range commands() {
		texts[c.name] = c.usage
		if c.summary == "" || !strings.Contains(mainUsage, c.summary) {
			t.Errorf("the overview does not say of %s: %q", c.name, c.summary)
		}
	}
	for name, text := range texts {
		for line := range strings.Lines(text) {
			if w := textWidth(strings.TrimSuffix(line, "\n")); w >= 80 {
				t.Errorf("help %s: a line of %d columns: %s", name, w, line)
			}
		}
	}
}
