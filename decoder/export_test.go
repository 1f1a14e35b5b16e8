package decoder

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// export exports a model and opens what was written.
func export(t *testing.T, m *Model, path string, opts *ExportOptions) (*Model, *Exported) {
	t.Helper()
	out, err := m.Export(path, opts)
	require.NoError(t, err)
	require.Equal(t, path, out.Path)
	size := int64(0)
	for _, name := range out.Files {
		file := path
		if !strings.HasSuffix(path, ".gguf") {
			file = filepath.Join(path, name)
		}
		info, err := os.Stat(file)
		require.NoError(t, err)
		size += info.Size()
	}
	require.Equal(t, size, out.Bytes)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary files")
	return open(t, path, nil), out
}

// requireTensors holds the tensors of a model against what they should be, to the byte.
func requireTensors(t *testing.T, want []checkpointtest.Tensor, m *Model) {
	t.Helper()
	found := map[string]bool{}
	for x := range m.file.Tensors() {
		found[x.Name] = true
	}
	require.Len(t, found, len(want))
	for _, w := range want {
		x := m.file.Tensor(w.Name)
		require.NotNil(t, x, w.Name)
		require.Equal(t, w.Format, x.Format, w.Name)
		require.Equal(t, w.Shape, x.Shape, w.Name)
		data, err := x.Bytes()
		require.NoError(t, err)
		require.True(t, bytes.Equal(w.Data, data), "%s: other bytes", w.Name)
	}
}

// TestExport writes each form of each fixture as GGUF and as a directory. The tensors are those that the tests' own writers make of
// the same weights, to the byte, wherever no format is widened; opened again, the model has the same configuration and gives the
// same logits to the bit. Then what was written is written in the other form: nothing was lost on the way.
func TestExport(t *testing.T) {
	for _, name := range []string{"a", "i", "h"} {
		f, toks := fixtures[name], prompt(12, fixtures[name].vocabulary)
		for _, form := range forms {
			t.Run(name+" "+form.name, func(t *testing.T) {
				dir := t.TempDir()
				m := open(t, form.write(t, &f), nil)
				want := compute(t, m, toks, 12)
				asGGUF, _ := export(t, m, filepath.Join(dir, "m.gguf"), nil)
				asDirectory, _ := export(t, m, filepath.Join(dir, "m"), nil)
				back, _ := export(t, asGGUF, filepath.Join(dir, "back"), nil)
				again, _ := export(t, asDirectory, filepath.Join(dir, "again.gguf"), nil)

				require.Equal(t, m.Config(), asDirectory.Config())
				require.Equal(t, f.ggufConfig(), asGGUF.Config())
				if name != "i" { // whose YaRN range GGUF holds in float32
					require.Zero(t, distance(want.logits, compute(t, asGGUF, toks, 12).logits))
				}
				gguf, directory := f.expected(form.name)
				requireTensors(t, gguf, asGGUF)
				if strings.HasSuffix(form.name, "q8_0") {
					within(t, "widened", distance(want.logits, compute(t, asDirectory, toks, 12).logits), 1e-4)
					return
				}
				require.Zero(t, distance(want.logits, compute(t, asDirectory, toks, 12).logits))
				requireTensors(t, directory, asDirectory)
				requireTensors(t, directory, back)
				requireTensors(t, gguf, again)
			})
		}
	}
}

// ggufConfig returns the configuration with the numbers that GGUF holds in float32.
func (f *fixture) ggufConfig() Config {
	config := f.config()
	for _, x := range []*float64{&config.NormEpsilon, &config.Rope.BetaFast, &config.Rope.BetaSlow} {
		*x = float64(float32(*x))
	}
	return config
}

