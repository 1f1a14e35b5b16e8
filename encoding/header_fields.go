package encoding

import (
	"strings"

	"github.com/harmony-go/sdk/harmony"
)

// author reads who writes: the role and, where it has one, the name.
func (h *header) author() {
	p := h.p
	h.m.Role = p.hint
	i := h.next()
	if p.hint != "" {
		h.m.Name = p.hintName
		if i < len(h.words) {
			h.repeatedRole(&h.words[i])
		}
		return
	}
	h.m.Role = p.fallback
	var w *word
	if i < len(h.words) {
		w = &h.words[i]
	}
	switch {
	case w == nil, strings.HasPrefix(w.text, "to="), i > h.channelAt && !knownRole(harmony.Role(w.text)),
		knownChannel(w.text):
		h.diag(RuleRole, Error, h.place(), "", "expected a role, found none: read as "+string(p.fallback))
	case h.role(w, w.text):
	case strings.HasPrefix(w.text, "role:"):
		h.spelledRole(w)
	default:
		h.unknownRole(i)
	}
}

// place returns where the header stands.
func (h *header) place() int { return h.p.start }

// role reads text as ROLE or ROLE:NAME and reports whether it is one.
func (h *header) role(w *word, text string) bool {
	role, name, named := strings.Cut(text, ":")
	if !knownRole(harmony.Role(role)) {
		return false
	}
	w.used = true
	h.m.Role = harmony.Role(strings.Clone(role))
	if named {
		h.m.Name = strings.Clone(name)
		if name == "" {
			h.m.Empty |= harmony.FieldName
		}
		h.diag(RuleAuthorName, Warning, w.off, "", quote(text)+" is a role and a name: openai-harmony writes this, and cannot read it")
	} else if h.m.Role == harmony.RoleTool {
		h.m.Name = string(harmony.RoleTool)
	}
	return true
}

// repeatedRole reads the first word where the role is known already.
func (h *header) repeatedRole(w *word) {
	role := string(h.p.hint)
	name, named := strings.CutPrefix(w.text, role+":")
	switch {
	case w.text == role:
		w.used = true
	case named:
		h.role(w, w.text)
		h.m.Name = strings.Clone(name)
	case strings.HasPrefix(w.text, "role:"):
		h.spelledRole(w)
	case h.m.Role == harmony.RoleTool && h.m.Name == "" && !strings.HasPrefix(w.text, "to=") && !knownFormat(w.text) && !knownRole(harmony.Role(w.text)):
		h.m.Name, w.used = strings.Clone(w.text), true
	}
}

// spelledRole reads role:assistant,type:reasoning, a form that articles about the format give and
// that no model writes.
func (h *header) spelledRole(w *word) {
	w.used = true
	value, _, _ := strings.Cut(strings.TrimPrefix(w.text, "role:"), ",")
	if knownRole(harmony.Role(value)) {
		h.m.Role = harmony.Role(strings.Clone(value))
	}
	h.diag(RuleRole, Error, w.off, w.text, spelledRole(w.text))
}

// spelledRole explains a header of that form.
func spelledRole(text string) string {
	return quote(text) + " is not Harmony: a header is words, not key:value pairs; reasoning is written " +
		"<|start|>assistant<|channel|>analysis<|message|>…<|end|>, the answer <|start|>assistant<|channel|>final<|message|>…<|return|>"
}

// unknownRole reads word i, where a role should stand, as the name of a tool if it can be one.
func (h *header) unknownRole(i int) {
	w := &h.words[i]
	if role := harmony.Role(strings.ToLower(w.text)); knownRole(role) {
		h.m.Role, w.used = role, true
		h.diag(RuleRole, Error, w.off, w.text, "roles are written in lower case: "+quote(w.text)+" is read as "+string(role))
		return
	}
	h.m.Role, h.m.Name, w.used = harmony.RoleTool, strings.Clone(w.text), true
	if toolName(w.text) {
		return
	}
	for _, o := range h.words {
		if o.text == "to=assistant" {
			h.diag(RuleNamespace, Warning, w.off, "", "the tool "+quote(w.text)+" has no namespace: functions are named functions.NAME")
			return
		}
	}
	h.diag(RuleRole, Error, w.off, "", "expected system, developer, user, assistant or a tool's full name, found "+quote(w.text)+": read as a tool's name")
}

