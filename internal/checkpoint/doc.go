// Package checkpoint opens the files that hold the weights of a model: a directory of safetensors files with its config.json,
// in Hugging Face's layout or in OpenAI's own, or a GGUF file, split or not.
//
// Every byte of a file is untrusted. A header is checked whole before a tensor is allocated or mapped: all counts and sizes
// against the size of the file, all products for overflow, every tensor for its place (inside the file, overlapping no other),
// names for being unique and valid UTF-8. What is kept of a header is bounded by the limits below, whatever it claims.
// The error is an *Error, which names the file, the tensor or key, what was expected and what was found.
//
// Files are mapped into memory where the system can; elsewhere tensors are read when they are asked for. The package knows
// nothing of models: which tensors there must be, and in which shape, is for its caller to say.
//
// Sources: huggingface/safetensors, README.md ("Format") and safetensors/src/tensor.rs; ggml-org/ggml, docs/gguf.md.
package checkpoint

// Limits. The largest real file of the architecture this serves, gpt-oss-120b, has 687 tensors, 60 keys and 15 shards.
const (
	maxTensors    = 1 << 16     // in all files together
	maxKeys       = 1 << 16     // of GGUF metadata
	maxFiles      = 1000        // shards or parts
	maxHeader     = 100_000_000 // bytes of a safetensors header: the format's own limit (tensor.rs, MAX_HEADER_SIZE)
	maxGGUFHeader = 1 << 28     // bytes of a GGUF header, arrays included; the vocabulary and merges of gpt-oss have 15 MB
	maxConfig     = 1 << 20     // bytes of a config.json; real ones have 2 kB
	maxName       = 1 << 10     // bytes of a tensor's name or a key
	maxString     = 1 << 20     // bytes of a metadata string that is kept; chat templates have 20 kB
	maxDimensions = 8           // of a safetensors tensor; GGUF has its own limit of 4
)
