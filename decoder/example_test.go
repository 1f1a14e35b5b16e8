package decoder_test

import (
	"fmt"
	"log"
	"os"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// Continue a prompt with the token that scores best, until the model ends its turn. The argument of the program is a checkpoint.
func Example() {
	m, err := decoder.Open(os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSequence(4096)
	if err != nil {
		log.Fatal(err)
	}
	t := tokenizer.O200kHarmony()
	toks := t.EncodeSpecial("<|start|>user<|message|>What is 2 + 2?<|end|><|start|>assistant")
	logits := make([]float32, m.Config().Vocabulary)
	for s.Len()+len(toks) < s.Capacity() {
		if err := s.Forward(toks, logits); err != nil {
			log.Fatal(err)
		}
		next := tokenizer.Token(0)
		for i, score := range logits {
			if score > logits[next] {
				next = tokenizer.Token(i)
			}
		}
		if next == tokenizer.Return {
			break
		}
		text, _ := t.TokenString(next)
		fmt.Print(text)
		toks = []tokenizer.Token{next}
	}
}
