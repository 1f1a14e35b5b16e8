package encoding

import (
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Render returns the tokens of a conversation. With zero options these are the tokens of
// openai-harmony 0.0.8's render_conversation, which leaves out analysis that is no longer needed
// (see RetainReference).
//
// Structure enters only as the special tokens that the renderer writes itself. Every text (content,
// names, tool descriptions, schemas) is encoded as ordinary text, so a "<|end|>" in it stays six characters
// of text. Text that is not valid UTF-8, which the reference refuses, is encoded byte for byte.
//
// The error is a *RenderError. The caller owns the slice.
func (e *Encoding) Render(msgs []harmony.Message, opts *RenderOptions) ([]Token, error) {
	return e.AppendRender(room(msgs), msgs, opts)
}

// RenderForCompletion returns the tokens of a conversation followed by the opening of the next
// message, <|start|> and the next role: the prompt that an engine continues. next is RoleAssistant in
// all ordinary use. For an opening that forces an answer or a call see OpenFinal and OpenTool.
func (e *Encoding) RenderForCompletion(msgs []harmony.Message, next harmony.Role, opts *RenderOptions) ([]Token, error) {
	return e.AppendRenderForCompletion(room(msgs), msgs, next, opts)
}

// RenderForTraining returns the tokens of a conversation as a training sample: a last message of
// the assistant on the final channel ends with <|return|>, as the model is to write it, instead of <|end|>.
// RenderForTrainingSpans and AssistantMask say which of the tokens the model writes.
//
// As in the reference, analysis is left out by the same rule as in Render, and a last final message
// that has a recipient too ends with <|return|>.
func (e *Encoding) RenderForTraining(msgs []harmony.Message, opts *RenderOptions) ([]Token, error) {
	return e.AppendRenderForTraining(room(msgs), msgs, opts)
}

// RenderMessage returns the tokens of one message.
func (e *Encoding) RenderMessage(m *harmony.Message, opts *RenderOptions) ([]Token, error) {
	return e.AppendRenderMessage(nil, m, opts)
}

// AppendRender is Render, appending to dst. It allocates nothing when dst has room and the schemas
// of the tools were rendered before. After an error it returns dst as it was.
func (e *Encoding) AppendRender(dst []Token, msgs []harmony.Message, opts *RenderOptions) ([]Token, error) {
	r := renderer{tok: e.tok, dst: dst}
	if err := r.run(msgs, job{}, opts); err != nil {
		return dst, err
	}
	return r.dst, nil
}

// AppendRenderForCompletion is RenderForCompletion, appending to dst as AppendRender does.
func (e *Encoding) AppendRenderForCompletion(dst []Token, msgs []harmony.Message, next harmony.Role, opts *RenderOptions) ([]Token, error) {
	r := renderer{tok: e.tok, dst: dst}
	if err := r.run(msgs, job{open: true, next: next}, opts); err != nil {
		return dst, err
	}
	return r.dst, nil
}

// AppendRenderForTraining is RenderForTraining, appending to dst as AppendRender does.
func (e *Encoding) AppendRenderForTraining(dst []Token, msgs []harmony.Message, opts *RenderOptions) ([]Token, error) {
	r := renderer{tok: e.tok, dst: dst}
	if err := r.run(msgs, job{training: true}, opts); err != nil {
		return dst, err
	}
	return r.dst, nil
}

// AppendRenderMessage is RenderMessage, appending to dst as AppendRender does.
func (e *Encoding) AppendRenderMessage(dst []Token, m *harmony.Message, opts *RenderOptions) ([]Token, error) {
	if opts == nil {
		opts = &RenderOptions{}
	}
	if err := checkOptions(opts); err != nil {
		return dst, err
	}
	r := renderer{tok: e.tok, dst: dst, profile: opts.Profile, schemas: opts.Schemas, functions: opts.HasFunctionTools, scratch: getScratch()}
	defer r.scratch.put()
	if err := r.message(0, m); err != nil {
		return dst, err
	}
	return r.dst, nil
}

// room returns an empty slice with capacity for about the tokens of msgs, so that appending copies
// little: a token of ordinary text has four bytes or more, a header and an end up to a dozen tokens.
func room(msgs []harmony.Message) []Token {
	n := 0
	for i := range msgs {
		n += 12
		for _, part := range msgs[i].Content {
			switch c := part.(type) {
			case harmony.Text:
				n += len(c) / 4
			case *harmony.DeveloperContent:
				if c != nil {
					n += len(c.Instructions)/4 + 64*len(c.Tools["functions"].Tools)
				}
			case *harmony.SystemContent:
				n += 64
			}
		}
	}
	return make([]Token, 0, n+4)
}

// job is what a conversation is rendered for; the zero value is plain rendering.
type job struct {
	training bool
	open     bool         // write the opening of a message of role next
	next     harmony.Role // used when open
}

// renderer is one rendering. It lives on the stack of one call and writes either tokens or,
// when counting is set, only their number.
type renderer struct {
	tok       *tokenizer.Tokenizer
	dst       []Token
	counting  bool
	count     int
	profile   Profile
	schemas   SchemaStyle
	functions bool // the conversation has function tools
	scratch   *scratch

	spans     *[]Span // collects spans when not nil
	metered   bool    // collects usage
	usage     Usage
	finishing bool // the next end is the last one of a training sample: <|return|>
}

// run renders the messages that the retention policy keeps, then the opening if there is one.
func (r *renderer) run(msgs []harmony.Message, j job, opts *RenderOptions) error {
	if opts == nil {
		opts = &RenderOptions{}
	}
	if err := checkOptions(opts); err != nil {
		return err
	}
	if j.open && !knownRole(j.next) {
		return &RenderError{Message: -1, Content: -1, Err: ErrUnknownRole, Detail: "next role " + quoteName(string(j.next))}
	}
	r.profile, r.schemas = opts.Profile, opts.Schemas
	r.functions = hasFunctionTools(msgs)
	r.scratch = getScratch()
	defer r.scratch.put()

	keep := r.scratch.kept(msgs, opts.Retention)
	for i := range msgs {
		if !keep[i] {
			continue
		}
		r.finishing = j.training && i == len(msgs)-1 && isFinal(&msgs[i])
		if err := r.message(i, &msgs[i]); err != nil {
			return err
		}
	}
	if j.open {
		r.opening(j.next)
	}
	return nil
}

// message renders one message: header, content, end.
func (r *renderer) message(i int, m *harmony.Message) error {
	start := r.pos()
	if err := r.header(m); err != nil {
		return &RenderError{Message: i, Content: -1, Err: err, Detail: headerDetail(m, err)}
	}
	body := r.pos()
	r.span(start, i, PartHeader, 0)
	for c, part := range m.Content {
		from := r.pos()
		if err := r.content(m.Role, part); err != nil {
			return &RenderError{Message: i, Content: c, Err: err, Detail: contentDetail(m.Role, part, err)}
		}
		r.span(from, i, PartContent, c)
	}
	end := r.pos()
	r.special(r.end(m))
	r.span(end, i, PartEnd, 0)
	if r.metered {
		r.usage.add(m, end-body, body-start+1)
	}
	return nil
}

// opening renders the beginning of a message whose rest an engine writes.
func (r *renderer) opening(next harmony.Role) {
	start := r.pos()
	r.special(tokenizer.Start)
	r.word(string(next))
	r.span(start, -1, PartOpening, 0)
	if r.metered {
		r.usage.Framing += r.pos() - start
	}
}

// end returns the token that ends m. A message of the assistant with a recipient is a call, and
// also where that recipient is "all", which the header does not show.
func (r *renderer) end(m *harmony.Message) Token {
	switch {
	case r.finishing:
		return tokenizer.Return
	case m.Role == harmony.RoleAssistant && hasRecipient(m):
		return tokenizer.Call
	default:
		return tokenizer.End
	}
}

// pos returns how many tokens have been written, dst's own included.
func (r *renderer) pos() int {
	if r.counting {
		return r.count
	}
	return len(r.dst)
}

// special writes one special token.
func (r *renderer) special(t Token) {
	if r.counting {
		r.count++
		return
	}
	r.dst = append(r.dst, t)
}

// tokens writes tokens that are known already.
func (r *renderer) tokens(ts []Token) {
	if r.counting {
		r.count += len(ts)
		return
	}
	r.dst = append(r.dst, ts...)
}

// text writes ordinary text. Each call is a piece of its own: tokens never reach over its ends.
func (r *renderer) text(s string) {
	if r.counting {
		r.count += r.tok.Count(s)
		return
	}
	r.dst = r.tok.AppendEncode(r.dst, s)
}

// span records that the tokens from start to here are that part of message i.
func (r *renderer) span(start, i int, part Part, content int) {
	if r.spans != nil {
		*r.spans = append(*r.spans, Span{Start: start, End: r.pos(), Message: i, Part: part, Content: content})
	}
}

// checkOptions refuses a profile that is none and a style that is none.
func checkOptions(o *RenderOptions) error {
	if int(o.Profile) >= len(profileNames) {
		return &RenderError{Message: -1, Content: -1, Err: ErrUnknownProfile, Detail: o.Profile.String()}
	}
	if int(o.Schemas) >= len(schemaStyleNames) {
		return &RenderError{Message: -1, Content: -1, Err: ErrUnknownSchemaStyle, Detail: o.Schemas.String()}
	}
	return nil
}

// isFinal reports whether m is the assistant's, on the final channel.
func isFinal(m *harmony.Message) bool {
	return m.Role == harmony.RoleAssistant && m.Channel == harmony.ChannelFinal
}

// hasFunctionTools reports whether any developer content defines tools under the key "functions".
// The reference asks for the map key, not for the namespace's name, looks at every message whatever its
// role and position, and never at system content.
func hasFunctionTools(msgs []harmony.Message) bool {
	for i := range msgs {
		for _, part := range msgs[i].Content {
			if dev, ok := part.(*harmony.DeveloperContent); ok && dev != nil && len(dev.Tools["functions"].Tools) > 0 {
				return true
			}
		}
	}
	return false
}
