package encoding

import (
	"fmt"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Reuse says how much of what an engine has seen a new prompt begins with.
type Reuse struct {
	// Tokens is the length of the common prefix of the prompt and what the engine has seen: the last
	// prompt and the tokens sampled on it. Of is the length of the latter.
	Tokens, Of int

	// Message is the index in Messages of the first message that differs, -1 if Tokens == Of.
	Message int

	Reason ReuseReason
	Detail string // the reason in words; "" if all is reused
}

// ReuseReason says why a prompt does not begin with all that the engine has seen. Its strings are stable.
type ReuseReason string

const (
	ReuseAll       ReuseReason = ""          // it does
	ReuseRetention ReuseReason = "retention" // the message is left out now, or was before
	ReuseReturn    ReuseReason = "return"    // the message ended with <|return|>, which a prompt writes <|end|> (END-01)
	ReuseCut       ReuseReason = "cut"       // the message was cut off in its header, which cannot stand in a prompt
	ReuseTools     ReuseReason = "tools"     // function tools came: the system message mentions them
	ReuseDate      ReuseReason = "date"      // the system message has another date
	ReuseReplaced  ReuseReason = "replaced"  // the message was replaced by another
	ReuseNext      ReuseReason = "next"      // the last prompt opened a message that is not there now
)

// startDate returns the date in a system message.
func startDate(m *harmony.Message) string {
	for _, c := range m.Content {
		if s, ok := c.(*harmony.SystemContent); ok && s != nil {
			return s.ConversationStartDate
		}
	}
	return ""
}

// reuse compares a prompt with what was seen.
func (t *Transcript) reuse(prompt []Token, layout []place) Reuse {
	n := 0
	for n < len(prompt) && n < len(t.seen) && prompt[n] == t.seen[n] {
		n++
	}
	r := Reuse{Tokens: n, Of: len(t.seen), Message: -1}
	if n < r.Of {
		r.Message, r.Reason = t.explain(n, layout)
		r.Detail = t.detail(&r)
	}
	return r
}

// explain finds the message in which a prompt with the given layout leaves what was seen at token n, and why.
func (t *Transcript) explain(n int, layout []place) (int, ReuseReason) {
	last := len(t.layout) - 1
	for last > 0 && t.layout[last].start > n {
		last--
	}
	for j := 0; j <= last; j++ { // the messages of both, side by side
		old, now := t.layout[j].item, len(t.items)
		if j < len(layout) {
			now = layout[j].item
		}
		switch {
		case old == now && (j < last || old < len(t.items)):
			continue
		case old >= t.known && (old >= len(t.items) || !t.items[old].sampled):
			return min(old, len(t.items)), ReuseNext
		case old < len(t.items) && t.items[old].again:
			return old, ReuseCut
		}
		return min(old, now), ReuseRetention
	}
	i := len(t.items)
	if last >= 0 {
		i = t.layout[last].item
	}
	switch {
	case i >= len(t.items), i >= t.known && !t.items[i].sampled:
		return min(i, len(t.items)), ReuseNext
	case t.items[i].note != ReuseAll:
		return i, t.items[i].note
	case t.items[i].again:
		return i, ReuseCut
	case t.seen[n] == tokenizer.Return:
		return i, ReuseReturn
	}
	return i, ReuseReplaced
}

// detail puts a reason into words.
func (t *Transcript) detail(r *Reuse) string {
	who := fmt.Sprintf("message %d", r.Message)
	if r.Message < len(t.msgs) {
		m := &t.msgs[r.Message]
		who += " (" + string(m.Role)
		if m.Channel != "" {
			who += ", " + string(m.Channel)
		}
		who += ")"
	}
	switch r.Reason {
	case ReuseRetention:
		return who + " is where the messages that retention keeps begin to differ"
	case ReuseReturn:
		return who + " ended with <|return|>, which a prompt writes <|end|>"
	case ReuseCut:
		return who + " was cut off in its header: what was sampled of it cannot stand in a prompt"
	case ReuseTools:
		return who + " mentions function tools, and whether there are any has changed"
	case ReuseDate:
		return who + " has another date"
	case ReuseNext:
		return who + " is not the one that the last prompt opened"
	}
	return who + " was replaced"
}