// expected returns the tensors that both exports of a form hold.
func (f *fixture) expected(form string) (gguf, directory []checkpointtest.Tensor) {
	experts, rest := kernel.MXFP4, kernel.BF16
	switch form {
	case "hf bf16":
		experts = kernel.BF16
	case "gguf f32 f32":
		experts, rest = kernel.F32, kernel.F32
	case "gguf mxfp4 f32":
		rest = kernel.F32
	case "gguf mxfp4 f16":
		rest = kernel.F16
	case "gguf mxfp4 q8_0":
		rest = kernel.Q8_0
	}
	directory = f.huggingFace(experts == kernel.MXFP4)
	if rest == kernel.Q8_0 {
		return f.gguf(experts, rest), nil
	}
	for i := range directory { // what is neither vector nor router has the format it had
		d := &directory[i]
		if name := d.Name; strings.Contains(name, "_proj.weight") || name == "lm_head.weight" || name == "model.embed_tokens.weight" ||
			strings.HasSuffix(name, "experts.down_proj") || strings.HasSuffix(name, "experts.gate_up_proj") {
			values := make([]float32, volume(d.Shape))
			d.Format.Decode(values, d.Data)
			d.Format, d.Data = rest, bytesOf(rest, values)
		}
	}
	return f.gguf(experts, rest), directory
}

// TestExportKFormats: GGUF keeps formats that safetensors has not, to the byte; a directory holds the same numbers in F32.
func TestExportKFormats(t *testing.T) {
	f := fixtures["k"]
	tensors := f.gguf(kernel.MXFP4, kernel.F32)
	for i := range tensors {
		format := map[string]kernel.Format{"token_embd.weight": kernel.Q6_K, "output.weight": kernel.Q4_K, "blk.0.attn_q.weight": kernel.Q5_K,
			"blk.1.attn_k.weight": kernel.Q4_0, "blk.1.attn_output.weight": kernel.Q5_0}[tensors[i].Name]
		if format != 0 {
			tensors[i].Format, tensors[i].Data = format, randomBlocks(format, tensors[i].Name, volume(tensors[i].Shape))
		}
	}
	m := open(t, writeGGUF(t, f.ggufMeta(), tensors), nil)
	asGGUF, out := export(t, m, filepath.Join(t.TempDir(), "k.gguf"), nil)
	requireTensors(t, tensors, asGGUF)
	require.Equal(t, []string{"no tokenizer: the vocabulary has 300 tokens, o200k_harmony has 201088"}, out.Notes)
	asDirectory, out := export(t, m, filepath.Join(t.TempDir(), "k"), nil)
	require.Contains(t, out.Notes, "1 tensors of Q6_K are F32 now: safetensors has no such format")
	require.Len(t, out.Notes, 6, out.Notes)
	for one, other := range map[string]string{"token_embd.weight": "model.embed_tokens.weight", "blk.1.attn_output.weight": "model.layers.1.self_attn.o_proj.weight"} {
		want, err := m.file.Tensor(one).Floats()
		require.NoError(t, err)
		got, err := asDirectory.file.Tensor(other).Floats()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// TestExportShards: files hold as much as they may, a tensor is never split, and the index names all.
func TestExportShards(t *testing.T) {
	f := fixtures["a"]
	m := open(t, forms[0].write(t, &f), nil)
	const most = 200_000
	sharded, out := export(t, m, filepath.Join(t.TempDir(), "m"), &ExportOptions{ShardBytes: most})
	requireTensors(t, f.huggingFace(true), sharded)
	n := 0
	for _, name := range out.Files {
		if !strings.HasSuffix(name, ".safetensors") {
			continue
		}
		n++
		info, err := os.Stat(filepath.Join(out.Path, name))
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(most+64<<10), "of tensors and header")
	}
	require.Greater(t, n, 3)
	var index struct {
		Metadata struct {
			Total int64 `json:"total_size"`
		} `json:"metadata"`
		Map map[string]string `json:"weight_map"`
	}
	data, err := os.ReadFile(filepath.Join(out.Path, indexFile))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &index))
	require.Len(t, index.Map, len(f.huggingFace(true)))
	total := int64(0)
	for x := range sharded.file.Tensors() {
		total += x.Size
	}
	require.Equal(t, total, index.Metadata.Total)
}

