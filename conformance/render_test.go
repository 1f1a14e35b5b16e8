package conformance

import (
	"encoding/json"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

type renderVector struct {
	source
	Conversation json.RawMessage `json:"conversation"`     // the bytes the reference read
	Raw          *string         `json:"conversation_raw"` // the same, where they are not JSON
	Mode         string          `json:"mode"`
	NextRole     harmony.Role    `json:"next_role"`
	AutoDrop     bool            `json:"auto_drop_analysis"`
	Tokens       []encoding.Token
	Text         string
	Error        *string
}

func (v *renderVector) document() []byte {
	if v.Raw != nil {
		return []byte(*v.Raw)
	}
	return v.Conversation
}

// renderLikeReference renders v's conversation in the way v asks for.
func renderLikeReference(v *renderVector, profile encoding.Profile) ([]encoding.Token, error) {
	conv, err := harmony.ParseConversation(v.document())
	if err != nil {
		return nil, err
	}
	opts := &encoding.RenderOptions{Profile: profile}
	if !v.AutoDrop {
		opts.Retention = encoding.RetainAll
	}
	e := encoding.GPTOSS()
	switch v.Mode {
	case "conversation":
		return e.Render(conv.Messages, opts)
	case "completion":
		return e.RenderForCompletion(conv.Messages, v.NextRole, opts)
	default:
		return e.RenderForTraining(conv.Messages, opts)
	}
}

func TestRenderVectors(t *testing.T) {
	list := readDifferences(t)
	for _, f := range folders {
		for _, v := range load[renderVector](t, f.path, "render.jsonl") {
			list.check(t, &v.source, renderDifference(v, f.profile))
		}
	}
}

// renderDifference says how our rendering differs from the reference's; nil where it does not.
func renderDifference(v *renderVector, profile encoding.Profile) *difference {
	got, err := renderLikeReference(v, profile)
	d := &difference{profile: profile, render: v, got: got, err: err}
	switch {
	case (err != nil) != (v.Error != nil):
		d.what = "an error on one side only: theirs " + deref(v.Error) + ", ours " + errText(err)
	case err == nil && !equalTokens(got, v.Tokens):
		d.what = "other tokens: theirs " + shorten(v.Text) + ", ours " + shorten(spell(got))
	default:
		return nil
	}
	return d
}
