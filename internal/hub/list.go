package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A File is one file of a repository.
type File struct {
	Path   string // with slashes
	Size   int64
	SHA1   string // git's, of its blob; "" where SHA256 is known
	SHA256 string // of a large file; "" for a small one
}

// blob returns the name of the file's contents in the cache.
func (f *File) blob() string {
	if f.SHA256 != "" {
		return f.SHA256
	}
	return f.SHA1
}

// A Listing is what a hub has of a repository at a commit.
type Listing struct {
	Repo   Repo
	Commit string
	Files  []File // in the hub's order
}

const (
	maxListing = 64 << 20 // bytes
	maxFiles   = 100_000
	maxFile    = 1 << 42
)

// List asks the hub for the files of a repository. The error wraps ErrOffline, ErrNotFound, ErrDenied or ErrHostile where one of
// them says what is wrong.
func (c *Client) List(ctx context.Context, repo Repo) (*Listing, error) {
	if c.Offline {
		return nil, &Error{What: repo.String(), Text: "the hub is not asked in offline mode", Kind: ErrOffline}
	}
	address := c.Endpoint + "/api/models/" + repo.ID + "/revision/" + url.PathEscape(repo.Revision) + "?blobs=true"
	var data []byte
	err := c.retrying(ctx, func() (bool, error) {
		r, err := c.get(ctx, address, 0)
		if err != nil {
			return false, err
		}
		defer r.close()
		data, err = io.ReadAll(io.LimitReader(r.body, maxListing+1))
		if err == nil && r.ContentLength >= 0 && int64(len(data)) < r.ContentLength {
			err = io.ErrUnexpectedEOF
		}
		return false, err
	})
	if err != nil {
		return nil, c.explain(repo, err)
	}
	if len(data) > maxListing {
		return nil, &Error{What: repo.String(), Text: fmt.Sprintf("the list of files is longer than %d bytes", maxListing), Kind: ErrHostile}
	}
	return readListing(repo, data)
}

// readListing reads the hub's answer. Source: huggingface_hub 2.4.0, hf_api.py, ModelInfo and RepoSibling.
func readListing(repo Repo, data []byte) (*Listing, error) {
	fail := func(kind error, format string, args ...any) (*Listing, error) {
		return nil, &Error{What: repo.String(), Text: fmt.Sprintf(format, args...), Kind: kind}
	}
	var answer struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
			Size *int64 `json:"size"`
			Blob string `json:"blobId"`
			LFS  *struct {
				SHA256 string `json:"sha256"`
				Size   int64  `json:"size"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fail(nil, "the hub's answer is no list of files: %v", err)
	}
	if !commitHash.MatchString(answer.SHA) {
		return fail(nil, "the hub's answer names the commit %s", quote(answer.SHA))
	}
	if commitHash.MatchString(repo.Revision) && answer.SHA != repo.Revision {
		return fail(ErrHostile, "the hub answers with commit %s", answer.SHA)
	}
	if len(answer.Siblings) > maxFiles {
		return fail(ErrHostile, "%d files, expected at most %d", len(answer.Siblings), maxFiles)
	}
	l, seen := &Listing{Repo: repo, Commit: answer.SHA}, map[string]bool{}
	for _, s := range answer.Siblings {
		f := File{Path: s.Name, SHA1: s.Blob}
		if s.Size != nil {
			f.Size = *s.Size
		}
		if s.LFS != nil {
			f.SHA1, f.SHA256, f.Size = "", s.LFS.SHA256, s.LFS.Size
		}
		if leadsOut(f.Path) {
			return fail(ErrHostile, "the hub lists a file %s", quote(f.Path))
		}
		if f.Size < 0 || f.Size > maxFile {
			return fail(ErrHostile, "the hub lists %s with a size of %d", quote(f.Path), f.Size)
		}
		if seen[f.Path] {
			return fail(ErrHostile, "the hub lists %s twice", quote(f.Path))
		}
		if seen[f.Path] = true; s.Size == nil && s.LFS == nil {
			f.Size = -1 // not known: such a file cannot be fetched
		}
		l.Files = append(l.Files, f)
	}
	return l, nil
}

// leadsOut reports whether a path could only be meant to harm. Others that some system cannot have are refused when they are chosen.
func leadsOut(path string) bool {
	if path == "" || strings.HasPrefix(path, "/") || strings.Contains(path, `\`) || strings.Contains(path, "\x00") {
		return true
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." || part == "." || part == "" {
			return true
		}
	}
	return false
}

// checkFile refuses a file that cannot be fetched safely.
func (l *Listing) checkFile(f *File) error {
	fail := func(kind error, format string, args ...any) error {
		return &Error{What: l.Repo.String() + " " + quote(f.Path), Text: fmt.Sprintf(format, args...), Kind: kind}
	}
	if what := checkPath(f.Path); what != "" {
		return fail(ErrHostile, "the path %s", what)
	}
	if f.Size < 0 {
		return fail(nil, "the hub does not tell its size")
	}
	if f.SHA256 != "" && !sha256Hex.MatchString(f.SHA256) || f.SHA256 == "" && !sha1Hex.MatchString(f.SHA1) {
		return fail(nil, "the hub tells no checksum, but %s", quote(f.blob()))
	}
	return nil
}

// explain turns the hub's refusals into what they mean.
func (c *Client) explain(what fmt.Stringer, err error) error {
	e, ok := errors.AsType[*statusError](err)
	if !ok {
		if own, ok := errors.AsType[*Error](err); ok && own.Kind != nil {
			return err
		}
		return &Error{What: what.String(), Text: "fetching failed", Err: err}
	}
	login := "; a token may be needed: set HF_TOKEN, or log in with Hugging Face's hf auth login"
	if c.Token != "" {
		login = "; the token that was sent gives no access"
	}
	out := &Error{What: what.String(), Err: err}
	switch {
	case e.code == "RevisionNotFound":
		out.Text, out.Kind = "no such revision", ErrNotFound
	case e.code == "EntryNotFound":
		out.Text, out.Kind = "no such file", ErrNotFound
	case e.code == "GatedRepo":
		out.Text, out.Kind = "its owner gives access on request: accept the conditions on the repository's page"+login, ErrDenied
	case e.code == "RepoNotFound" || e.status == http.StatusNotFound:
		out.Text, out.Kind = "no such repository, or a private one"+login, ErrNotFound
	case e.status == http.StatusUnauthorized:
		out.Text, out.Kind = "no such repository, or no access to it"+login, ErrDenied
	case e.status == http.StatusForbidden:
		out.Text, out.Kind = "no access"+login, ErrDenied
	default:
		out.Text = "fetching failed"
	}
	return out
}
