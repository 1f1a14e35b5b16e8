package checkpoint

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/harmony-go/sdk/internal/kernel"
)

const (
	ggufMagic     = "GGUF"
	ggufVersion   = 3
	ggufAlignment = 32 // where general.alignment says nothing
	ggufMaxDims   = 4  // ggml-org/ggml, ggml.h, GGML_MAX_DIMS
)

// ggufFormats are the tensor types of GGUF that can be read. Source: ggml-org/ggml, ggml.h, enum ggml_type.
var ggufFormats = map[uint32]kernel.Format{
	0: kernel.F32, 1: kernel.F16, 2: kernel.Q4_0, 6: kernel.Q5_0, 8: kernel.Q8_0,
	12: kernel.Q4_K, 13: kernel.Q5_K, 14: kernel.Q6_K, 30: kernel.BF16, 39: kernel.MXFP4,
}

// GGUFType returns the number of the tensor type of a format; ok is false if GGUF has none for it.
func GGUFType(f kernel.Format) (number uint32, ok bool) {
	for number, g := range ggufFormats {
		if g == f {
			return number, true
		}
	}
	return 0, false
}

// openGGUF opens a GGUF file, with the others if it is the first of several.
func (c *Checkpoint) openGGUF(path, architecture string) error {
	c.Layout, c.ConfigPath = GGUF, path
	count, err := c.addPart(path, architecture, 0, 0)
	if err != nil || count == 0 {
		return err
	}
	paths, err := partPaths(path, count)
	if err != nil {
		return err
	}
	for i, p := range paths[1:] {
		if _, err := c.addPart(p, architecture, i+1, count); err != nil {
			return err
		}
	}
	want, ok := c.Meta["split.tensors.count"]
	if n, isUint := want.Uint(); ok && (!isUint || n != uint64(len(c.tensors))) {
		return &Error{File: path, Key: "split.tensors.count", What: fmt.Sprintf("expected the number of tensors, %d, found %s", len(c.tensors), want)}
	}
	return nil
}

var partName = regexp.MustCompile(`-(\d{5})-of-(\d{5})\.gguf$`)

// partPaths returns the names of all parts of a file that is the first of count.
// Source: ggml-org/llama.cpp, src/llama.cpp, llama_split_path.
func partPaths(path string, count int) ([]string, error) {
	m := partName.FindStringSubmatch(path)
	if m == nil || m[1] != "00001" || m[2] != fmt.Sprintf("%05d", count) {
		return nil, &Error{File: path, What: fmt.Sprintf("is the first of %d parts: expected a name that ends in -00001-of-%05d.gguf", count, count)}
	}
	paths := make([]string, count)
	for i := range paths {
		paths[i] = fmt.Sprintf("%s-%05d-of-%05d.gguf", path[:len(path)-len(m[0])], i+1, count)
	}
	return paths, nil
}

// addPart opens one part and adds its tensors. Part 0 also gives the metadata. It returns the number of parts, 0 if the file
// is whole.
func (c *Checkpoint) addPart(path, architecture string, part, of int) (count int, err error) {
	f, err := c.open(path)
	if err != nil {
		return 0, err
	}
	g := newGGUFReader(f)
	tensors, keys, err := g.counts()
	if err != nil {
		return 0, err
	}
	meta, err := g.readMeta(keys)
	if err != nil {
		return 0, err
	}
	if part == 0 {
		c.Meta = meta
		if err := checkArchitecture(f, meta, architecture); err != nil {
			return 0, err
		}
	}
	if count, err = checkSplit(f, meta, part, of); err != nil {
		return 0, err
	}
	if tensors > uint64(maxTensors-len(c.tensors)) {
		return 0, f.fail(fmt.Sprintf("%d tensors, expected at most %d", tensors, maxTensors))
	}
	list, err := g.readTensors(int(tensors), meta)
	if err != nil {
		return 0, err
	}
	return count, c.add(list)
}