// TestExportRefuses: what is there stays, and nothing is left beside it.
func TestExportRefuses(t *testing.T) {
	f := fixtures["x"]
	m := open(t, forms[0].write(t, &f), nil)
	dir := t.TempDir()
	refuse := func(name string, opts *ExportOptions, is error, what string) {
		t.Helper()
		before := listing(t, dir)
		_, err := m.Export(filepath.Join(dir, name), opts)
		e := (*ExportError)(nil)
		require.ErrorAs(t, err, &e)
		require.Contains(t, err.Error(), what)
		require.Contains(t, err.Error(), "decoder: "+filepath.Join(dir, name)+": ")
		if is != nil {
			require.ErrorIs(t, err, is)
		}
		require.Equal(t, before, listing(t, dir))
	}
	writeFile(t, dir, "file.gguf", []byte("old"))
	writeFile(t, dir, "file", []byte("old"))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "other.gguf"), 0o777))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "full"), 0o777))
	writeFile(t, filepath.Join(dir, "full"), "thesis.tex", []byte("years of work"))

	refuse("file.gguf", nil, fs.ErrExist, "is there already")
	refuse("file", &ExportOptions{Overwrite: true}, fs.ErrExist, "is a file, expected a name that ends in .gguf")
	refuse("other.gguf", &ExportOptions{Overwrite: true}, fs.ErrExist, "is a directory, expected the name of a file")
	refuse("full", nil, fs.ErrExist, "is there already, and not empty")
	refuse("full", &ExportOptions{Overwrite: true}, fs.ErrExist, `holds "thesis.tex", which is no part of a checkpoint`)
	refuse("none/m.gguf", nil, fs.ErrNotExist, "there is no directory "+filepath.Join(dir, "none"))
	refuse("file/m.gguf", nil, nil, "file is no directory")

	for _, name := range []string{"stopped", "stopped.gguf"} {
		stop, before := errors.New("enough"), listing(t, dir)
		calls := 0
		_, err := m.Export(filepath.Join(dir, name), &ExportOptions{Progress: func(done, total int64) error {
			if calls++; calls == 20 {
				return stop
			}
			require.Less(t, done, total)
			return nil
		}})
		require.ErrorIs(t, err, stop)
		require.Equal(t, before, listing(t, dir))
	}
}

// listing returns what is in a directory: names and contents.
func listing(t *testing.T, dir string) map[string]string {
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var data []byte
			data, err = os.ReadFile(path)
			all[path] = string(data)
		} else {
			all[path] = ""
		}
		return err
	}))
	return all
}

// TestExportOverwrites: a checkpoint may be replaced, also the one that is open, and by itself.
func TestExportOverwrites(t *testing.T) {
	f := fixtures["x"]
	dir, yes := t.TempDir(), &ExportOptions{Overwrite: true}
	m := open(t, forms[0].write(t, &f), nil)
	toks := prompt(8, f.vocabulary)
	want := compute(t, m, toks, 8)
	for _, name := range []string{"m", "m.gguf"} {
		path := filepath.Join(dir, name)
		first, _ := export(t, m, path, nil)
		require.NoError(t, first.Close()) // Windows does not let go of a file that is open
		second, out := export(t, m, path, yes)
		require.Zero(t, distance(want.logits, compute(t, second, toks, 8).logits))
		require.NotEmpty(t, out.Files)
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o777))
	export(t, m, filepath.Join(dir, "empty"), nil)
	require.NoError(t, m.Close())
	_, err := m.Export(filepath.Join(dir, "closed.gguf"), nil)
	require.ErrorIs(t, err, ErrClosed)
}

// TestExportFullDisk: the error says what the system said, and the file is gone.
func TestExportFullDisk(t *testing.T) {
	x := &exporter{path: filepath.Join(t.TempDir(), "m.gguf")}
	temporary := x.temporary()
	_, err := x.writeFile(temporary, func(w *bufio.Writer) error {
		w.WriteString("half")
		return &fs.PathError{Op: "write", Path: temporary, Err: syscall.ENOSPC}
	})
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, "decoder: "+x.path+": cannot be written: "+syscall.ENOSPC.Error(), err.Error())
	require.NoFileExists(t, temporary)
	err = x.checkRoom(1 << 62)
	require.ErrorContains(t, err, "4611686018427387904 bytes are needed, the disk has room for ")
}

