package hub

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const large = "model-00001-of-00002.safetensors"

// TestPull: the files of one layout are in the cache, as huggingface_hub lays it out, and are not fetched again.
func TestPull(t *testing.T) {
	f := newFake(t).model()
	c, _ := f.client()
	var last Progress
	s, err := pull(t, c, &PullOptions{Progress: func(p Progress) {
		require.LessOrEqual(t, p.Done, p.Total)
		require.LessOrEqual(t, p.FileDone, p.FileTotal)
		last = p
	}})
	require.NoError(t, err)
	dir := f.requireWhole(c, modelNames...)
	require.Equal(t, dir, s.Dir)
	require.Len(t, s.New, len(modelNames))
	require.Equal(t, last.Total, last.Done)
	require.Equal(t, last.Total, s.Fetched)
	for _, name := range []string{"README.md", "original", "metal"} {
		require.NoFileExists(t, filepath.Join(dir, name))
	}
	repo := filepath.Dir(filepath.Dir(dir))
	ref, err := os.ReadFile(filepath.Join(repo, "refs", "main"))
	require.NoError(t, err)
	require.Equal(t, f.commit, string(ref))
	if runtime.GOOS != "windows" {
		target, err := os.Readlink(filepath.Join(dir, large))
		require.NoError(t, err)
		require.Equal(t, "../../blobs/"+sha256Sum(f.files[large]), target)
		target, err = os.Readlink(filepath.Join(dir, "config.json"))
		require.NoError(t, err)
		require.Equal(t, "../../blobs/"+gitSum(f.files["config.json"]), target)
	}
	require.FileExists(t, filepath.Join(c.Cache, "CACHEDIR.TAG"))

	path, err := c.Find(repoOf(t, "org/name"))
	require.NoError(t, err)
	require.Equal(t, dir, path)
	before := len(f.requests)
	s, err = pull(t, c, nil)
	require.NoError(t, err)
	require.Empty(t, s.New)
	require.Zero(t, s.Fetched)
	require.Len(t, f.requests, before+1, "the list alone")
}

// TestFaults: what a network and a hub do is got over, and ends in the same files.
func TestFaults(t *testing.T) {
	path := "/blob/" + large
	for _, c := range []struct {
		name  string
		fault func(f *fake) func(host, n int, w http.ResponseWriter, r *http.Request) bool
		asked []string // for the large file's contents
		waits int
	}{
		{"half a file", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path && n == 1 {
					cut(w, f.files[large], 0, 2<<20)
				}
				return false
			}
		}, []string{"", "bytes=2097152-"}, 1},
		{"cut again and again", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path && n <= 3 {
					cut(w, f.files[large], (n-1)*500_000, 500_000)
				}
				return false
			}
		}, []string{"", "bytes=500000-", "bytes=1000000-", "bytes=1500000-"}, 3},
		{"range ignored", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path && n == 1 {
					cut(w, f.files[large], 0, 100_000)
				}
				if r.URL.Path == path {
					w.Write(f.files[large])
					return true
				}
				return false
			}
		}, []string{"", "bytes=100000-"}, 1},
		{"another range", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path && n == 1 {
					cut(w, f.files[large], 0, 100_000)
				}
				if r.URL.Path == path && n == 2 {
					w.Header().Set("Content-Range", "bytes 7-3145727/3145728")
					w.WriteHeader(http.StatusPartialContent)
					w.Write(f.files[large][7:])
					return true
				}
				return false
			}
		}, []string{"", "bytes=100000-", ""}, 2},
		{"no such range", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path && n == 1 {
					cut(w, f.files[large], 0, 100_000)
				}
				if r.URL.Path == path && n == 2 {
					w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
					return true
				}
				return false
			}
		}, []string{"", "bytes=100000-", ""}, 2},
		{"errors of the server", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if n <= 3 && (r.URL.Path == path || strings.HasPrefix(r.URL.Path, "/api/")) {
					w.WriteHeader([]int{500, 502, 503}[n-1])
					return true
				}
				return false
			}
		}, []string{"", "", "", ""}, 6},
		{"no connection", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if n <= 2 && r.URL.Path == path {
					panic(http.ErrAbortHandler)
				}
				return false
			}
		}, []string{"", "", ""}, -1}, // a connection that was used before is tried again by net/http itself
		{"a wrong length", func(f *fake) func(int, int, http.ResponseWriter, *http.Request) bool {
			return func(host, n int, w http.ResponseWriter, r *http.Request) bool {
				if n == 1 && r.URL.Path == path {
					w.Write([]byte("<html>please log in to this network</html>"))
					return true
				}
				return false
			}
		}, []string{"", ""}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t).model()
			f.fault = c.fault(f)
			cl, w := f.client()
			told := 0
			cl.Waiting = func(why error, d time.Duration) {
				told++
				require.Error(t, why)
				require.NotContains(t, why.Error(), "secret")
			}
			_, err := pull(t, cl, nil)
			require.NoError(t, err)
			f.requireWhole(cl, modelNames...)
			var want []string
			for _, r := range c.asked {
				want = append(want, strings.TrimSpace("1 "+path+" "+r))
			}
			require.Equal(t, want, f.asked(path))
			require.Len(t, w.list, told)
			if c.waits >= 0 {
				require.Equal(t, c.waits, told)
			}
		})
	}
}

