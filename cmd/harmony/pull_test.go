package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// testHub is a Hugging Face hub with two repositories, org/model in Hugging Face's layout and org/ggufs. Package internal/hub has one
// with faults.
type testHub struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string]map[string][]byte // by repository
	slow  chan struct{}                // if not nil, large files wait for it in the middle
	began chan struct{}                // gets a value when one does
}

const testCommit = "c0ffee01c0ffee01c0ffee01c0ffee01c0ffee01"

func newTestHub(t *testing.T) *testHub {
	h := &testHub{files: map[string]map[string][]byte{}, began: make(chan struct{}, 10)}
	dir := t.TempDir()
	if err := writeHuggingFace(filepath.Join(dir, "model"), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "ggufs"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x-Q8_0.gguf", "x-Q4_0.gguf"} {
		if err := writeGGUF(filepath.Join(dir, "ggufs", name), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, repo := range []string{"model", "ggufs"} {
		files := map[string][]byte{"README.md": []byte("# a model")}
		entries, _ := os.ReadDir(filepath.Join(dir, repo))
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, repo, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name()] = data
		}
		h.files["org/"+repo] = files
	}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *testHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	for repo, files := range h.files {
		if path == "api/models/"+repo+"/revision/main" {
			list := []any{}
			for name, data := range files {
				sum := sha256.Sum256(data)
				list = append(list, map[string]any{"rfilename": name, "size": len(data), "lfs": map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(data)}})
			}
			json.NewEncoder(w).Encode(map[string]any{"sha": testCommit, "siblings": list})
			return
		}
		if name, ok := strings.CutPrefix(path, repo+"/resolve/"+testCommit+"/"); ok {
			h.send(w, r, files[name])
			return
		}
	}
	w.Header().Set("X-Error-Code", "RepoNotFound")
	w.WriteHeader(http.StatusNotFound)
}

