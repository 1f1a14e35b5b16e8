package hub

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func listingOf(names ...string) *Listing {
	l := &Listing{Repo: Repo{ID: "org/name", Revision: "main"}, Commit: strings.Repeat("c0ffee01", 5)}
	for _, name := range names {
		l.Files = append(l.Files, File{Path: name, Size: 2_500_000_000, SHA256: sha256Sum([]byte(name))})
	}
	return l
}

// TestChoose: one form of the weights with what belongs to it, or what was asked for.
func TestChoose(t *testing.T) {
	both := []string{"README.md", "config.json", "tokenizer.json", "chat_template.jinja", "model-00000-of-00001.safetensors", "model.safetensors.index.json",
		"adapter.safetensors", "original/config.json", "original/model.safetensors", "original/dtypes.json", "x.gguf"}
	ggufs := []string{"config.json", "name-Q4_K_M.gguf", "name-Q8_0.gguf", "name-mxfp4.gguf", "big/name-F16-00001-of-00002.gguf", "big/name-F16-00002-of-00002.gguf", "mmproj-x.gguf"}
	pattern := func(texts ...string) (list []Pattern) {
		for _, text := range texts {
			p, err := ParsePattern(text)
			require.NoError(t, err)
			list = append(list, p)
		}
		return list
	}
	for _, c := range []struct {
		files  []string
		choice *Choice
		want   string
	}{
		{both, nil, "config.json tokenizer.json chat_template.jinja model-00000-of-00001.safetensors model.safetensors.index.json"},
		{both, &Choice{Exclude: pattern("*.jinja")}, "config.json tokenizer.json model-00000-of-00001.safetensors model.safetensors.index.json"},
		{both, &Choice{Include: pattern("original/")}, "original/config.json original/model.safetensors original/dtypes.json"},
		{both, &Choice{Include: pattern("*.json"), Exclude: pattern("original/*", "*index*")}, "config.json tokenizer.json"},
		{both, &Choice{Quant: "x"}, "x.gguf"},
		{both[7:], nil, "original/config.json original/model.safetensors"},
		{ggufs, nil, "name-mxfp4.gguf"},
		{ggufs, &Choice{Quant: "q8_0"}, "name-Q8_0.gguf"},
		{ggufs, &Choice{Quant: "Q4_K_M"}, "name-Q4_K_M.gguf"},
		{ggufs, &Choice{Quant: "F16"}, "big/name-F16-00001-of-00002.gguf big/name-F16-00002-of-00002.gguf"},
		{ggufs[:2], nil, "name-Q4_K_M.gguf"},
		{ggufs[:4], &Choice{Exclude: pattern("*mxfp4*", "*Q8*")}, "name-Q4_K_M.gguf"},
	} {
		list, err := listingOf(c.files...).Choose(c.choice)
		require.NoError(t, err)
		var names []string
		for _, f := range list {
			names = append(names, f.Path)
		}
		require.Equal(t, c.want, strings.Join(names, " "))
	}
	for _, c := range []struct {
		files  []string
		choice *Choice
		what   string
	}{
		{[]string{"README.md", "pytorch_model.bin"}, nil, "neither config.json with *.safetensors, nor a .gguf file"},
		{[]string{"a-Q4_0.gguf", "a-Q8_0.gguf"}, nil, "several GGUF files are in it; choose one by its quantization or by a pattern:\n  a-Q4_0.gguf  2.50 GB\n  a-Q8_0.gguf  2.50 GB"},
		{ggufs, &Choice{Quant: "Q4"}, `no GGUF file of it is called "Q4"; there are:`},
		{ggufs, &Choice{Include: pattern("*.bin")}, "none of its 7 files is chosen"},
		{ggufs, &Choice{Include: pattern("*"), Quant: "F16"}, "exclude each other"},
	} {
		_, err := listingOf(c.files...).Choose(c.choice)
		require.ErrorIs(t, err, ErrChoice)
		require.ErrorContains(t, err, c.what)
	}
}

