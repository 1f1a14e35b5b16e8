package hub

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/harmony-go/sdk/internal/disk"
)

// PullOptions are choices for Pull. The zero value, or nil, chooses well.
type PullOptions struct {
	// Check reads what is there already and fetches it anew if its checksum is wrong. Otherwise its size is enough.
	Check bool

	// Progress, if not nil, is told how far it is, often.
	Progress func(Progress)
}

// Progress says how far Pull is.
type Progress struct {
	File      string // that is worked at
	State     State
	FileDone  int64 // bytes of the file
	FileTotal int64
	Done      int64 // bytes of all files, with those that were there
	Total     int64
	Fetched   int64 // bytes that came over the network
}

// A State is what happens to a file.
type State uint8

// The states.
const (
	Fetching State = iota // it comes over the network
	Checking              // it, or what is there of it, is read
	Waiting               // another process fetches it
	Finished              // it is there
)

// A Snapshot is what the cache has of a repository after Pull.
type Snapshot struct {
	Repo    Repo
	Commit  string
	Dir     string // the directory of the snapshot
	Fetched int64  // bytes that came over the network
	New     []File // files that were not there before
}

// Need returns the bytes that are still to come of some files.
func (c *Client) Need(l *Listing, files []File) (n int64) {
	seen := map[string]bool{}
	for i := range files {
		f := &files[i]
		if seen[f.blob()] {
			continue
		}
		seen[f.blob()] = true
		if _, ok := c.have(l, f); ok {
			continue
		}
		n += f.Size
		if info, err := os.Stat(c.blobPath(l.Repo, f) + ".incomplete"); err == nil {
			n -= min(info.Size(), f.Size)
		}
	}
	return n
}

// have returns where the contents of a file are, if they have the right size: the blob, or a file in the snapshot, where
// huggingface_hub moves it if links cannot be made.
func (c *Client) have(l *Listing, f *File) (string, bool) {
	for _, path := range []string{c.blobPath(l.Repo, f), filepath.Join(c.snapshot(l), filepath.FromSlash(f.Path))} {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size() == f.Size {
			return path, true
		}
	}
	// Newer versions of huggingface_hub make some blobs links to a store that all repositories share.
	info, err := os.Stat(c.blobPath(l.Repo, f))
	return c.blobPath(l.Repo, f), err == nil && info.Mode().IsRegular() && info.Size() == f.Size
}

// snapshot returns the directory of a listing's snapshot.
func (c *Client) snapshot(l *Listing) string {
	return filepath.Join(c.Directory(l.Repo), "snapshots", l.Commit)
}

func (c *Client) blobPath(repo Repo, f *File) string {
	return filepath.Join(c.Directory(repo), "blobs", f.blob())
}

// Pull fetches files of a listing into the cache, those that are not there, and then lets the revision stand for its commit. What is
// interrupted, by the network or by ctx, goes on where it ended when Pull is called again. The error wraps ErrOffline, ErrSpace,
// ErrChecksum, ErrDenied, ErrNotFound or ErrHostile where one of them says what is wrong.
func (c *Client) Pull(ctx context.Context, l *Listing, files []File, opts *PullOptions) (*Snapshot, error) {
	if opts == nil {
		opts = &PullOptions{}
	}
	if c.Offline {
		return nil, &Error{What: l.Repo.String(), Text: "nothing is fetched in offline mode", Kind: ErrOffline}
	}
	for i := range files {
		if err := l.checkFile(&files[i]); err != nil {
			return nil, err
		}
	}
	own := func(err error) error {
		return &Error{What: l.Repo.String(), Text: "the cache " + c.Cache, Err: cause(err)}
	}
	if err := c.prepare(l.Repo, l.Commit); err != nil {
		return nil, own(err)
	}
	if free, ok := disk.Free(c.Cache); ok {
		if need := c.Need(l, files); need > free {
			return nil, &Error{What: l.Repo.String(), Text: fmt.Sprintf("%d bytes are to come, the disk of %s has room for %d", need, c.Cache, free), Kind: ErrSpace}
		}
	}
	p := &pulling{c: c, l: l, opts: opts, out: &Snapshot{Repo: l.Repo, Commit: l.Commit, Dir: c.snapshot(l)}}
	for i := range files {
		p.now.Total += files[i].Size
	}
	for i := range files {
		if err := p.file(ctx, &files[i]); err != nil {
			return nil, err
		}
		if err := c.place(l, &files[i]); err != nil {
			return nil, own(err)
		}
	}
	if err := c.setRef(l.Repo, l.Commit); err != nil {
		return nil, own(err)
	}
	p.out.Fetched = p.now.Fetched
	return p.out, nil
}

// pulling is one call of Pull.
type pulling struct {
	c    *Client
	l    *Listing
	opts *PullOptions
	out  *Snapshot
	now  Progress
	base int64 // bytes of the files before this one
}

// tell tells how far the file is.
func (p *pulling) tell(state State, done int64) {
	p.now.State, p.now.FileDone, p.now.Done = state, done, p.base+done
	if p.opts.Progress != nil {
		p.opts.Progress(p.now)
	}
}

// file sees to it that the cache has a file.
func (p *pulling) file(ctx context.Context, f *File) error {
	p.now.File, p.now.FileTotal = f.Path, f.Size
	if err := ctx.Err(); err != nil {
		return err
	}
	unlock, err := p.c.lock(ctx, p.l.Repo, f.blob(), func() { p.tell(Waiting, 0) })
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Error{What: p.l.Repo.String() + " " + f.Path, Text: "its lock", Err: cause(err)}
	}
	defer unlock()
	d := &download{p: p, f: f, path: p.c.blobPath(p.l.Repo, f)}
	there, err := d.there()
	if err == nil && !there {
		if err = d.fetch(ctx); err == nil {
			p.out.New = append(p.out.New, *f)
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return p.c.explain(fileName{p.l.Repo, f.Path}, err)
	}
	p.tell(Finished, f.Size)
	p.base += f.Size
	return nil
}

// fileName names a file for a message.
type fileName struct {
	repo Repo
	path string
}

func (n fileName) String() string { return n.repo.String() + " " + n.path }

// address returns where the hub has a file, at the commit: it cannot change while it is fetched.
func (p *pulling) address(f *File) string {
	parts := strings.Split(f.Path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return p.c.Endpoint + "/" + p.l.Repo.ID + "/resolve/" + p.l.Commit + "/" + strings.Join(parts, "/")
}
