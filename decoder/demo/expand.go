package demo

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/tokenizer"
)

// rowsPrefix begins the names of the tensors that rows are computed from; all others are the checkpoint's.
const rowsPrefix = "rows."

// tables are the checkpoint's tensors that are computed, in the order of their names.
var tables = []string{"embedding", "unembedding"}

// expand returns the checkpoint: a safetensors file with the tensors of c and the two tables.
func (c *container) expand() ([]byte, error) {
	list := features(tokenizer.O200kHarmony())
	header, at := map[string]tensor{}, int64(0)
	names := slices.Sorted(maps.Keys(c.tensors))
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, rowsPrefix) })
	place := func(name string, t tensor, size int64) {
		t.Offsets = [2]int64{at, at + size}
		header[name], at = t, at+size
	}
	for _, name := range names {
		place(name, c.tensors[name], int64(len(c.bytes(name))))
	}
	rules := make([]*rule, len(tables))
	for i, table := range tables {
		var err error
		if rules[i], err = c.rule(table); err != nil {
			return nil, err
		}
		n := rules[i].hidden
		rules[i].shift(i * n / 2)
		place(table+".weight", tensor{Type: "BF16", Shape: []int{len(list), n}}, int64(len(list)*n*2))
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	text = append(text, strings.Repeat(" ", -len(text)&7)...)
	out := make([]byte, 8+int64(len(text))+at)
	binary.LittleEndian.PutUint64(out, uint64(len(text)))
	body := out[8+copy(out[8:], text):]
	for _, name := range names {
		copy(body[header[name].Offsets[0]:], c.bytes(name))
	}
	for i, table := range tables {
		dst := body[header[table+".weight"].Offsets[0]:]
		rules[i].table(dst, list)
		if err := c.placeCore(dst, table, rules[i].hidden, len(list)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rule returns the rule of a table.
func (c *container) rule(table string) (*rule, error) {
	piece, class := c.tensors[rowsPrefix+table+".piece"], c.tensors[rowsPrefix+table+".class"]
	if len(piece.Shape) != 2 || len(class.Shape) != 2 || piece.Shape[0] != pieceCount || class.Shape[0] != classCount || class.Shape[1] != piece.Shape[1] {
		return nil, fmt.Errorf("rows of the %s: shapes %v and %v", table, piece.Shape, class.Shape)
	}
	r := &rule{hidden: piece.Shape[1]}
	if r.hidden%64 != 0 || r.hidden > maxHidden {
		return nil, fmt.Errorf("rows of %d elements", r.hidden)
	}
	data := c.bytes(rowsPrefix + table + ".piece")
	for j := range r.piece {
		for range r.hidden {
			r.piece[j] = append(r.piece[j], binary.LittleEndian.Uint32(data))
			data = data[4:]
		}
	}
	data = c.bytes(rowsPrefix + table + ".class")
	for range classCount {
		row := make([]float32, r.hidden)
		for i := range row {
			row[i] = math.Float32frombits(binary.LittleEndian.Uint32(data))
			data = data[4:]
		}
		r.class = append(r.class, row)
	}
	return r, nil
}

// shift sets how far the signs of the pieces are rolled, the first by n.
func (r *rule) shift(n int) {
	for j := range r.roll {
		r.roll[j] = (n + j*(r.hidden*3/4)) % r.hidden
	}
}

// placeCore writes the rows that are not computed.
func (c *container) placeCore(dst []byte, table string, hidden, vocabulary int) error {
	ids, rows := c.bytes(rowsPrefix+"core"), c.bytes(rowsPrefix+table+".core")
	if len(rows) != len(ids)/4*hidden*2 {
		return fmt.Errorf("%d rows of the %s in %d bytes", len(ids)/4, table, len(rows))
	}
	for ; len(ids) > 0; ids, rows = ids[4:], rows[hidden*2:] {
		id := binary.LittleEndian.Uint32(ids)
		if id >= uint32(vocabulary) {
			return fmt.Errorf("a row of id %d", id)
		}
		copy(dst[int(id)*hidden*2:], rows[:hidden*2])
	}
	return nil
}
