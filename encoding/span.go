package encoding

import (
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Part is the part of a message that tokens belong to.
type Part uint8

const (
	PartHeader  Part = iota // <|start|> … <|message|>
	PartContent             // one content part
	PartEnd                 // <|end|>, <|call|> or <|return|>
	PartOpening             // the header an engine is to continue, at the end of a prompt
)

// String returns "header", "content", "end" or "opening".
func (p Part) String() string {
	switch p {
	case PartHeader:
		return "header"
	case PartContent:
		return "content"
	case PartEnd:
		return "end"
	case PartOpening:
		return "opening"
	default:
		return "unknown"
	}
}

// Span says where a run of tokens came from. The spans of a rendering are in order and cover its
// tokens without gap or overlap: each message that was kept has one header, one content for each of
// its content parts (perhaps of no tokens) and one end.
type Span struct {
	Start, End int  // token indices: tokens[Start:End]
	Message    int  // index into the messages that were given; -1 for an opening
	Part       Part // what part of the message
	Content    int  // for PartContent: index into the message's Content
}

// RenderSpans is Render, saying for each token which message and part it came from. Both
// slices are the caller's; after an error both are nil.
func (e *Encoding) RenderSpans(msgs []harmony.Message, opts *RenderOptions) ([]Token, []Span, error) {
	return e.renderSpans(msgs, job{}, opts)
}

// RenderForCompletionSpans is RenderForCompletion with spans. The last span is the opening.
func (e *Encoding) RenderForCompletionSpans(msgs []harmony.Message, next harmony.Role, opts *RenderOptions) ([]Token, []Span, error) {
	return e.renderSpans(msgs, job{open: true, next: next}, opts)
}

// RenderForTrainingSpans is RenderForTraining with spans.
func (e *Encoding) RenderForTrainingSpans(msgs []harmony.Message, opts *RenderOptions) ([]Token, []Span, error) {
	return e.renderSpans(msgs, job{training: true}, opts)
}

func (e *Encoding) renderSpans(msgs []harmony.Message, j job, opts *RenderOptions) ([]Token, []Span, error) {
	spans := make([]Span, 0, 3*len(msgs)+1)
	r := renderer{tok: e.tok, dst: room(msgs), spans: &spans}
	if err := r.run(msgs, j, opts); err != nil {
		return nil, nil, err
	}
	return r.dst, spans, nil
}

// AssistantMask returns, for each token of a rendering, whether the model writes it: the tokens a
// training loss is taken over. toks and spans are those of one call, and msgs the messages given to it.
//
// Of a message of the assistant that is all but <|start|> and "assistant" where the engine gives these:
// at the beginning of a turn and after a call's result. Where the assistant's message before it ended
// with <|end|>, the model went on by itself, and wrote these two tokens as well.
func AssistantMask(msgs []harmony.Message, toks []Token, spans []Span) []bool {
	mask := make([]bool, len(toks))
	continues := false // the model is still writing at the start of the span
	for _, s := range spans {
		own := s.Message >= 0 && msgs[s.Message].Role == harmony.RoleAssistant
		from := s.Start
		if s.Part == PartHeader && !continues {
			from = min(s.Start+2, s.End)
		}
		for i := from; own && i < s.End; i++ {
			mask[i] = true
		}
		if s.Part == PartEnd {
			continues = own && toks[s.Start] == tokenizer.End
		}
	}
	return mask
}
