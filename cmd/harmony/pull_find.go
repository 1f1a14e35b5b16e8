package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/harmony-go/sdk/internal/hub"
)

// findModel returns the path of what --model names. What is a file or a directory is what it is; otherwise ORG/NAME[@REVISION] is a
// checkpoint in the cache of "harmony pull" and Hugging Face's tools. What is neither is returned as it is: opening it tells what is
// wrong. The network is not used.
func findModel(name string) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	repo, err := hub.ParseRepo(name)
	if err != nil {
		return name, nil
	}
	c, err := newHub("")
	if err != nil {
		return "", hubError(err)
	}
	path, err := c.Find(repo)
	if missing, ok := errors.AsType[*hub.MissingError](err); ok {
		if _, err := os.Stat(filepath.Dir(name)); err == nil || strings.HasSuffix(name, ".gguf") {
			return name, nil // it looks like a path, and nothing says that it is not
		}
		return "", &exitError{exitUsage, fmt.Errorf("%s: no such file or directory here, and as a repository of a hub: %s, in %s\n  To fetch it: harmony pull %s",
			printable(name), missing.What, printable(missing.Cache), repo)}
	}
	return path, hubError(err)
}
