package encoding

import "github.com/harmony-go/sdk/harmony"

// RenderOptions chooses how messages become tokens. nil and the zero value give exactly the tokens
// of openai-harmony 0.0.8 (Python wheel), every time.
type RenderOptions struct {
	// Profile says whose header layout is written.
	Profile Profile
	// Retention says which messages are left out; nil is RetainReference. RenderMessage leaves
	// nothing out and ignores it.
	Retention Retention
	// Schemas says how tools become TypeScript, and whether those that could forge declarations are
	// refused.
	Schemas SchemaStyle
	// HasFunctionTools makes RenderMessage write the system message's line about function tools.
	// Rendering of conversations finds out by itself and ignores it.
	HasFunctionTools bool
}

// Retention decides which messages of a conversation are rendered: it sets keep[i] to false for
// each message i to leave out. keep has the length of msgs and is all true at the call; it must not
// be kept after the call. A Retention used by several goroutines must be safe for that.
type Retention func(msgs []harmony.Message, keep []bool)
