package main

import (
	"bufio"
	"encoding/json"
	"io"
)

// What is measured, as README describes it under "Drivers": one line of JSON each. Times are nanoseconds, memory is bytes.

// An opening is the first line.
type opening struct {
	Engine      string `json:"engine"`
	Settings    string `json:"settings"`
	Setup       int64  `json:"setup"`        // CPU time of what is prepared once for the vocabulary
	SetupMemory int64  `json:"setup_memory"` // resident memory it takes
	Clock       int64  `json:"clock"`        // what two readings of the clock find between them
	Call        int64  `json:"call"`         // an empty call, where a language lies between the clock and the engine
}

// A result is the line of one schema.
type result struct {
	ID         string `json:"id"`
	Refused    string `json:"refused,omitempty"`
	Parse      int64  `json:"parse"`       // reading the schema's text
	Compile    int64  `json:"compile"`     // from the text to a grammar
	CompileAll int64  `json:"compile_all"` // the same, of all threads
	First      int64  `json:"first"`       // from the text to the first mask, of all threads
	Tests      []walk `json:"tests"`
	Again      []walk `json:"again"` // the same instances a second time, on the same grammar

	keyword string // because of which it was refused
}

// A walk is what an instance took: a mask and the acceptance of every token, up to where it was refused.
type walk struct {
	Accepted bool    `json:"accepted"`
	Mask     []int64 `json:"mask"`
	Accept   []int64 `json:"accept"`
	offset   int     // where it ended
}

// An ending is the last line.
type ending struct {
	PeakMemory int64 `json:"peak_memory"`
	Thread     int64 `json:"thread"`
	Process    int64 `json:"process"`
}

// writeResults writes the lines.
func writeResults(w io.Writer, first *opening, results []result, last *ending) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	if err := e.Encode(first); err != nil {
		return err
	}
	for i := range results {
		if err := e.Encode(&results[i]); err != nil {
			return err
		}
	}
	if err := e.Encode(last); err != nil {
		return err
	}
	return out.Flush()
}
