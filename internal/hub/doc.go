// Package hub fetches checkpoints from a Hugging Face hub into the cache that other tools use, too, and finds them there.
//
//	c, err := hub.FromEnvironment(os.Getenv)
//	l, err := c.List(ctx, repo)                    // what the hub has, pinned to a commit
//	files, err := l.Choose(nil)                    // what the decoder needs
//	s, err := c.Pull(ctx, l, files, nil)           // s.Path is what decoder.Open opens
//	path, err := c.Find(repo)                      // later, without a network
//
// # The cache
//
// It is laid out as huggingface_hub's: models--ORG--NAME holds blobs named by their checksums, snapshots/COMMIT with a symbolic link
// for each file, relative, and refs/REVISION with the commit. A blob that is being fetched is called CHECKSUM.incomplete and
// locked by .locks/models--ORG--NAME/CHECKSUM.lock, as huggingface_hub locks it. Where links cannot be made, a snapshot has hard links
// or copies.
//
// # What can be relied on
//
// A blob gets its name only when its checksum is right: SHA-256 for large files, git's SHA-1 for small ones. What is cut off, by the
// network or by the user, is continued where it ended. Two processes may fetch the same. What the hub says is checked before it
// is used: names never lead out of the snapshot, no file becomes larger than the list said, and the token goes to no other host
// than the hub's.
//
// # Sources
//
// huggingface_hub 2.4.0: constants.py, file_download.py, hf_api.py, utils/_auth.py, utils/_http.py.
package hub