// recipient reads to=NAME. Of several the last that has a name counts.
func (h *header) recipient() {
	for i := range h.words {
		w := &h.words[i]
		if w.tok != 0 || w.used || !strings.HasPrefix(w.text, "to=") {
			continue
		}
		w.used = true
		name := w.text[len("to="):]
		if name == "" {
			name = h.detachedRecipient(i)
		}
		if h.toAt < 0 {
			h.toAt = i
			h.m.Recipient = keep(name)
			continue
		}
		lost := name
		if name != "" {
			lost, h.m.Recipient, h.toAt = h.m.Recipient, keep(name), i
		}
		h.diag(RuleHeaderWords, Error, w.off, "to="+lost, "expected one recipient, found two: "+quote(h.m.Recipient)+" counts, not "+quote(lost))
	}
	if h.toAt >= 0 && h.m.Recipient == "" {
		h.m.Empty |= harmony.FieldRecipient
	}
	if h.toAt >= 0 && h.typeAt >= 0 && h.typeAt < h.toAt {
		h.diag(RuleHeaderWords, Error, h.words[h.toAt].off, "", "expected the recipient before the content type")
	}
}

// detachedRecipient reads the name behind word i, which is "to=". The next word is it if it looks like one, or
// if another word is left for the content type.
func (h *header) detachedRecipient(i int) string {
	w := &h.words[i]
	left := 0
	for k := i + 1; k < len(h.words); k++ {
		if o := h.words[k]; o.tok == 0 && !o.used && !strings.HasPrefix(o.text, "to=") {
			left++
		}
	}
	if i+1 < len(h.words) {
		next := &h.words[i+1]
		if next.tok == 0 && !next.used && (toolName(next.text) || knownRole(harmony.Role(next.text)) ||
			left > 1 && !strings.HasPrefix(next.text, "to=")) {
			next.used = true
			h.diag(RuleRecipient, Error, w.off, "", "expected the recipient directly after to=, found white space before "+quote(next.text))
			return next.text
		}
	}
	h.diag(RuleRecipient, Error, w.off, "", "expected the recipient after to=, found "+h.after(i))
	return ""
}

// bare reads the words that are left: a content type without <|constrain|>, a recipient without to=, a
// channel without its marker.
func (h *header) bare() {
	h.bareChannel()
	left := make([]*word, 0, 8)
	for i := range h.words {
		w := &h.words[i]
		if w.tok == 0 && !w.used && !knownChannel(w.text) && w.text != string(h.m.Role) {
			left = append(left, w)
		}
	}
	n := len(left)
	switch {
	case n == 0:
	case h.toAt >= 0 && h.typeAt < 0:
		h.bareType(left)
	case h.toAt >= 0:
	case h.typeAt >= 0:
		for k := n - 1; k >= 0; k-- { // the word before the content type
			if left[k].off < h.words[h.typeAt].off {
				h.bareRecipient(left[k])
				break
			}
		}
	case n > 1:
		h.m.ContentType, left[n-1].used = keep(left[n-1].text), true
		h.bareRecipient(left[n-2])
	case toolName(left[0].text), knownRole(harmony.Role(left[0].text)),
		!hasChannel(&h.m) && !knownFormat(left[0].text):
		h.bareRecipient(left[0])
	default:
		h.m.ContentType, left[0].used = keep(left[0].text), true
	}
}

// bareChannel reads a channel's name that has lost its marker.
func (h *header) bareChannel() {
	if h.channelAt < len(h.words) {
		return
	}
	for i := range h.words {
		if w := &h.words[i]; w.tok == 0 && !w.used && knownChannel(w.text) {
			w.used = true
			h.m.Channel = keepChannel(w.text)
			h.m.Empty &^= harmony.FieldChannel
			h.diag(RuleChannelName, Error, w.off, "", "expected <|channel|> before "+quote(w.text)+": read as the channel")
			return
		}
	}
}

// bareType chooses the content type among words beside a recipient.
func (h *header) bareType(left []*word) {
	var pick *word
	for _, w := range left {
		if knownRole(harmony.Role(w.text)) {
			continue // never a content type
		}
		if pick == nil {
			pick = w
		}
		if knownFormat(w.text) {
			pick = w
			break
		}
		if pick.off < h.words[h.toAt].off {
			pick = w // the first behind the recipient
		}
	}
	if pick == nil {
		return
	}
	h.m.ContentType, pick.used = keep(pick.text), true
	if pick.off < h.words[h.toAt].off {
		h.diag(RuleHeaderWords, Error, pick.off, "", "expected the recipient before the content type "+quote(pick.text))
	}
}

// bareRecipient takes w for the recipient.
func (h *header) bareRecipient(w *word) {
	w.used = true
	h.m.Recipient = keep(w.text)
	h.diag(RuleRecipient, Warning, w.off, "", "a recipient is written to="+h.m.Recipient+": "+quote(w.text)+" is read as one")
}

// remainder reports the words that nobody has used.
func (h *header) remainder() {
	var b strings.Builder
	off := -1
	for _, w := range h.words {
		if w.used || w.tok != 0 {
			continue
		}
		if off < 0 {
			off = w.off
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	if b.Len() > 0 {
		h.diag(RuleHeaderWords, Error, off, b.String(), "expected <|message|>, found words that are left over: "+quote(b.String()))
	}
}