// TestPatterns: as Python's fnmatch.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, yes, no string
	}{
		{"*.json", "a.json|x/y.json", "a.jsonl|json"},
		{"model-?.bin", "model-1.bin", "model-12.bin|model-.bin"},
		{"[abc]x", "ax|cx", "dx|[abc]x"},
		{"[!abc]x", "dx", "ax"},
		{"[a-c]", "b", "d|-"},
		{"[]]x", "]x", "x"},
		{"[x", "[x", "x"},
		{"a+b(c)", "a+b(c)", "aab(c)"},
		{"original/", "original/a|original/a/b", "original|x/original/a"},
		{"é*", "éa", "e"},
		{`a\b`, `a\b`, "ab"},
		{`[\d]`, `\|d`, "1"},
		{"", "", "a"},
	} {
		p, err := ParsePattern(c.pattern)
		require.NoError(t, err, c.pattern)
		for text := range strings.SplitSeq(c.yes, "|") {
			require.True(t, p.Match(text), "%s %s", c.pattern, text)
		}
		for text := range strings.SplitSeq(c.no, "|") {
			require.False(t, p.Match(text), "%s %s", c.pattern, text)
		}
	}
	_, err := ParsePattern("[z-a]")
	require.ErrorIs(t, err, ErrChoice)
}

func FuzzPattern(f *testing.F) {
	for _, text := range []string{"*.json", "[!a]", "[]", "[", "[]]", "a[b]c?*/", "[^", "[\\]", "[[:alpha:]]"} {
		f.Add(text, "x/y.json")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		if p, err := ParsePattern(text); err == nil {
			p.Match(path)
		}
	})
}

// TestParseRepo: what names a repository, and what a path or something worse.
func TestParseRepo(t *testing.T) {
	for text, want := range map[string]Repo{
		"openai/gpt-oss-20b":              {"openai/gpt-oss-20b", "main"},
		"ggml-org/gpt-oss-20b-GGUF@v1.0":  {"ggml-org/gpt-oss-20b-GGUF", "v1.0"},
		"a/b@refs/pr/3":                   {"a/b", "refs/pr/3"},
		"a_b/c.d@0123456789abcdef":        {"a_b/c.d", "0123456789abcdef"},
		"_x/y@feature/some-thing_1.0-rc1": {"_x/y", "feature/some-thing_1.0-rc1"},
	} {
		r, err := ParseRepo(text)
		require.NoError(t, err, text)
		require.Equal(t, want, r)
	}
	for _, text := range []string{"", "gpt2", "/etc/passwd", "./a/b", "../x", "a/b/c", "a/..", "a/b.git", "a--b/c", "-a/b", "a/-b", "a./b", "a/b.", `a\b`, "C:/x", "a/b@",
		"a/b@../../x", "a/b@/x", "a/b@x\ny", "a/b@con", "a/b@x.lock", "a/ b", "ä/b", strings.Repeat("a", 60) + "/" + strings.Repeat("b", 60)} {
		_, err := ParseRepo(text)
		require.ErrorIs(t, err, ErrName, text)
	}
	for _, path := range []string{"AUX", "con.txt", "a/nul", "a/COM1.json", "lpt¹", "CONIN$", "x/com0", "con .txt", "a ", "a.", "a/./b", "a\x00", "a|b", "\xff", strings.Repeat("a", 1025)} {
		require.NotEmpty(t, checkPath(path), path)
	}
	for _, path := range []string{"a", "a/b.c", "console.txt", "aux1", "community/com.json", "lpt", "com", "é/日本.gguf", "..a", "a b"} {
		require.Empty(t, checkPath(path), path)
	}
}

