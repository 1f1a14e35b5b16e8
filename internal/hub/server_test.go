package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A fake is a hub that serves files over HTTP, large ones from another host, as the real one does. Faults are put in by the tests.
type fake struct {
	t       *testing.T
	hub     *httptest.Server
	storage *httptest.Server // where large files are

	mu       sync.Mutex
	commit   string
	files    map[string][]byte
	listing  func(list []map[string]any) []map[string]any // changes what is listed
	requests []string                                     // method, path, range
	tokens   map[string]bool                              // Authorization headers that storage has seen
	token    string                                       // what the hub wants
	// fault may answer in the place of the hub (0) or the storage (1); n counts the requests for this path. true: it has.
	fault func(host int, n int, w http.ResponseWriter, r *http.Request) bool
	count map[string]int
}

const largeSize = 5000 // bytes from which on files are large

func newFake(t *testing.T) *fake {
	f := &fake{t: t, commit: strings.Repeat("c0ffee01", 5), files: map[string][]byte{}, tokens: map[string]bool{}, count: map[string]int{}}
	f.hub = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(0, w, r) }))
	f.storage = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(1, w, r) }))
	t.Cleanup(f.hub.Close)
	t.Cleanup(f.storage.Close)
	return f
}

// bytesOf returns contents that nothing compresses and no two files share.
func bytesOf(name string, n int) []byte {
	out := make([]byte, 0, n+32)
	for i := 0; len(out) < n; i++ {
		sum := sha256.Sum256([]byte(name + strconv.Itoa(i)))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

// model puts the files of a checkpoint into the hub.
func (f *fake) model() *fake {
	index := `{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`
	f.files = map[string][]byte{"config.json": []byte(`{"model_type":"gpt_oss"}`), "README.md": []byte("# it"), "LICENSE": []byte("free"),
		"model.safetensors.index.json": []byte(index), "tokenizer.json": bytesOf("tokenizer", 9000),
		"model-00001-of-00002.safetensors": bytesOf("one", 3<<20), "model-00002-of-00002.safetensors": bytesOf("two", 70_000),
		"original/config.json": []byte("{}"), "original/model.safetensors": bytesOf("original", 60_000), "metal/model.bin": bytesOf("metal", 80_000)}
	return f
}

func (f *fake) serve(host int, w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, strings.TrimSpace(fmt.Sprint(host, " ", r.URL.Path, " ", r.Header.Get("Range"))))
	key := fmt.Sprint(host, r.URL.Path)
	f.count[key]++
	n, fault := f.count[key], f.fault
	if host == 1 {
		f.tokens[r.Header.Get("Authorization")] = true
	}
	f.mu.Unlock()
	if fault != nil && fault(host, n, w, r) {
		return
	}
	if host == 1 {
		f.send(w, r, f.files[strings.TrimPrefix(r.URL.Path, "/blob/")])
		return
	}
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		w.Header().Set("X-Error-Code", "GatedRepo")
		w.Header().Set("X-Error-Message", "Access to model org/name is restricted.")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch path := r.URL.Path; {
	case path == "/api/models/org/name/revision/main" || path == "/api/models/org/name/revision/refs/pr/1" || path == "/api/models/org/name/revision/"+f.commit:
		json.NewEncoder(w).Encode(map[string]any{"id": "org/name", "sha": f.commit, "siblings": f.list()})
	case strings.HasPrefix(path, "/api/models/org/name/"):
		w.Header().Set("X-Error-Code", "RevisionNotFound")
		w.WriteHeader(http.StatusNotFound)
	case strings.HasPrefix(path, "/org/name/resolve/"+f.commit+"/"):
		f.resolve(w, r, strings.TrimPrefix(path, "/org/name/resolve/"+f.commit+"/"))
	default:
		w.Header().Set("X-Error-Code", "RepoNotFound")
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (f *fake) list() []map[string]any {
	list := []map[string]any{}
	for name, data := range f.files {
		e := map[string]any{"rfilename": name, "size": len(data), "blobId": gitSum(data)}
		if len(data) >= largeSize {
			e["lfs"] = map[string]any{"sha256": sha256Sum(data), "size": len(data), "pointerSize": 130}
		}
		list = append(list, e)
	}
	if f.listing != nil {
		list = f.listing(list)
	}
	return list
}

func gitSum(data []byte) string {
	sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...))
	return hex.EncodeToString(sum[:])
}

func sha256Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// resolve sends a small file, or where a large one is.
func (f *fake) resolve(w http.ResponseWriter, r *http.Request, name string) {
	data, ok := f.files[name]
	if !ok {
		w.Header().Set("X-Error-Code", "EntryNotFound")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Repo-Commit", f.commit)
	if len(data) < largeSize {
		w.Header().Set("ETag", `"`+gitSum(data)+`"`)
		f.send(w, r, data)
		return
	}
	w.Header().Set("X-Linked-ETag", `"`+sha256Sum(data)+`"`)
	w.Header().Set("X-Linked-Size", strconv.Itoa(len(data)))
	http.Redirect(w, r, f.storage.URL+"/blob/"+name+"?signature=secret", http.StatusFound)
}

// send sends bytes, or the range that is asked for.
func (f *fake) send(w http.ResponseWriter, r *http.Request, data []byte) {
	var from int
	if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
		if from >= len(data) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(data[from:])
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data)
}

// cut sends the first n bytes of what was asked for, says there are all, and breaks off.
func cut(w http.ResponseWriter, data []byte, from, n int) {
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
		w.WriteHeader(http.StatusPartialContent)
	} else {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	}
	w.Write(data[from : from+n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// asked returns the requests for a path.
func (f *fake) asked(path string) (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.requests {
		if strings.Contains(q, path) {
			list = append(list, q)
		}
	}
	return list
}

// waits notes how long a client has waited, and does not.
type waits struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	w.list = append(w.list, d)
	w.mu.Unlock()
	return ctx.Err()
}

// client returns a client of the fake with a cache of its own.
func (f *fake) client() (*Client, *waits) {
	w := &waits{}
	return &Client{Endpoint: f.hub.URL, Cache: f.t.TempDir(), Sleep: w.sleep, Idle: 5 * time.Second}, w
}

func repoOf(t *testing.T, text string) Repo {
	t.Helper()
	r, err := ParseRepo(text)
	require.NoError(t, err)
	return r
}

// pull lists, chooses and pulls.
func pull(t *testing.T, c *Client, opts *PullOptions) (*Snapshot, error) {
	t.Helper()
	l, err := c.List(t.Context(), repoOf(t, "org/name"))
	if err != nil {
		return nil, err
	}
	files, err := l.Choose(nil)
	if err != nil {
		return nil, err
	}
	return c.Pull(t.Context(), l, files, opts)
}

// requireWhole holds what the cache has against what the hub has.
func (f *fake) requireWhole(c *Client, names ...string) string {
	f.t.Helper()
	dir := filepath.Join(c.Cache, "models--org--name", "snapshots", f.commit)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		require.NoError(f.t, err)
		require.Equal(f.t, sha256Sum(f.files[name]), sha256Sum(data), name)
	}
	left, err := filepath.Glob(filepath.Join(c.Cache, "models--org--name", "blobs", "*.incomplete"))
	require.NoError(f.t, err)
	require.Empty(f.t, left)
	return dir
}

var modelNames = []string{"config.json", "LICENSE", "model.safetensors.index.json", "tokenizer.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}
