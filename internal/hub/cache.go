package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Directory returns where the cache has a repository.
func (c *Client) Directory(repo Repo) string { return filepath.Join(c.Cache, repo.folder()) }

// commit returns the commit that a revision stands for in the cache.
func (c *Client) commit(repo Repo) (string, bool) {
	if commitHash.MatchString(repo.Revision) {
		return repo.Revision, true
	}
	f, err := os.Open(filepath.Join(c.Directory(repo), "refs", filepath.FromSlash(repo.Revision)))
	if err != nil {
		return "", false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 100))
	commit := strings.TrimSpace(string(data))
	return commit, err == nil && commitHash.MatchString(commit)
}

// Find returns the path of a repository's checkpoint in the cache, as decoder.Open wants it: the directory of safetensors, or the
// GGUF file. It does not use the network. The error is a *MissingError, or wraps ErrChoice if there are several GGUF files.
func (c *Client) Find(repo Repo) (string, error) {
	missing := func(format string, args ...any) (string, error) {
		return "", &MissingError{Repo: repo, Cache: c.Cache, What: fmt.Sprintf(format, args...)}
	}
	if _, err := os.Stat(c.Directory(repo)); err != nil {
		return missing("not in the cache")
	}
	commit, ok := c.commit(repo)
	if !ok {
		return missing("the cache has no revision %s of it%s", repo.Revision, c.revisions(repo))
	}
	snapshot := filepath.Join(c.Directory(repo), "snapshots", commit)
	if _, err := os.Stat(snapshot); err != nil {
		return missing("the cache has nothing of revision %s", repo.Revision)
	}
	for _, dir := range []string{snapshot, filepath.Join(snapshot, "original")} {
		whole, err := wholeDirectory(dir)
		if err != nil {
			return missing("only a part is in the cache: %v", err)
		}
		if whole {
			return dir, nil
		}
	}
	return c.findGGUF(repo, snapshot)
}

// revisions lists the revisions that the cache has, for a message.
func (c *Client) revisions(repo Repo) string {
	var names []string
	root := filepath.Join(c.Directory(repo), "refs")
	filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if name, rerr := filepath.Rel(root, path); err == nil && rerr == nil && e.Type().IsRegular() && len(names) < 10 {
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if len(names) == 0 {
		return ""
	}
	return ", but " + strings.Join(names, ", ")
}

// wholeDirectory reports whether a directory holds a checkpoint of safetensors. One that lacks a part of it is an error.
func wholeDirectory(dir string) (bool, error) {
	there := func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.Mode().IsRegular()
	}
	weights, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*.safetensors"))
	const index = "model.safetensors.index.json"
	switch {
	case !there("config.json") && len(weights) == 0 && !there(index):
		return false, nil
	case !there("config.json"):
		return false, errors.New("config.json is missing")
	case there("model.safetensors"):
		return true, nil
	case there(index):
		return wholeIndex(filepath.Join(dir, index), there)
	case len(weights) == 0:
		return false, nil // a repository of GGUF files may have a config.json, too
	}
	if filepath.Base(dir) != "original" {
		return false, errors.New(index + " is missing")
	}
	return true, nil
}

// escapeGlob makes a directory stand for itself in a pattern.
func escapeGlob(dir string) string {
	if filepath.Separator == '\\' {
		return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(dir)
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "*", `\*`, "?", `\?`).Replace(dir)
}

// wholeIndex reports whether all files are there that an index names.
func wholeIndex(path string, there func(name string) bool) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, cause(err)
	}
	defer f.Close()
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.NewDecoder(io.LimitReader(f, maxListing)).Decode(&index); err != nil {
		return false, fmt.Errorf("%s cannot be read: %w", filepath.Base(path), err)
	}
	for _, name := range index.Map {
		if checkPath(name) != "" || !there(name) {
			return false, fmt.Errorf("%s is missing", printable(name))
		}
	}
	return len(index.Map) > 0, nil
}