// TestRetryAfter: the hub says how long to wait, in seconds or as a date; what is too long is an error.
func TestRetryAfter(t *testing.T) {
	f := newFake(t).model()
	after := []string{"7", time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)}
	f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/") && n <= len(after) {
			w.Header().Set("Retry-After", after[n-1])
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		return false
	}
	c, w := f.client()
	_, err := c.List(t.Context(), repoOf(t, "org/name"))
	require.NoError(t, err)
	require.Len(t, w.list, 2)
	require.Equal(t, 7*time.Second, w.list[0])
	require.InDelta(t, 90, w.list[1].Seconds(), 20)

	after, f.count = []string{"86400"}, map[string]int{}
	_, err = c.List(t.Context(), repoOf(t, "org/name"))
	require.ErrorContains(t, err, "429 Too Many Requests, and wants us to wait 24h0m0s")
	require.Len(t, w.list, 2)
}

// TestGivesUp: a hub that never gets anywhere is asked a few times; one that gives a byte each time is not asked for ever.
func TestGivesUp(t *testing.T) {
	for _, bytes := range []int{0, 1} {
		f := newFake(t).model()
		f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/blob/"+large {
				cut(w, f.files[large], (n-1)*bytes, bytes)
			}
			return false
		}
		c, w := f.client()
		_, err := pull(t, c, nil)
		require.ErrorContains(t, err, "given up after 6 attempts")
		require.ErrorContains(t, err, "hub: org/name "+large+": fetching failed")
		require.Len(t, w.list, 5)
		for i, d := range w.list {
			require.LessOrEqual(t, d, time.Second<<i)
			require.GreaterOrEqual(t, d, time.Second<<i/2)
		}
		_, err = c.Find(repoOf(t, "org/name"))
		e := (*MissingError)(nil)
		require.ErrorAs(t, err, &e, "half a checkpoint is none")
	}
}

// TestSilence: a hub that stops in the middle of a file is left, and asked again for the rest.
func TestSilence(t *testing.T) {
	f := newFake(t).model()
	hold := make(chan struct{})
	defer close(hold)
	f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/blob/"+large && n == 1 {
			w.Header().Set("Content-Length", "3145728")
			w.Write(f.files[large][:1000])
			w.(http.Flusher).Flush()
			select {
			case <-hold:
			case <-r.Context().Done():
			}
			return true
		}
		return strings.HasPrefix(r.URL.Path, "/api/") && n == 1 && func() bool { <-r.Context().Done(); return true }()
	}
	c, w := f.client()
	c.Idle = 100 * time.Millisecond
	_, err := pull(t, c, nil)
	require.NoError(t, err)
	f.requireWhole(c, modelNames...)
	require.Len(t, w.list, 2)
	require.Equal(t, []string{"1 /blob/" + large, "1 /blob/" + large + " bytes=1000-"}, f.asked("/blob/"+large))
}

