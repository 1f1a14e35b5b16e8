package main

import (
	"encoding/json"
	"testing"
)

// TestModelOfProgram: without a path it is the model that is part of the program.
func TestModelOfProgram(t *testing.T) {
	got := runHarmony(t, "", "model", "--json")
	var d description
	if err := json.Unmarshal([]byte(got.stdout), &d); err != nil || got.status != 0 || d.Path != demoName || d.Config.Vocabulary != 201088 {
		t.Fatalf("%v %+v", err, got)
	}
}
