package encoding

import (
	"errors"
	"strings"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// constrainMarker is the spelling of <|constrain|> at the beginning of Message.ContentType. Only
// there, as exact prefix, does text stand for a special token; the message model has no other place for it.
const constrainMarker = "<|constrain|>"

// recipientAll is the recipient that the reference never writes into a header.
const recipientAll = "all"

// header renders everything from <|start|> to <|message|>. Author, name, recipient, channel and
// content type are encoded one by one: encoding them as one text would join tokens over their borders
// and give other tokens than the reference's.
func (r *renderer) header(m *harmony.Message) error {
	r.special(tokenizer.Start)
	if err := r.author(m); err != nil {
		return err
	}
	addressed := hasRecipient(m) && m.Recipient != recipientAll
	late := addressed && r.profile.recipientAfterChannel(m)
	if addressed && !late {
		r.joined(" to=", m.Recipient)
	}
	if hasChannel(m) {
		r.special(tokenizer.Channel)
		r.word(string(m.Channel))
	}
	if late {
		r.joined(" to=", m.Recipient)
	}
	if m.ContentType != "" || m.Empty.Has(harmony.FieldContentType) {
		r.contentType(m.ContentType)
	}
	r.special(tokenizer.Message)
	return nil
}

// author renders the role and name; of a tool only the name.
func (r *renderer) author(m *harmony.Message) error {
	named := m.Name != "" || m.Empty.Has(harmony.FieldName)
	switch {
	case m.Role == harmony.RoleTool && !named:
		return ErrToolName
	case m.Role == harmony.RoleTool:
		r.text(m.Name)
		return nil
	case !knownRole(m.Role):
		return ErrUnknownRole
	}
	r.word(string(m.Role))
	if named {
		r.joined(":", m.Name)
	}
	return nil
}

// contentType renders a content type that is present, perhaps empty.
func (r *renderer) contentType(t string) {
	rest, constrained := strings.CutPrefix(t, constrainMarker)
	if !constrained && r.profile != ProfileOSS {
		r.joined(" ", t)
		return
	}
	r.tokens(spaceConstrain)
	r.word(rest)
}

// joined renders prefix and s as one text.
func (r *renderer) joined(prefix, s string) {
	b := append(r.scratch.buf[:0], prefix...)
	r.scratch.buf = append(b, s...)
	r.text(r.scratch.text())
}

// word renders a text that is often one of the format's own words, whose tokens are known.
func (r *renderer) word(s string) {
	if ts := wordTokens(s); ts != nil {
		r.tokens(ts)
		return
	}
	r.text(s)
}

// The tokens of the words that stand in most headers (o200k_base; a test encodes them afresh).
var (
	wordSystem     = []Token{17360}
	wordDeveloper  = []Token{77944}
	wordUser       = []Token{1428}
	wordAssistant  = []Token{173781}
	wordTool       = []Token{17952}
	wordAnalysis   = []Token{35644}
	wordCommentary = []Token{12606, 815}
	wordFinal      = []Token{17196}
	wordJSON       = []Token{4108}

	// spaceConstrain is a space, as a piece of its own, and <|constrain|>.
	spaceConstrain = []Token{220, tokenizer.Constrain}
)

// wordTokens returns the tokens of s if s is one of the format's own words, or nil. The slice is
// shared and must not be changed.
func wordTokens(s string) []Token {
	switch s {
	case "system":
		return wordSystem
	case "developer":
		return wordDeveloper
	case "user":
		return wordUser
	case "assistant":
		return wordAssistant
	case "tool":
		return wordTool
	case "analysis":
		return wordAnalysis
	case "commentary":
		return wordCommentary
	case "final":
		return wordFinal
	case "json":
		return wordJSON
	default:
		return nil
	}
}

// knownRole reports whether role is one of the five.
func knownRole(role harmony.Role) bool {
	switch role {
	case harmony.RoleSystem, harmony.RoleDeveloper, harmony.RoleUser, harmony.RoleAssistant, harmony.RoleTool:
		return true
	default:
		return false
	}
}

// hasRecipient reports whether m has a recipient, perhaps an empty one.
func hasRecipient(m *harmony.Message) bool {
	return m.Recipient != "" || m.Empty.Has(harmony.FieldRecipient)
}

// hasChannel reports whether m has a channel, perhaps an empty one.
func hasChannel(m *harmony.Message) bool {
	return m.Channel != "" || m.Empty.Has(harmony.FieldChannel)
}

// headerDetail says what a header had instead of what it needs.
func headerDetail(m *harmony.Message, err error) string {
	if errors.Is(err, ErrUnknownRole) {
		return "found " + quoteName(string(m.Role)) + ", expected system, developer, user, assistant or tool"
	}
	return ""
}