// TestInterrupted: a cancelled pull leaves what it has, and the next one goes on from there.
func TestInterrupted(t *testing.T) {
	f := newFake(t).model()
	c, _ := f.client()
	ctx, cancel := context.WithCancel(t.Context())
	l, err := c.List(ctx, repoOf(t, "org/name"))
	require.NoError(t, err)
	files, err := l.Choose(nil)
	require.NoError(t, err)
	_, err = c.Pull(ctx, l, files, &PullOptions{Progress: func(p Progress) {
		if p.File == large && p.FileDone > 1<<20 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	blob := filepath.Join(c.Directory(l.Repo), "blobs", sha256Sum(f.files[large]))
	info, err := os.Stat(blob + ".incomplete")
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(1<<20))
	require.Less(t, info.Size(), int64(3<<20))
	require.NoFileExists(t, blob)
	need := c.Need(l, files)
	s, err := c.Pull(t.Context(), l, files, nil)
	require.NoError(t, err)
	require.Equal(t, need, s.Fetched)
	f.requireWhole(c, modelNames...)
	asked := f.asked("/blob/" + large)
	require.Len(t, asked, 2)
	require.Contains(t, asked[1], "bytes=")
}

// TestChecksums: what is wrong never gets a name. What an earlier process has left may be of another file: then all of it is fetched.
func TestChecksums(t *testing.T) {
	spoiled := func(f *fake, times int) {
		f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/blob/"+large && n <= times {
				data := append([]byte(nil), f.files[large]...)
				data[1<<20] ^= 1
				f.send(w, r, data)
				return true
			}
			return false
		}
	}
	t.Run("large", func(t *testing.T) {
		f := newFake(t).model()
		spoiled(f, 1)
		c, _ := f.client()
		_, err := pull(t, c, nil)
		require.ErrorIs(t, err, ErrChecksum)
		require.ErrorContains(t, err, "expected "+sha256Sum(f.files[large])+"; it was thrown away")
		require.NoFileExists(t, filepath.Join(c.Directory(Repo{ID: "org/name"}), "blobs", sha256Sum(f.files[large])))
		_, err = pull(t, c, nil)
		require.NoError(t, err)
		f.requireWhole(c, modelNames...)
	})
	t.Run("small", func(t *testing.T) {
		f := newFake(t).model()
		f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/resolve/"+f.commit+"/config.json") {
				w.Write([]byte(strings.Repeat("x", len(f.files["config.json"]))))
				return true
			}
			return false
		}
		c, _ := f.client()
		_, err := pull(t, c, nil)
		require.ErrorIs(t, err, ErrChecksum)
	})
	t.Run("left by another", func(t *testing.T) {
		f := newFake(t).model()
		c, _ := f.client()
		blobs := filepath.Join(c.Directory(Repo{ID: "org/name"}), "blobs")
		require.NoError(t, os.MkdirAll(blobs, 0o777))
		for name, n := range map[string]int{large: 100_000, "tokenizer.json": 9000, "model-00002-of-00002.safetensors": 80_000} {
			require.NoError(t, os.WriteFile(filepath.Join(blobs, sha256Sum(f.files[name])+".incomplete"), bytesOf("other", n), 0o666))
		}
		_, err := pull(t, c, nil)
		require.NoError(t, err)
		f.requireWhole(c, modelNames...)
		require.Equal(t, []string{"1 /blob/" + large + " bytes=100000-", "1 /blob/" + large}, f.asked("/blob/"+large))
		require.Equal(t, []string{"1 /blob/tokenizer.json"}, f.asked("/blob/tokenizer.json"))
		require.Equal(t, []string{"1 /blob/model-00002-of-00002.safetensors"}, f.asked("/blob/model-00002"), "longer than the file")
	})
	t.Run("changed while listed", func(t *testing.T) {
		f := newFake(t).model()
		c, _ := f.client()
		l, err := c.List(t.Context(), repoOf(t, "org/name"))
		require.NoError(t, err)
		files, err := l.Choose(nil)
		require.NoError(t, err)
		f.files[large] = bytesOf("changed", 3<<20)
		_, err = c.Pull(t.Context(), l, files, nil)
		require.ErrorIs(t, err, ErrChecksum)
		require.ErrorContains(t, err, "the hub has another file now")
	})
	t.Run("spoiled in the cache", func(t *testing.T) {
		f := newFake(t).model()
		c, _ := f.client()
		_, err := pull(t, c, nil)
		require.NoError(t, err)
		blob := filepath.Join(c.Directory(Repo{ID: "org/name"}), "blobs", sha256Sum(f.files[large]))
		require.NoError(t, os.WriteFile(blob, bytesOf("rotten", 3<<20), 0o666))
		s, err := pull(t, c, nil)
		require.NoError(t, err)
		require.Empty(t, s.New, "its size is right")
		s, err = pull(t, c, &PullOptions{Check: true})
		require.NoError(t, err)
		require.Len(t, s.New, 1)
		f.requireWhole(c, modelNames...)
		require.NoError(t, os.Truncate(blob, 5))
		s, err = pull(t, c, nil)
		require.NoError(t, err)
		require.Len(t, s.New, 1)
		f.requireWhole(c, modelNames...)
	})
}

