// Package demo is a demonstration model that a program can carry: a few megabytes, no download, no network.
//
//	m, err := demo.Open(nil)
//	e := engine.Local(m, nil)
//
// It is not gpt-oss. It has gpt-oss's architecture and vocabulary, and was trained from scratch, on synthetic transcripts only, to do what
// a demonstration of the format needs: it reasons in a line, longer at higher effort; picks the declared tool that a request names; copies
// the values of the request into arguments; and reports what the tool returns. It knows nothing else, and says so. Everything that it says
// about the world comes from a tool. README.md says how it was made and how well it does.
//
// # Where the weights come from
//
// weights.safetensors.gz holds the layers, in the layout of OpenAI's checkpoints, and the rows of the ids that are frequent. The rows of all
// other ids are computed from the tokenizer: each is a sum of signs that stand for the pieces of the id's text, so that the model can read
// and copy words that it has never seen. Open writes out the whole embedding and unembedding, and what decoder.OpenBytes gets is an
// ordinary checkpoint of OpenAI's layout.
package demo
