package hub

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Repo names a repository on a hub, at a revision.
type Repo struct {
	ID       string // ORG/NAME
	Revision string // branch, tag or commit
}

const defaultRevision = "main"

// String returns ORG/NAME, with @REVISION where it is not main.
func (r Repo) String() string {
	if r.Revision == defaultRevision || r.Revision == "" {
		return r.ID
	}
	return r.ID + "@" + r.Revision
}

// folder returns the name of the repository's directory in a cache.
func (r Repo) folder() string { return "models--" + strings.ReplaceAll(r.ID, "/", "--") }

// Source of the rules: huggingface_hub 2.4.0, utils/_validators.py, validate_repo_id.
var repoName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*/[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// ParseRepo reads ORG/NAME or ORG/NAME@REVISION.
func ParseRepo(text string) (Repo, error) {
	id, revision, found := strings.Cut(text, "@")
	if !found {
		revision = defaultRevision
	}
	org, name, _ := strings.Cut(id, "/")
	if !repoName.MatchString(id) || len(id) > 96 || strings.Contains(id, "--") || strings.Contains(id, "..") || strings.HasSuffix(id, ".git") ||
		strings.ContainsAny(org[len(org)-1:]+name[len(name)-1:], ".-") {
		return Repo{}, &Error{What: quote(text), Text: "expected ORG/NAME or ORG/NAME@REVISION", Kind: ErrName}
	}
	if what := checkPath(revision); what != "" || strings.HasSuffix(revision, ".lock") || len(revision) > 255 {
		return Repo{}, &Error{What: quote(text), Text: "expected the name of a branch, a tag or a commit behind the @", Kind: ErrName}
	}
	return Repo{ID: id, Revision: revision}, nil
}

var (
	commitHash = regexp.MustCompile(`^[0-9a-f]{40}$`)
	sha1Hex    = commitHash
	sha256Hex  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// checkPath returns why a path with slashes must not become one of this machine, or "". It holds for every system: what one of
// them would take for a device, another drive or a directory above is refused on all.
func checkPath(path string) string {
	switch {
	case path == "":
		return "is empty"
	case len(path) > 1024:
		return "is too long"
	case !utf8.ValidString(path):
		return "is not UTF-8"
	case strings.HasPrefix(path, "/"):
		return "is absolute"
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`\:<>"|?*`, r) }):
		return "has a character that names of files must not have"
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return "leads elsewhere"
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
			return "ends in what Windows drops"
		case isDevice(part):
			return "names a device of Windows"
		}
	}
	return ""
}

var devices = []string{"con", "prn", "aux", "nul", "conin$", "conout$"}

// isDevice reports whether Windows takes a name, whatever its extension, for a device.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	base = strings.TrimRight(base, " ")
	if port, ok := strings.CutPrefix(base, "com"); ok || strings.HasPrefix(base, "lpt") {
		if !ok {
			port = base[3:]
		}
		return slices.Contains([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, port)
	}
	return slices.Contains(devices, base)
}