// TestToken: it goes to the hub and nowhere else, is in no error, and what the hub refuses is told for what it is.
func TestToken(t *testing.T) {
	f := newFake(t).model()
	f.token = "hf_secretOfTheUser"
	c, _ := f.client()
	_, err := c.List(t.Context(), repoOf(t, "org/name"))
	require.ErrorIs(t, err, ErrDenied)
	require.ErrorContains(t, err, "accept the conditions on the repository's page; a token may be needed: set HF_TOKEN")
	c.Token = "hf_wrong"
	_, err = c.List(t.Context(), repoOf(t, "org/name"))
	require.ErrorIs(t, err, ErrDenied)
	require.ErrorContains(t, err, "the token that was sent gives no access")
	require.NotContains(t, err.Error(), "hf_")
	c.Token = f.token
	_, err = pull(t, c, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"": true}, f.tokens, "what the other host has seen")

	f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
		if host == 0 && r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	}
	_, err = c.List(t.Context(), repoOf(t, "org/name"))
	require.ErrorIs(t, err, ErrDenied)
	require.ErrorContains(t, err, "403 Forbidden")
}

// TestRefusals: what is not there, is not there.
func TestRefusals(t *testing.T) {
	f := newFake(t).model()
	c, w := f.client()
	for text, what := range map[string]string{"org/name@v9": "hub: org/name@v9: no such revision", "org/other": "hub: org/other: no such repository, or a private one"} {
		_, err := c.List(t.Context(), repoOf(t, text))
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorContains(t, err, what)
	}
	l, err := c.List(t.Context(), repoOf(t, "org/name@refs/pr/1"))
	require.NoError(t, err)
	l.Files = append(l.Files, File{Path: "gone.bin", Size: 3, SHA1: gitSum([]byte("abc"))})
	_, err = c.Pull(t.Context(), l, l.Files[len(l.Files)-1:], nil)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "hub: org/name@refs/pr/1 gone.bin: no such file")
	require.Empty(t, w.list, "none of this is tried again")
	c.Offline = true
	before := len(f.requests)
	_, err = c.List(t.Context(), l.Repo)
	require.ErrorIs(t, err, ErrOffline)
	_, err = c.Pull(t.Context(), l, l.Files, nil)
	require.ErrorIs(t, err, ErrOffline)
	require.Len(t, f.requests, before)
}

// TestRedirects: they end, and lead to no other scheme.
func TestRedirects(t *testing.T) {
	for location, what := range map[string]string{"/api/models/org/name/revision/main": "redirects more than 6 times", "file:///etc/passwd": `redirects from http to "file"`,
		"http://[::1": "redirects to what is no address"} {
		f := newFake(t).model()
		f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
			return true
		}
		c, w := f.client()
		_, err := c.List(t.Context(), repoOf(t, "org/name"))
		require.ErrorIs(t, err, ErrHostile)
		require.ErrorContains(t, err, what)
		require.Empty(t, w.list)
	}
}