func checkArchitecture(f *file, meta map[string]Value, want string) error {
	const key = "general.architecture"
	found, ok := meta[key].Text()
	switch {
	case ok && found == want:
		return nil
	case ok && found == "gptoss":
		return &Error{File: f.path, Key: key, What: fmt.Sprintf(`expected %q, found "gptoss": Ollama's own form of 2025, with other names and tensor types; `+
			"use a file that llama.cpp or a later Ollama converted", want)}
	}
	return &Error{File: f.path, Key: key, What: fmt.Sprintf("expected %q, found %s", want, meta[key])}
}

// checkSplit returns the number of parts that a file says it is one of, 0 if it is whole.
func checkSplit(f *file, meta map[string]Value, part, of int) (int, error) {
	v, ok := meta["split.count"]
	count, isUint := v.Uint()
	if (!ok || isUint && count <= 1) && part == 0 {
		return 0, nil
	}
	if !isUint || count > maxFiles || of != 0 && count != uint64(of) {
		return 0, &Error{File: f.path, Key: "split.count", What: fmt.Sprintf("expected %s, at most %d, found %s", expectCount(of), maxFiles, v)}
	}
	if n, ok := meta["split.no"].Uint(); !ok || n != uint64(part) {
		return 0, &Error{File: f.path, Key: "split.no", What: fmt.Sprintf("expected part %d (open the first file of a split model), found %s", part, meta["split.no"])}
	}
	return int(count), nil
}

func expectCount(of int) string {
	if of == 0 {
		return "a number of parts"
	}
	return strconv.Itoa(of)
}

// A ggufReader reads a header from front to back. Every length is held against what is left of the file before it is used.
type ggufReader struct {
	f   *file
	r   *bufio.Reader
	pos int64
}

func newGGUFReader(f *file) *ggufReader {
	return &ggufReader{f: f, r: bufio.NewReaderSize(io.NewSectionReader(f.r, 0, f.size), 1<<16)}
}

// left returns the number of bytes between here and the end of the file, or of the longest header.
func (g *ggufReader) left() uint64 { return uint64(max(0, min(g.f.size, maxGGUFHeader)-g.pos)) }

func (g *ggufReader) fail(what string, args ...any) *Error {
	return g.f.fail(fmt.Sprintf("at offset %d: %s", g.pos, fmt.Sprintf(what, args...)))
}

// read fills b.
func (g *ggufReader) read(b []byte) error {
	n, err := io.ReadFull(g.r, b)
	g.pos += int64(n)
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return &Error{File: g.f.path, What: fmt.Sprintf("header ends at offset %d", g.pos), Err: err}
	}
	return nil
}

func (g *ggufReader) skip(n uint64) error {
	if n > g.left() {
		return g.fail("%d bytes are said to follow, there are %d left", n, g.left())
	}
	for n > 0 {
		step := min(n, 1<<30) // Discard counts in int
		d, err := g.r.Discard(int(step))
		g.pos += int64(d)
		if err != nil {
			return &Error{File: g.f.path, What: fmt.Sprintf("header ends at offset %d", g.pos), Err: err}
		}
		n -= step
	}
	return nil
}