// TestExportBadWeights: a weight that is no number is an error that names its tensor, and no file is written.
func TestExportBadWeights(t *testing.T) {
	f := fixtures["a"]
	for _, c := range []struct {
		tensor string
		spoil  func(data []byte)
	}{
		{"model.layers.1.mlp.experts.gate_up_proj_scales", func(data []byte) { data[7] = 255 }},
		{"lm_head.weight", func(data []byte) { data[100], data[101] = 0x80, 0x7f }},
	} {
		list := f.huggingFace(true)
		i := slices.IndexFunc(list, func(x checkpointtest.Tensor) bool { return x.Name == c.tensor })
		list[i].Data = slices.Clone(list[i].Data)
		c.spoil(list[i].Data)
		m := open(t, writeDirectory(t, f.hfConfig(true), files{"model.safetensors": list}), &Options{Hold: Mapped})
		for _, name := range []string{"m", "m.gguf"} {
			dir := t.TempDir()
			_, err := m.Export(filepath.Join(dir, name), nil)
			e := (*FileError)(nil)
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, c.tensor, e.Tensor)
			require.Len(t, listing(t, dir), 1)
		}
	}
}

// TestExportConfigs: what GGUF has no key for is an error; a directory has a place for all of it.
func TestExportConfigs(t *testing.T) {
	f := fixtures["x"]
	for _, c := range []struct {
		change func(config map[string]any)
		what   string
	}{
		{func(c map[string]any) { c["swiglu_limit"] = 5.0 }, "limit of SwiGLU: expected 7, found 5"},
		{func(c map[string]any) {
			types := slices.Repeat([]string{"full_attention"}, f.layers)
			c["layer_types"] = types
		}, "which layers are sliding"},
		{func(c map[string]any) { c["rope_scaling"] = with(c["rope_scaling"], "truncate", true) }, "a rounded range of YaRN"},
		{func(c map[string]any) { c["rope_scaling"] = with(c["rope_scaling"], "attention_factor", 1.25) }, "scale of attention"},
	} {
		config := f.hfConfig(true)
		c.change(config)
		m := open(t, writeDirectory(t, config, files{"model.safetensors": f.huggingFace(true)}), nil)
		_, err := m.Export(filepath.Join(t.TempDir(), "m.gguf"), nil)
		require.ErrorContains(t, err, c.what)
		asDirectory, _ := export(t, m, filepath.Join(t.TempDir(), "m"), nil)
		require.Equal(t, m.Config(), asDirectory.Config())
	}
}

// with returns a copy of an object with another member.
func with(object any, key string, value any) map[string]any {
	data, err := json.Marshal(object)
	var out map[string]any
	if err = errors.Join(err, json.Unmarshal(data, &out)); err != nil {
		panic(err)
	}
	out[key] = value
	return out
}