func (h *testHub) send(w http.ResponseWriter, r *http.Request, data []byte) {
	h.mu.Lock()
	slow := h.slow
	h.mu.Unlock()
	if slow != nil && len(data) > 10_000 && r.Header.Get("Range") == "" {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Write(data[:10_000])
		w.(http.Flusher).Flush()
		h.began <- struct{}{}
		select {
		case <-slow:
		case <-r.Context().Done():
		}
		w.Write(data[10_000:])
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// command returns a command against the hub, with a cache of its own.
func (h *testHub) command(home string, args ...string) *exec.Cmd {
	return harmonyCommand(home, []string{"HF_ENDPOINT=" + h.URL, "HF_HOME=" + filepath.Join(home, "hf")}, args...)
}

// TestPull: fetched, told, found by --model and by the path that was printed, and not fetched again.
func TestPull(t *testing.T) {
	h, home := newTestHub(t), t.TempDir()
	got := finish(t, h.command(home, "pull", "--dry-run", "org/model"))
	if got.status != 0 || !strings.Contains(got.stdout, "config.json\n") || strings.Contains(got.stdout, "README") {
		t.Fatalf("%+v", got)
	}
	got = finish(t, h.command(home, "model", "org/model"))
	if want := "harmony model: org/model: no such file or directory here, and as a repository of a hub: not in the cache, in "; got.status != 2 || !strings.HasPrefix(got.stderr, want) ||
		!strings.HasSuffix(got.stderr, "\n  To fetch it: harmony pull org/model\n") {
		t.Fatalf("%+v", got)
	}
	got = finish(t, h.command(home, "pull", "org/model"))
	path := strings.TrimSuffix(got.stdout, "\n")
	want := filepath.Join(home, "hf", "hub", "models--org--model", "snapshots", testCommit)
	if got.status != 0 || path != want {
		t.Fatalf("%+v, want %s", got, want)
	}
	for _, line := range []string{"org/model at commit c0ffee01c0ff: 2 files, 136 kB, of which 136 kB to come\n", "fetched model.safetensors, 136 kB\n", "fetched config.json, "} {
		if !strings.Contains(got.stderr, line) {
			t.Errorf("stderr lacks %q:\n%s", line, got.stderr)
		}
	}
	for _, name := range []string{"org/model", "org/model@main", path} {
		if got := finish(t, h.command(home, "model", name)); got.status != 0 || !strings.Contains(got.stdout, "Hugging Face safetensors") {
			t.Errorf("model %s: %+v", name, got)
		}
	}
	got = finish(t, h.command(home, "bench", "--model", "org/model", "--prefill", "2", "--decode", "1", "--repeat", "1", "--read", "1M"))
	if got.status != 0 {
		t.Errorf("bench: %+v", got)
	}
	// Opened, and too small for the format.
	got = finish(t, h.command(home, "run", "--model", "org/model", "hello"))
	if want := "its vocabulary has 96 tokens, too few for o200k_harmony"; got.status != 1 || !strings.Contains(got.stderr, want) {
		t.Errorf("run: %+v", got)
	}
	got = finish(t, h.command(home, "pull", "--json", "org/model"))
	var out pulled
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || out.Path != want || out.Fetched != 0 || len(out.Files) != 2 || !out.Files[0].There {
		t.Errorf("%v %+v", err, got)
	}
	c := h.command(home, "pull", "org/model")
	c.Env = append(c.Env, "HF_HUB_OFFLINE=1", "HF_ENDPOINT=http://127.0.0.1:1")
	if got := finish(t, c); got.status != 0 || got.stdout != want+"\n" || got.stderr != "" {
		t.Errorf("offline: %+v", got)
	}
	c = h.command(home, "pull", "org/ggufs")
	c.Env = append(c.Env, "HF_HUB_OFFLINE=1")
	if got := finish(t, c); got.status != 2 || !strings.Contains(got.stderr, "org/ggufs: not in the cache") || !strings.Contains(got.stderr, "in offline mode nothing is fetched") {
		t.Errorf("offline: %+v", got)
	}
}

// TestPullGGUF: one of several, by its quantization; then it is what --model means.
func TestPullGGUF(t *testing.T) {
	h, home := newTestHub(t), t.TempDir()
	got := finish(t, h.command(home, "pull", "org/ggufs"))
	if got.status != 2 || !strings.Contains(got.stderr, "several GGUF files are in it; choose one by its quantization or by a pattern:\n  x-Q") {
		t.Fatalf("%+v", got)
	}
	got = finish(t, h.command(home, "pull", "--quant", "q8_0", "org/ggufs"))
	if got.status != 0 || !strings.HasSuffix(got.stdout, string(filepath.Separator)+"x-Q8_0.gguf\n") {
		t.Fatalf("%+v", got)
	}
	if got := finish(t, h.command(home, "model", "org/ggufs")); got.status != 0 || !strings.Contains(got.stdout, "GGUF") {
		t.Fatalf("%+v", got)
	}
	got = finish(t, h.command(home, "pull", "--include", "*Q4*", "org/ggufs"))
	if got.status != 0 || !strings.HasSuffix(got.stdout, "x-Q4_0.gguf\n") {
		t.Fatalf("%+v", got)
	}
	if got := finish(t, h.command(home, "model", "org/ggufs")); got.status != 2 || !strings.Contains(got.stderr, "the cache has several GGUF files of it; name one by its path:\n") {
		t.Fatalf("%+v", got)
	}
}

// TestPullInterrupted: Ctrl-C ends it with a clear message; the same command goes on where it ended.
func TestPullInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send there")
	}
	h, home := newTestHub(t), t.TempDir()
	slow := make(chan struct{})
	h.mu.Lock()
	h.slow = slow
	h.mu.Unlock()
	c := h.command(home, "pull", "org/model")
	wait := begin(t, c)
	select {
	case <-h.began:
	case <-time.After(time.Minute):
		t.Fatal("nothing was asked for")
	}
	for range 100 { // until what was sent has arrived
		if left, _ := filepath.Glob(filepath.Join(home, "hf", "hub", "models--org--model", "blobs", "*.incomplete")); len(left) > 0 {
			if info, err := os.Stat(left[0]); err == nil && info.Size() == 10_000 {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	got := wait()
	if got.status != 1 || !strings.HasSuffix(got.stderr, "harmony pull: interrupted; the same command goes on where it ended\n") || got.stdout != "" {
		t.Fatalf("%+v", got)
	}
	close(slow)
	got = finish(t, h.command(home, "pull", "--json", "org/model"))
	var out pulled
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || out.Fetched == 0 || out.Fetched > out.Bytes-10_000 {
		t.Fatalf("%v %+v", err, got)
	}
}

// TestPullErrors: what is wrong is said in a line, with its exit status.
func TestPullErrors(t *testing.T) {
	h, home := newTestHub(t), t.TempDir()
	for _, c := range []struct {
		args   []string
		env    string
		status int
		stderr string
	}{
		{nil, "", 2, "harmony pull: no repository given\nTry 'harmony help pull'.\n"},
		{[]string{"a/b", "c/d"}, "", 2, "harmony pull: one repository at a time, found 2: \"c/d\"\nTry 'harmony help pull'.\n"},
		{[]string{"gpt-oss"}, "", 2, "harmony pull: \"gpt-oss\": expected ORG/NAME or ORG/NAME@REVISION\nTry 'harmony help pull'.\n"},
		{[]string{"org/other"}, "", 2, "harmony pull: org/other: no such repository, or a private one; a token may be needed: set HF_TOKEN, or log in with Hugging Face's hf auth login: "},
		{[]string{"org/model", "--include", "[z-a]"}, "", 2, "harmony pull: invalid value \"[z-a]\" for flag --include: want a pattern such as *.json"},
		{[]string{"org/model"}, "HF_ENDPOINT=huggingface.co", 2, "harmony pull: HF_ENDPOINT: expected an address such as https://huggingface.co\n"},
		{[]string{"org/model"}, "HF_TOKEN=hf a", 2, "harmony pull: HF_TOKEN: the token has characters that no token has\n"},
	} {
		cmd := h.command(home, append([]string{"pull"}, c.args...)...)
		cmd.Env = append(cmd.Env, c.env)
		if got := finish(t, cmd); got.status != c.status || !strings.HasPrefix(got.stderr, c.stderr) || got.stdout != "" {
			t.Errorf("%v: %+v\nwant %q", c.args, got, c.stderr)
		}
	}
}
