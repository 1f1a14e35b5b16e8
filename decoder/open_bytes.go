package decoder

import "github.com/harmony-go/sdk/internal/checkpoint"

// OpenBytes opens a checkpoint whose files are in memory: the contents of a directory by their names, config.json and *.safetensors
// in OpenAI's layout or in Hugging Face's. name is what errors call the directory. The model keeps the bytes, which must not be
// changed while it is open. The error is that of Open.
func OpenBytes(name string, files map[string][]byte, opts *Options) (*Model, error) {
	if opts == nil {
		opts = &Options{}
	}
	file, err := checkpoint.OpenMemory(name, files)
	if err != nil {
		return nil, fileError(err)
	}
	return newModel(file, opts)
}
