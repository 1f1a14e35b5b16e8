// Package decoder runs gpt-oss: tokens in, logits out.
//
//	m, err := decoder.Open("gpt-oss-20b", nil)          // a directory of safetensors files, or a .gguf file
//	s, err := m.NewSequence(8192)                       // room for so many tokens
//	logits := make([]float32, m.Config().Vocabulary)
//	err = s.Forward(prompt, logits)                     // the whole prompt
//	for next != tokenizer.Return {
//		next = choose(logits)
//		err = s.Forward([]tokenizer.Token{next}, logits) // one token more
//	}
//
// # Terms
//
// A Model is an open checkpoint; a Sequence is one conversation in the making, with the keys and values computed for it. A
// position is an index into a sequence, its capacity the number of positions it has room for. Prefill is a Forward with many
// tokens, a decode step one with a single token. Sliding layers see a window of positions, full layers all of them. The
// dimension letters L D H K E V X A I are those of Config; T counts tokens.
//
// # What it reads
//
// Checkpoints of gpt-oss-20b, gpt-oss-120b and any other configuration of that architecture:
//
//   - Hugging Face's directory: config.json, model.safetensors or an index and its shards; experts packed as MXFP4, or dense;
//   - OpenAI's directory (original/): config.json and *.safetensors;
//   - GGUF version 3, whole or split, of architecture gpt-oss: F32, F16, BF16, Q8_0, MXFP4, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K.
//
// Files are untrusted. Headers are checked before anything is allocated or mapped; a tensor that is missing, unknown, or of
// another shape or format is a *FileError that names it. What only the weights themselves can show, such as a scale that is no
// number, is found when it is first computed with, and is a *FileError of Forward.
//
// Export writes an open model in the first or the last of these forms, without rounding a number.
//
// # Precision
//
// Options.Precision chooses what activations are rounded to before they meet a matrix. Weights are never rounded, in any mode.
//
//   - Float32, the zero value, is exact: codes are turned into float32 exactly, activations are never rounded further. The logits
//     agree with the float32 results of OpenAI's and Hugging Face's implementations up to the rounding of float32.
//   - BFloat16 rounds activations as those implementations do in their default type.
//   - Int8 rounds them to 8 bits with a scale for each 32, as llama.cpp does, and is the fastest for prompts.
//
// In every mode the same weights give the same logits to the bit, whichever layout stores them, wherever they are held, in however
// many calls the tokens come, alone or in a Step with other sequences, after any Truncate, on any number of threads. Another kind
// of processor has other kernels (Model.Kernels), which add in another order: its results differ by roundings of float32, as do those of the same numbers stored in another format.
//
// Deviations from llama.cpp: it rounds the range in which YaRN stretches frequencies to whole numbers, which OpenAI's
// model does not; here it is not rounded, unless a config.json says so. A scale of MXFP4 of 2^-126 or less, which no trained
// model has, counts as zero.
//
// # Memory
//
// Options.Hold chooses where the weights are. Packed copies all matrices but the embedding into memory of this process, arranged
// for the kernels and in huge pages where the system has them, at the speed of the disk: Options.Progress tells how far it is.
// Mapped leaves them in the file: ready at once, shared with other processes, read when they are used, and slower, since each use
// arranges them anew. HoldAuto packs if the memory that is free allows it. Matrices in the K formats of GGUF stay mapped.
//
// A sequence costs
//
//	2 * N * K * E * (F * capacity + S * min(capacity, Window + 1024))
//
// bytes of keys and values (Model.CacheBytes), where F and S are the numbers of full and sliding layers, and N is 4 bytes with
// Float32, else 2; lengths are filled up to multiples of 16. For gpt-oss-20b in half precision that is 192 MiB at a capacity of
// 8,192 and 27 MiB for the sliding layers. What a computation needs besides is shared by all sequences of a model: about 130 MB for
// gpt-oss-20b once a prompt of 512 tokens has been computed.
//
// # A file that changes
//
// A mapped file must stay as it is. If it becomes shorter, Forward returns a *FileError: where memory that is no longer
// there is touched, the fault is caught, and after each call the size is compared. If it is overwritten with as many other
// bytes, that cannot be noticed. Replacing it by renaming another is harmless. Windows refuses to shorten a mapped file; on
// systems without mapping, weights are copied into memory.
//
// # Sources
//
// openai/gpt-oss, gpt_oss/torch/model.py and weights.py; huggingface/transformers, models/gpt_oss; ggml-org/llama.cpp,
// ggml/src/ggml-quants.c and gguf-py; OCP Microscaling Formats specification 1.0.
package decoder