// TestExportTokenizer: with the vocabulary of gpt-oss the tokenizer goes with the model; Open checks the tokens that GGUF lists.
// A chat template, and all of a directory's own files, are carried over.
func TestExportTokenizer(t *testing.T) {
	f, dir := fixtures["v"], t.TempDir()
	path := forms[0].write(t, &f)
	m := open(t, path, &Options{Hold: Mapped})
	asGGUF, out := export(t, m, filepath.Join(dir, "m.gguf"), nil)
	require.Len(t, out.Notes, 1)
	require.Contains(t, out.Notes[0], "no chat template")
	require.EqualValues(t, 446189, asGGUF.file.Meta["tokenizer.ggml.merges"].Len()) // as in the file that ggml-org publishes
	asDirectory, out := export(t, m, filepath.Join(dir, "m"), nil)
	require.Subset(t, out.Files, []string{"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"})
	require.NoError(t, errors.Join(asGGUF.Close(), asDirectory.Close()))
	checkTokenizerJSON(t, filepath.Join(dir, "m", "tokenizer.json"))

	const template = "{# what a message looks like #}"
	writeFile(t, path, templateFile, []byte(template))
	writeFile(t, path, "tokenizer.json", []byte("{}"))
	writeFile(t, path, "LICENSE", []byte("as it pleases you"))
	asGGUF, out = export(t, m, filepath.Join(dir, "own.gguf"), nil)
	require.Empty(t, out.Notes)
	text, _ := asGGUF.file.Meta["tokenizer.chat_template"].Text()
	require.Equal(t, template, text)
	_, out = export(t, asGGUF, filepath.Join(dir, "own"), nil)
	require.Contains(t, out.Files, templateFile)
	_, out = export(t, m, filepath.Join(dir, "carried"), nil)
	require.Empty(t, out.Notes)
	for name, want := range map[string]string{"tokenizer.json": "{}", "LICENSE": "as it pleases you", templateFile: template} {
		data, err := os.ReadFile(filepath.Join(dir, "carried", name))
		require.NoError(t, err)
		require.Equal(t, want, string(data))
	}
}

// checkTokenizerJSON encodes some words as the file says, with byte pair encoding in its simplest form.
func checkTokenizerJSON(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		Added []struct {
			ID      int
			Content string
			Special bool
		} `json:"added_tokens"`
		Model struct {
			Vocab  map[string]int
			Merges [][2]string
		}
	}
	require.NoError(t, json.Unmarshal(data, &file))
	require.Len(t, file.Model.Vocab, firstControl)
	require.Len(t, file.Added, firstUnused-firstControl)
	require.Len(t, slices.Collect(maps.Keys(file.Model.Vocab)), firstControl)
	ranks := map[[2]string]int{}
	for i, m := range file.Model.Merges {
		ranks[m] = i
	}
	require.Len(t, ranks, 446189)
	for _, word := range []string{"antidisestablishmentarianism", " Bratwurstbrater", "xqzzkwv", "日本語の", "\t\t\t", "Ünïcödé", "aaaaaaaaaaaaa"} {
		parts := strings.Split(string(appendByteText(nil, word)), "")
		for {
			best, at := len(ranks), -1
			for i := range len(parts) - 1 {
				if r, ok := ranks[[2]string{parts[i], parts[i+1]}]; ok && r < best {
					best, at = r, i
				}
			}
			if at < 0 {
				break
			}
			parts = slices.Replace(parts, at, at+2, parts[at]+parts[at+1])
		}
		var got []int
		for _, p := range parts {
			got = append(got, file.Model.Vocab[p])
		}
		require.Equal(t, pieces(word), got, word)
	}
}

// pieces returns the tokens of a word that the pattern does not cut.
func pieces(word string) (ids []int) {
	for _, tok := range tokenizer.O200kHarmony().Encode(word) {
		ids = append(ids, int(tok))
	}
	return ids
}

// TestExportFromMemory: the directory of a checkpoint in memory is a name; files that happen to lie there are not its own.
func TestExportFromMemory(t *testing.T) {
	f, dir := fixtures["x"], t.TempDir()
	writeFile(t, dir, "tokenizer.json", []byte("{}"))
	config, err := json.Marshal(f.hfConfig(true))
	require.NoError(t, err)
	m, err := OpenBytes(dir, map[string][]byte{"config.json": config, "model.safetensors": checkpointtest.Safetensors(f.huggingFace(true))}, nil)
	require.NoError(t, err)
	defer m.Close()
	asDirectory, out := export(t, m, filepath.Join(dir, "m"), nil)
	requireTensors(t, f.huggingFace(true), asDirectory)
	require.NotContains(t, out.Files, "tokenizer.json")
	asGGUF, _ := export(t, m, filepath.Join(dir, "m.gguf"), nil)
	requireTensors(t, f.gguf(kernel.MXFP4, kernel.BF16), asGGUF)
}