// TestFind: what a cache holds is found, and what it lacks is said.
func TestFind(t *testing.T) {
	const commit, other = "0123456789012345678901234567890123456789", "9876543210987654321098765432109876543210"
	index := `{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}`
	for _, c := range []struct {
		repo  string
		files map[string]string // below models--org--name
		path  string            // below the snapshot
		err   string
	}{
		{"org/name", nil, "", "hub: org/name: not in the cache, in "},
		{"org/name", map[string]string{"refs/v1": commit, "refs/pr/2": commit}, "", "the cache has no revision main of it, but pr/2, v1"},
		{"org/name", map[string]string{"refs/main": commit}, "", "the cache has nothing of revision main"},
		{"org/name", map[string]string{"refs/main": "../../../etc"}, "", "the cache has no revision main"},
		{"org/name", map[string]string{"refs/main": commit, "S/tokenizer.json": ""}, "", "no weights of it are in the cache"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": ""}, "", "no weights of it are in the cache"},
		{"org/name", map[string]string{"refs/main": commit + "\n", "S/config.json": "", "S/model.safetensors": ""}, ".", ""},
		{"org/name@v1", map[string]string{"refs/v1": commit, "S/config.json": "", "S/model.safetensors": ""}, ".", ""},
		{"org/name@" + commit, map[string]string{"S/config.json": "", "S/model.safetensors": ""}, ".", ""},
		{"org/name@" + other, map[string]string{"S/config.json": "", "S/model.safetensors": ""}, "", "the cache has nothing of revision " + other},
		{"org/name", map[string]string{"refs/main": commit, "S/model.safetensors": ""}, "", "only a part is in the cache: config.json is missing"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/one.safetensors": ""}, "", "model.safetensors.index.json is missing"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/one.safetensors": "", "S/model.safetensors.index.json": index}, "", "two.safetensors is missing"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/model.safetensors.index.json": `{"weight_map":{"a":"../../x"}}`}, "", "../../x is missing"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/model.safetensors.index.json": `{"weight`}, "", "cannot be read"},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/one.safetensors": "", "S/two.safetensors": "", "S/model.safetensors.index.json": index}, ".", ""},
		{"org/name", map[string]string{"refs/main": commit, "S/original/config.json": "", "S/original/one.safetensors": ""}, "original", ""},
		{"org/name", map[string]string{"refs/main": commit, "S/config.json": "", "S/sub/x.gguf": ""}, "sub/x.gguf", ""},
		{"org/name", map[string]string{"refs/main": commit, "S/x-00001-of-00002.gguf": "", "S/x-00002-of-00002.gguf": ""}, "x-00001-of-00002.gguf", ""},
		{"org/name", map[string]string{"refs/main": commit, "S/x-00001-of-00002.gguf": ""}, "", "only a part is in the cache: x-00002-of-00002.gguf is missing"},
		{"org/name", map[string]string{"refs/main": commit, "S/x.gguf": "", "S/y.gguf": ""}, "", "the cache has several GGUF files of it; name one by its path:\n"},
	} {
		cache := filepath.Join(t.TempDir(), "a [cache]*")
		snapshot := filepath.Join(cache, "models--org--name", "snapshots", commit)
		for name, content := range c.files {
			path := filepath.Join(cache, "models--org--name", filepath.FromSlash(name))
			if inside, ok := strings.CutPrefix(name, "S/"); ok {
				path = filepath.Join(snapshot, filepath.FromSlash(inside))
			}
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
			require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
		}
		got, err := (&Client{Cache: cache}).Find(repoOf(t, c.repo))
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, filepath.Join(snapshot, filepath.FromSlash(c.path)), got)
	}
}

// TestEnvironment: the variables of huggingface_hub, and which goes before which.
func TestEnvironment(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(home, ".cache", "huggingface"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".cache", "huggingface", "token"), []byte("hf_file\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(home, "other"), []byte(" hf_other \n"), 0o600))
	for _, c := range []struct {
		env  map[string]string
		want Client
		err  string
	}{
		{nil, Client{Endpoint: "https://huggingface.co", Cache: home + "/.cache/huggingface/hub", Token: "hf_file"}, ""},
		{map[string]string{"XDG_CACHE_HOME": "/x"}, Client{Endpoint: "https://huggingface.co", Cache: "/x/huggingface/hub"}, ""},
		{map[string]string{"HF_HOME": "~/h", "HF_TOKEN": "hf_env\n"}, Client{Endpoint: "https://huggingface.co", Cache: home + "/h/hub", Token: "hf_env"}, ""},
		{map[string]string{"HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "$HOME/c", "HUGGING_FACE_HUB_TOKEN": "hf_old"},
			Client{Endpoint: "https://huggingface.co", Cache: home + "/c", Token: "hf_old"}, ""},
		{map[string]string{"HF_TOKEN_PATH": "~/other", "HF_ENDPOINT": "http://127.0.0.1:8080/hub/"},
			Client{Endpoint: "http://127.0.0.1:8080/hub", Cache: home + "/.cache/huggingface/hub", Token: "hf_other"}, ""},
		{map[string]string{"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "yes"},
			Client{Endpoint: "https://huggingface.co", Cache: home + "/.cache/huggingface/hub", Offline: true}, ""},
		{map[string]string{"HF_TOKEN": "hf_a\nX-Evil: 1"}, Client{}, "hub: HF_TOKEN: the token has characters that no token has"},
		{map[string]string{"HF_ENDPOINT": "ftp://x"}, Client{}, "hub: HF_ENDPOINT: expected an address"},
		{map[string]string{"HF_ENDPOINT": "https://user:password@x"}, Client{}, "hub: HF_ENDPOINT: expected an address"},
		{map[string]string{"HOME": ""}, Client{}, "neither HOME nor HF_HOME says where the cache is"},
	} {
		c.want.Cache = filepath.FromSlash(c.want.Cache)
		got, err := FromEnvironment(func(name string) string {
			if v, ok := c.env[name]; ok {
				return v
			}
			return map[string]string{"HOME": home}[name]
		})
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			require.NotContains(t, err.Error(), "hf_a")
			require.NotContains(t, err.Error(), "password")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, *got)
	}
}
