package encoding

import (
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/harmony"
)

// Profile is a header layout: where a header has its recipient, and how it spells its content type.
// Content is the same in all profiles but for one detail of ProfileOSS.
type Profile uint8

const (
	// ProfileOpenAI writes what openai-harmony 0.0.8 writes: the recipient stands in the role
	// section, and a content type is written as it is.
	//
	//	<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>
	ProfileOpenAI Profile = iota

	// ProfileOSS writes what oss-harmony 0.0.11 writes, the fork that vLLM uses: on the commentary
	// channel the recipient stands behind the channel, for calls and for results (on any other channel,
	// or without one, it stays in the role section), and every content type follows <|constrain|>. In
	// tool schemas it writes the exponent of a large default with a sign: 1e+23.
	//
	//	<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>
	//	<|start|>functions.f<|channel|>commentary to=assistant<|message|>
	ProfileOSS

	// ProfileChannelFirst writes calls as gpt-oss itself writes them (channel, recipient, content
	// type, on every channel) and all else as ProfileOpenAI. A call that was parsed from the model's output is
	// then rendered to the tokens the model sampled, so that prefix caches keep.
	//
	//	<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>
	//	<|start|>functions.f to=assistant<|channel|>commentary<|message|>
	ProfileChannelFirst
)

// profileNames has the canonical names, in the order of the constants.
var profileNames = [...]string{"openai-harmony-0.0.8", "oss-harmony-0.0.11", "channel-first"}

// String returns the name that ParseProfile reads.
func (p Profile) String() string {
	if int(p) < len(profileNames) {
		return profileNames[p]
	}
	return fmt.Sprintf("Profile(%d)", uint8(p))
}

// ParseProfile returns the profile with that name: "openai-harmony-0.0.8", "oss-harmony-0.0.11" or
// "channel-first". A space instead of the hyphen before the version is accepted, and so is a name
// without its version; "" is ProfileOpenAI. Any other name is an error that wraps ErrUnknownProfile.
func ParseProfile(name string) (Profile, error) {
	switch strings.ReplaceAll(name, " ", "-") {
	case "", "openai-harmony", profileNames[ProfileOpenAI]:
		return ProfileOpenAI, nil
	case "oss-harmony", profileNames[ProfileOSS]:
		return ProfileOSS, nil
	case profileNames[ProfileChannelFirst]:
		return ProfileChannelFirst, nil
	}
	return ProfileOpenAI, fmt.Errorf("encoding: %w %s, expected %s", ErrUnknownProfile, quoteName(name), strings.Join(profileNames[:], ", "))
}

// recipientAfterChannel reports whether the header of m has its recipient behind the channel.
// The caller has made sure that m has a recipient.
func (p Profile) recipientAfterChannel(m *harmony.Message) bool {
	switch p {
	case ProfileOSS:
		return m.Channel == harmony.ChannelCommentary
	case ProfileChannelFirst:
		return m.Role == harmony.RoleAssistant && hasChannel(m)
	default:
		return false
	}
}