// TestHostile: a listing that could do harm is refused before anything is written.
func TestHostile(t *testing.T) {
	sum := sha256Sum(nil)
	for _, c := range []struct {
		change map[string]any
		is     error
		what   string
	}{
		{map[string]any{"rfilename": "../../../.ssh/authorized_keys"}, ErrHostile, `lists a file "../../../.ssh/authorized_keys"`},
		{map[string]any{"rfilename": "/etc/passwd"}, ErrHostile, "lists a file"},
		{map[string]any{"rfilename": `..\..\x`}, ErrHostile, "lists a file"},
		{map[string]any{"rfilename": "a//b"}, ErrHostile, "lists a file"},
		{map[string]any{"rfilename": ""}, ErrHostile, "lists a file"},
		{map[string]any{"rfilename": "config.json"}, ErrHostile, "twice"},
		{map[string]any{"rfilename": "x", "size": -1}, ErrHostile, "a size of -1"},
		{map[string]any{"rfilename": "x", "size": int64(1) << 50}, ErrHostile, "a size of"},
		{map[string]any{"rfilename": "model-C:evil.safetensors"}, ErrHostile, "has a character that names of files must not have"},
		{map[string]any{"rfilename": "model-\x1b[2J.safetensors"}, ErrHostile, "has a character"},
		{map[string]any{"rfilename": "model.safetensors", "lfs": map[string]any{"sha256": "../../x", "size": 1}}, nil, "the hub tells no checksum"},
		{map[string]any{"rfilename": "model.safetensors", "blobId": "abc"}, nil, "the hub tells no checksum"},
		{map[string]any{"rfilename": "model.safetensors", "size": nil, "blobId": gitSum(nil)}, nil, "does not tell its size"},
	} {
		f := newFake(t).model()
		f.listing = func(list []map[string]any) []map[string]any {
			e := map[string]any{"rfilename": "x", "size": 0, "blobId": sum}
			for k, v := range c.change {
				e[k] = v
			}
			return append(list, e)
		}
		cl, _ := f.client()
		_, err := pull(t, cl, nil)
		require.ErrorContains(t, err, c.what)
		require.NotContains(t, err.Error(), "\x1b")
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
		entries, err := os.ReadDir(cl.Cache)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
	for answer, what := range map[string]string{"[]": "no list of files", `{"sha":"../../x"}`: "names the commit", "{": "no list of files",
		`{"sha":"` + strings.Repeat("a", 40) + `"}`: "answers with commit"} {
		f := newFake(t)
		f.fault = func(host, n int, w http.ResponseWriter, r *http.Request) bool { w.Write([]byte(answer)); return true }
		cl, _ := f.client()
		_, err := cl.List(t.Context(), repoOf(t, "org/name@"+f.commit))
		require.ErrorContains(t, err, what)
	}
}

// TestLinkOutOfSnapshot: a directory in the snapshot that is a link elsewhere is not followed.
func TestLinkOutOfSnapshot(t *testing.T) {
	f := newFake(t)
	f.files = map[string][]byte{"sub/config.json": []byte("{}")}
	c, _ := f.client()
	l, err := c.List(t.Context(), repoOf(t, "org/name"))
	require.NoError(t, err)
	outside := t.TempDir()
	require.NoError(t, os.MkdirAll(c.snapshot(l), 0o777))
	if err := os.Symlink(outside, filepath.Join(c.snapshot(l), "sub")); err != nil {
		t.Skip("no links here")
	}
	_, err = c.Pull(t.Context(), l, l.Files, nil)
	require.Error(t, err)
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// TestNoLinks: where links cannot be made, the snapshot holds the files themselves, and is found and not fetched again.
func TestNoLinks(t *testing.T) {
	f := newFake(t).model()
	c, _ := f.client()
	c.link = func(string, string) error { return errors.New("a required privilege is not held by the client") }
	s, err := pull(t, c, nil)
	require.NoError(t, err)
	f.requireWhole(c, modelNames...)
	info, err := os.Lstat(filepath.Join(s.Dir, large))
	require.NoError(t, err)
	require.True(t, info.Mode().IsRegular())
	_, err = c.Find(repoOf(t, "org/name"))
	require.NoError(t, err)
	s, err = pull(t, c, nil)
	require.NoError(t, err)
	require.Empty(t, s.New)
	// huggingface_hub moves the blob there.
	require.NoError(t, os.Remove(filepath.Join(c.Directory(s.Repo), "blobs", sha256Sum(f.files[large]))))
	s, err = pull(t, c, &PullOptions{Check: true})
	require.NoError(t, err)
	require.Empty(t, s.New)
	f.requireWhole(c, modelNames...)

	root, err := os.OpenRoot(s.Dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, copyInto(root, "copy.bin", filepath.Join(s.Dir, large)))
	data, err := os.ReadFile(filepath.Join(s.Dir, "copy.bin"))
	require.NoError(t, err)
	require.Equal(t, sha256Sum(f.files[large]), sha256Sum(data))
	require.NoFileExists(t, filepath.Join(s.Dir, "copy.bin.incomplete"))
}

// TestTogether: several pulls of the same at once fetch every file once.
func TestTogether(t *testing.T) {
	f := newFake(t).model()
	c, _ := f.client()
	c.Sleep = nil
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := pull(t, c, nil)
			if err != nil || s == nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f.requireWhole(c, modelNames...)
	require.Len(t, f.asked("/blob/"), 3)
	require.Len(t, f.asked("/resolve/"), 6)
}

// TestNoRoom: files that the disk cannot hold are not begun with.
func TestNoRoom(t *testing.T) {
	f := newFake(t)
	f.files = map[string][]byte{"config.json": []byte("{}")}
	c, _ := f.client()
	l, err := c.List(t.Context(), repoOf(t, "org/name"))
	require.NoError(t, err)
	l.Files[0].Size = maxFile
	_, err = c.Pull(t.Context(), l, l.Files, nil)
	require.ErrorIs(t, err, ErrSpace)
	require.ErrorContains(t, err, "4398046511104 bytes are to come, the disk of "+c.Cache+" has room for ")
	require.Empty(t, f.asked("/resolve/"))
}
