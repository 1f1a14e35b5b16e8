package checkpoint

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// OpenMemory opens the files of a directory that are in memory: config.json and *.safetensors, by their names. dir is what errors call
// the directory. The checkpoint keeps the bytes, which must not be changed; tensors are parts of them, also after Close. The error
// is an *Error.
func OpenMemory(dir string, files map[string][]byte) (*Checkpoint, error) {
	c := &Checkpoint{tensors: map[string]*Tensor{}, ConfigPath: path.Join(dir, configName)}
	config, ok := files[configName]
	if !ok {
		return nil, &Error{File: dir, What: "expected " + configName + ", found no such file"}
	}
	if len(config) > maxConfig {
		return nil, &Error{File: c.ConfigPath, What: fmt.Sprintf("%d bytes, expected at most %d", len(config), maxConfig)}
	}
	if err := c.readConfig(config); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".safetensors") {
			continue
		}
		f := &file{path: path.Join(dir, name), r: bytes.NewReader(files[name]), size: int64(len(files[name])), data: files[name]}
		tensors, err := readSafetensors(f, maxTensors-len(c.tensors))
		if err == nil {
			err = c.add(tensors)
		}
		if err != nil {
			return nil, err
		}
		c.files = append(c.files, f)
	}
	if len(c.files) == 0 {
		return nil, &Error{File: dir, What: "expected *.safetensors, found none"}
	}
	return c, nil
}

// InMemory reports whether OpenMemory has opened the checkpoint: its directory is a name and nothing else.
func (c *Checkpoint) InMemory() bool { return len(c.files) > 0 && c.files[0].f == nil }
