package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	configName = "config.json"
	singleName = "model.safetensors"
	indexName  = "model.safetensors.index.json"
)

// openDirectory opens a directory of safetensors files.
func (c *Checkpoint) openDirectory(dir string) error {
	c.ConfigPath = filepath.Join(dir, configName)
	data, err := readSmall(c.ConfigPath, maxConfig)
	if err != nil {
		return err
	}
	if err := c.readConfig(data); err != nil {
		return err
	}
	if c.Layout == Original {
		return c.openOriginal(dir)
	}
	single := filepath.Join(dir, singleName)
	if _, err := os.Stat(single); !errors.Is(err, fs.ErrNotExist) {
		return c.addShard(single, nil)
	}
	return c.openIndex(dir)
}

// readConfig reads config.json, which tells the layouts apart: OpenAI's own names no model type.
func (c *Checkpoint) readConfig(data []byte) (err error) {
	if c.Config, err = readObject(data); err != nil {
		return &Error{File: c.ConfigPath, Err: err}
	}
	c.Layout = Original
	if _, ok := c.Config["model_type"]; ok {
		c.Layout = HuggingFace
	}
	return nil
}

// openOriginal opens all safetensors files of a directory: OpenAI's layout has no index.
func (c *Checkpoint) openOriginal(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &Error{File: dir, Err: err}
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".safetensors") {
			if err := c.addShard(filepath.Join(dir, e.Name()), nil); err != nil {
				return err
			}
		}
	}
	if len(c.files) == 0 {
		return &Error{File: dir, What: "expected *.safetensors, found none"}
	}
	return nil
}

// openIndex opens the shards that the index of a directory names.
func (c *Checkpoint) openIndex(dir string) error {
	path := filepath.Join(dir, indexName)
	data, err := readSmall(path, maxHeader)
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{File: dir, What: "expected " + singleName + " or " + indexName + ", found neither"}
	}
	if err != nil {
		return err
	}
	shards, err := readIndex(data)
	if err != nil {
		return &Error{File: path, Err: err}
	}
	for _, name := range slices.Sorted(maps.Keys(shards)) {
		if err := c.addShard(filepath.Join(dir, name), shards[name]); err != nil {
			return err
		}
	}
	return nil
}

// readIndex returns the names of the tensors that each file is said to hold.
func readIndex(data []byte) (map[string][]string, error) {
	object, err := readObject(data)
	if err != nil {
		return nil, err
	}
	shards, n := map[string][]string{}, 0
	err = members(object["weight_map"], func(tensor string, dec *json.Decoder) error {
		var name string
		if err := dec.Decode(&name); err != nil {
			return unexpected(err)
		}
		// A name that is not that of a file beside the index could open any file of the machine.
		if !filepath.IsLocal(name) || name != filepath.Base(name) || strings.ContainsAny(name, `/\`) {
			return fmt.Errorf("weight_map: expected the name of a file beside the index, found %s", Quote(name))
		}
		if n++; n > maxTensors {
			return fmt.Errorf("weight_map: expected at most %d tensors", maxTensors)
		}
		shards[name] = append(shards[name], tensor)
		return nil
	})
	if err == nil && len(shards) == 0 {
		err = errors.New("weight_map: expected tensors, found none")
	}
	return shards, err
}

// addShard opens a safetensors file and adds its tensors: all of them, or those that the index names, which must be there.
func (c *Checkpoint) addShard(path string, names []string) error {
	f, err := c.open(path)
	if err != nil {
		return err
	}
	tensors, err := readSafetensors(f, maxTensors-len(c.tensors))
	if err != nil {
		return err
	}
	if names == nil {
		return c.add(tensors)
	}
	byName := map[string]*Tensor{}
	for _, t := range tensors {
		byName[t.Name] = t
	}
	chosen := make([]*Tensor, 0, len(names))
	for _, name := range names {
		if byName[name] == nil {
			return &Error{File: path, Tensor: name, What: "the index says it is in this file, but it is not"}
		}
		chosen = append(chosen, byName[name])
	}
	return c.add(chosen)
}

// readSmall reads a whole file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if f.size > limit {
		return nil, f.fail(fmt.Sprintf("%d bytes, expected at most %d", f.size, limit))
	}
	data := make([]byte, f.size)
	return data, f.readAt(data, 0)
}
