package encoding

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/harmony"
)

// content renders one part of a message as one piece of text.
func (r *renderer) content(role harmony.Role, part harmony.Content) error {
	switch c := part.(type) {
	case harmony.Text:
		r.text(string(c))
		return nil
	case *harmony.SystemContent:
		return r.system(role, c)
	case *harmony.DeveloperContent:
		return r.developer(role, c)
	default:
		return ErrNilContent
	}
}

// system renders the text of a system message: identity and dates, reasoning effort, built-in
// tools, valid channels. Sections that are absent are left out.
func (r *renderer) system(role harmony.Role, c *harmony.SystemContent) error {
	switch {
	case c == nil:
		return ErrNilContent
	case role != harmony.RoleSystem:
		return ErrContentRole
	case !knownEffort(c.ReasoningEffort):
		return ErrUnknownEffort
	}
	if err := r.schemas.checkTools(c.Tools); err != nil {
		return err
	}
	w := section{buf: r.scratch.buf[:0], oss: r.profile == ProfileOSS, schemas: r.schemas}
	if c.ModelIdentity != "" || c.Empty.Has(harmony.FieldModelIdentity) {
		w.line("", c.ModelIdentity)
	}
	if c.KnowledgeCutoff != "" || c.Empty.Has(harmony.FieldKnowledgeCutoff) {
		w.line("Knowledge cutoff: ", c.KnowledgeCutoff)
	}
	if c.ConversationStartDate != "" || c.Empty.Has(harmony.FieldConversationStartDate) {
		w.line("Current date: ", c.ConversationStartDate)
	}
	if c.ReasoningEffort != "" {
		w.begin()
		w.line("Reasoning: ", string(c.ReasoningEffort))
	}
	if len(c.Tools) > 0 {
		w.begin()
		w.tools(c.Tools, r.scratch)
	}
	if c.ChannelConfig != nil && len(c.ChannelConfig.ValidChannels) > 0 {
		w.begin()
		w.channels(c.ChannelConfig, r.functions)
	}
	r.scratch.buf = w.buf
	r.text(r.scratch.text())
	return nil
}

// developer renders the text of a developer message: instructions, then function tools.
func (r *renderer) developer(role harmony.Role, c *harmony.DeveloperContent) error {
	switch {
	case c == nil:
		return ErrNilContent
	case role != harmony.RoleDeveloper:
		return ErrContentRole
	}
	if err := r.schemas.checkTools(c.Tools); err != nil {
		return err
	}
	w := section{buf: r.scratch.buf[:0], oss: r.profile == ProfileOSS, schemas: r.schemas}
	if c.Instructions != "" || c.Empty.Has(harmony.FieldInstructions) {
		w.line("# Instructions\n\n", c.Instructions)
	}
	if len(c.Tools) > 0 {
		w.begin()
		w.tools(c.Tools, r.scratch)
	}
	r.scratch.buf = w.buf
	r.text(r.scratch.text())
	return nil
}

// section builds the text of a system or developer message: sections with an empty line between
// them, made of lines.
type section struct {
	buf   []byte
	lines int // lines in the current section
	any   bool
	oss   bool // schemas as oss-harmony writes them

	schemas SchemaStyle
}

// begin starts a section. The first one needs no call.
func (w *section) begin() {
	if w.any {
		w.buf = append(w.buf, "\n\n"...)
	}
	w.lines = 0
}

// line adds a line to the section.
func (w *section) line(prefix, s string) {
	if w.lines > 0 {
		w.buf = append(w.buf, '\n')
	}
	w.buf = append(w.buf, prefix...)
	w.buf = append(w.buf, s...)
	w.lines++
	w.any = true
}

// channels adds the line that lists the channels, and the one about function tools where it applies.
func (w *section) channels(c *harmony.ChannelConfig, functions bool) {
	w.line("# Valid channels: ", "")
	for i, name := range c.ValidChannels {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
		}
		w.buf = append(w.buf, name...)
	}
	w.buf = append(w.buf, '.')
	if c.ChannelRequired {
		w.buf = append(w.buf, " Channel must be included for every message."...)
	}
	if functions {
		w.line("Calls to these tools must go to the commentary channel: 'functions'.", "")
	}
}

// tools adds the section of tools: the namespaces in the byte order of their map keys, under their names.
func (w *section) tools(tools map[string]harmony.Namespace, s *scratch) {
	w.line("# Tools", "")
	s.keys = s.keys[:0]
	for key := range tools {
		s.keys = append(s.keys, key)
	}
	slices.Sort(s.keys)
	for _, key := range s.keys {
		ns := tools[key]
		w.begin()
		w.namespace(&ns)
	}
	clear(s.keys)
}

// namespace adds one namespace: as TypeScript declarations or, without tools, as its description alone.
func (w *section) namespace(ns *harmony.Namespace) {
	w.line("## ", ns.Name)
	w.buf = append(w.buf, '\n')
	if len(ns.Tools) == 0 {
		w.prose("", ns.Description)
		return
	}
	w.comment(ns.Description)
	w.line("namespace ", ns.Name)
	w.buf = append(w.buf, " {\n"...)
	for i := range ns.Tools {
		w.tool(&ns.Tools[i])
	}
	w.line("} // namespace ", ns.Name)
}

// tool adds the declaration of one function.
func (w *section) tool(t *harmony.Tool) {
	w.comment(t.Description)
	w.line("type ", t.Name)
	if t.Parameters == nil {
		w.buf = append(w.buf, " = () => any;\n"...)
		return
	}
	w.buf = append(w.buf, " = (_: "...)
	switch {
	case w.schemas == SchemaRich:
		w.buf = append(w.buf, t.Parameters.TypeScriptRich()...)
	case w.oss:
		w.buf = append(w.buf, t.Parameters.TypeScriptOSS()...)
	default:
		w.buf = append(w.buf, t.Parameters.TypeScript()...)
	}
	w.buf = append(w.buf, ") => any;\n"...)
}

// comment adds a description as comments, line by line.
func (w *section) comment(s string) {
	if w.schemas == SchemaRich {
		s = lineBreaks.Replace(s)
	}
	w.prose("// ", s)
}

// prose adds text line by line, with prefix before each. Lines are those of Rust's str::lines: they
// end with "\n" or "\r\n", the last one may end without, and a "\r" elsewhere is part of its line.
func (w *section) prose(prefix, s string) {
	for s != "" {
		text, rest, ended := strings.Cut(s, "\n")
		if ended {
			text = strings.TrimSuffix(text, "\r")
		}
		w.line(prefix, text)
		s = rest
	}
}

// knownEffort reports whether e is absent or one of the three efforts gpt-oss was trained with.
func knownEffort(e harmony.Effort) bool {
	switch e {
	case "", harmony.EffortLow, harmony.EffortMedium, harmony.EffortHigh:
		return true
	default:
		return false
	}
}

// contentDetail says what a content part was that err refused, and where it belongs.
func contentDetail(role harmony.Role, part harmony.Content, err error) string {
	if errors.Is(err, ErrNilContent) {
		if part == nil {
			return ""
		}
		return fmt.Sprintf("found a nil %T", part)
	}
	if detail, ok := unsafeDetail(err); ok {
		return detail
	}
	switch c := part.(type) {
	case *harmony.SystemContent:
		if errors.Is(err, ErrUnknownEffort) {
			return "found " + quoteName(string(c.ReasoningEffort)) + ", expected low, medium or high"
		}
		return fmt.Sprintf("system content in a message of role %s, expected role system", role)
	case *harmony.DeveloperContent:
		return fmt.Sprintf("developer content in a message of role %s, expected role developer", role)
	}
	return ""
}
