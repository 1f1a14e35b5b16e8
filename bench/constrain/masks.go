package main

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// maskStates is how many states of a schema's first valid instance are written.
const maskStates = 24

// writeMasks writes the first masks on the way through the first valid instance of each schema: index of the schema and number of
// tokens before, 32 bits each, then a bit for each id; little-endian.
func writeMasks(w io.Writer, rows []row, opts *constrain.Options) error {
	out := bufio.NewWriter(w)
	mask := make([]uint64, constrain.MaskWords)
	for i := range rows {
		doc, err := schema.Parse(rows[i].Schema)
		if err != nil {
			continue
		}
		g, err := constrain.Compile(doc, opts)
		if err != nil {
			continue
		}
		if err := writeSchemaMasks(out, i, &rows[i], g.NewMatcher(), mask); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeSchemaMasks(w io.Writer, at int, r *row, m *constrain.Matcher, mask []uint64) error {
	for _, t := range r.Tests {
		if !t.Valid {
			continue
		}
		for step, tok := range t.IDs[:min(len(t.IDs), maskStates)] {
			m.Mask(mask)
			if err := binary.Write(w, binary.LittleEndian, [2]uint32{uint32(at), uint32(step)}); err != nil {
				return err
			}
			if err := binary.Write(w, binary.LittleEndian, mask); err != nil {
				return err
			}
			if m.Accept(tok) != nil {
				break
			}
		}
		break
	}
	return nil
}