func (g *ggufReader) u32() (uint32, error) {
	var b [4]byte
	err := g.read(b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

func (g *ggufReader) u64() (uint64, error) {
	var b [8]byte
	err := g.read(b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// text reads a string of at most limit bytes.
func (g *ggufReader) text(limit uint64) (string, error) {
	n, err := g.u64()
	if err != nil {
		return "", err
	}
	if n > limit || n > g.left() {
		return "", g.fail("string of %d bytes, expected at most %d, there are %d left", n, limit, g.left())
	}
	b := make([]byte, n)
	if err := g.read(b); err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", g.fail("string %s is not valid UTF-8", Quote(string(b)))
	}
	return string(b), nil
}

// counts reads the fixed part of the header.
func (g *ggufReader) counts() (tensors, keys uint64, err error) {
	var magic [len(ggufMagic)]byte
	if err := g.read(magic[:]); err != nil && g.f.size >= int64(len(magic)) {
		return 0, 0, err
	} else if found := magic[:g.pos]; string(found) != ggufMagic {
		return 0, 0, &Error{File: g.f.path, What: fmt.Sprintf("expected a directory or a GGUF file, which begins with %q, found %q", ggufMagic, found)}
	}
	version, err := g.u32()
	if err != nil {
		return 0, 0, err
	}
	if version != ggufVersion {
		what := fmt.Sprintf("GGUF version %d, expected %d", version, ggufVersion)
		if version == ggufVersion<<24 {
			what = "big-endian GGUF, expected little-endian"
		}
		return 0, 0, g.f.fail(what)
	}
	if tensors, err = g.u64(); err != nil {
		return 0, 0, err
	}
	if keys, err = g.u64(); err != nil {
		return 0, 0, err
	}
	if tensors > maxTensors || keys > maxKeys {
		return 0, 0, g.f.fail(fmt.Sprintf("%d tensors and %d keys, expected at most %d and %d", tensors, keys, maxTensors, maxKeys))
	}
	return tensors, keys, nil
}

// readTensors reads the descriptions of the tensors and checks their places.
func (g *ggufReader) readTensors(n int, meta map[string]Value) ([]*Tensor, error) {
	alignment := uint64(ggufAlignment)
	if v, ok := meta["general.alignment"]; ok {
		if alignment, ok = v.Uint(); !ok || alignment < 8 || alignment > 1<<20 || alignment&(alignment-1) != 0 {
			return nil, &Error{File: g.f.path, Key: "general.alignment", What: fmt.Sprintf("expected a power of two from 8 to %d, found %s", 1<<20, v)}
		}
	}
	var tensors []*Tensor
	var offsets []uint64
	for range n {
		t, offset, err := g.readTensor()
		if err != nil {
			return nil, err
		}
		if offset%alignment != 0 {
			return nil, t.Fail("offset %d is not a multiple of the alignment, %d", offset, alignment)
		}
		tensors, offsets = append(tensors, t), append(offsets, offset)
	}
	data := (uint64(g.pos) + alignment - 1) &^ (alignment - 1)
	for i, t := range tensors {
		if offsets[i] > uint64(g.f.size) {
			return nil, t.Fail("offset %d, the file has %d bytes", offsets[i], g.f.size)
		}
		if err := t.place(int64(data + offsets[i])); err != nil {
			return nil, err
		}
	}
	if err := checkOverlap(tensors); err != nil {
		return nil, err
	}
	return tensors, nil
}

// readTensor reads the description of one tensor: name, number of dimensions, dimensions with the fastest first, type, offset.
func (g *ggufReader) readTensor() (*Tensor, uint64, error) {
	name, err := g.text(maxName)
	if err != nil {
		return nil, 0, err
	}
	t := &Tensor{Name: name, file: g.f}
	dims, err := g.u32()
	if err != nil {
		return nil, 0, err
	}
	if dims < 1 || dims > ggufMaxDims {
		return nil, 0, t.Fail("%d dimensions, expected 1 to %d", dims, ggufMaxDims)
	}
	shape := make([]uint64, dims)
	for i := range shape {
		if shape[len(shape)-1-i], err = g.u64(); err != nil {
			return nil, 0, err
		}
	}
	kind, err := g.u32()
	if err != nil {
		return nil, 0, err
	}
	if t.Format = ggufFormats[kind]; t.Format == 0 {
		return nil, 0, t.Fail("type %d, expected F32, F16, BF16, Q8_0, MXFP4 (39), Q4_0, Q5_0, Q4_K, Q5_K or Q6_K", kind)
	}
	if err := t.setShape(shape); err != nil {
		return nil, 0, err
	}
	offset, err := g.u64()
	return t, offset, err
}