// findGGUF returns the GGUF file of a snapshot, of a split one the first part.
func (c *Client) findGGUF(repo Repo, snapshot string) (string, error) {
	groups := map[string][]string{}
	filepath.WalkDir(snapshot, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ".gguf") && !strings.HasPrefix(filepath.Base(path), "mmproj") {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				name := splitName.ReplaceAllString(path, ".gguf")
				groups[name] = append(groups[name], path)
			}
		}
		return nil
	})
	var first []string
	for _, parts := range groups {
		slices.Sort(parts)
		first = append(first, parts[0])
	}
	slices.Sort(first)
	switch len(first) {
	case 0:
		return "", &MissingError{Repo: repo, Cache: c.Cache, What: "no weights of it are in the cache"}
	case 1:
		return first[0], c.wholeSplit(repo, first[0])
	}
	return "", &Error{What: repo.String(), Text: "the cache has several GGUF files of it; name one by its path:\n  " + strings.Join(first, "\n  "), Kind: ErrChoice}
}

// wholeSplit returns an error if a part of a split file is missing.
func (c *Client) wholeSplit(repo Repo, first string) error {
	at := splitName.FindStringIndex(first)
	if at == nil {
		return nil
	}
	var count int
	tail := first[at[0]:]
	if _, err := fmt.Sscanf(tail[len("-00001-of-"):], "%05d", &count); err != nil {
		return nil
	}
	for i := range min(count, 1000) {
		name := fmt.Sprintf("%s-%05d-of-%05d.gguf", first[:at[0]], i+1, count)
		if _, err := os.Stat(name); err != nil {
			return &MissingError{Repo: repo, Cache: c.Cache, What: "only a part is in the cache: " + filepath.Base(name) + " is missing"}
		}
	}
	return nil
}

// prepare makes the directories of a repository, and marks the cache as one for tools that make backups.
func (c *Client) prepare(repo Repo, commit string) error {
	for _, dir := range []string{"blobs", "refs", filepath.Join("snapshots", commit)} {
		if err := os.MkdirAll(filepath.Join(c.Directory(repo), dir), 0o777); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(c.Cache, ".locks", repo.folder()), 0o777); err != nil {
		return err
	}
	// Source: https://bford.info/cachedir/
	tag, err := os.OpenFile(filepath.Join(c.Cache, "CACHEDIR.TAG"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		io.WriteString(tag, "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of models fetched from a hub.\n")
		tag.Close()
	}
	return nil
}

// place gives a file of a snapshot its contents: a relative link to the blob; where links cannot be made a hard link, or a copy. The
// directory of the snapshot is never left, whatever lies in it.
func (c *Client) place(l *Listing, f *File) error {
	dir := c.snapshot(l)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.FromSlash(f.Path)
	blob := c.blobPath(l.Repo, f)
	if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
		other, err := os.Stat(blob)
		if err == nil && os.SameFile(info, other) || errors.Is(err, fs.ErrNotExist) && info.Size() == f.Size {
			return nil
		}
	}
	if parent := filepath.Dir(name); parent != "." {
		if err := root.MkdirAll(parent, 0o777); err != nil {
			return err
		}
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	up := strings.Repeat("../", 2+strings.Count(f.Path, "/"))
	link := root.Symlink
	if c.link != nil {
		link = c.link
	}
	if err := link(filepath.FromSlash(up+"blobs/"+f.blob()), name); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err := os.Link(blob, filepath.Join(dir, name)); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return copyInto(root, name, blob)
}

// copyInto copies a file under a temporary name, and renames it.
func copyInto(root *os.Root, name, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	temporary := name + ".incomplete"
	out, err := root.Create(temporary)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		root.Remove(temporary)
	}
	return err
}

// setRef notes which commit a revision stands for.
func (c *Client) setRef(repo Repo, commit string) error {
	if repo.Revision == commit {
		return nil
	}
	path := filepath.Join(c.Directory(repo), "refs", filepath.FromSlash(repo.Revision))
	if now, ok := c.commit(repo); ok && now == commit {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = f.WriteString(commit)
	err = errors.Join(err, f.Close(), os.Chmod(f.Name(), 0o644))
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
