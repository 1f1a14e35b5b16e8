package harmony

import (
	"errors"
	"fmt"
	"slices"
)

// Role says who wrote a message. Its text is what the header carries, except for RoleTool, whose
// messages carry the tool's name instead.
type Role string

// The roles, from the one whose word counts most to the one whose word counts least (docs/format.md).
const (
	RoleSystem    Role = "system"    // identity, dates, reasoning effort, built-in tools, valid channels
	RoleDeveloper Role = "developer" // instructions and function tools (what Chat Completions calls "system")
	RoleUser      Role = "user"      // the person
	RoleAssistant Role = "assistant" // the model
	RoleTool      Role = "tool"      // a tool's result; Message.Name holds the tool's full name
)

var roleNames = []string{string(RoleAssistant), string(RoleUser), string(RoleTool), string(RoleSystem), string(RoleDeveloper)}

// ErrUnknownRole is what ParseRole's error wraps.
var ErrUnknownRole = errors.New("unknown role")

// ParseRole returns the role with a name. Names are compared byte for byte; the error wraps
// ErrUnknownRole.
func ParseRole(s string) (Role, error) {
	if !slices.Contains(roleNames, s) {
		return "", fmt.Errorf("harmony: %w: expected system, developer, user, assistant or tool, found %s", ErrUnknownRole, quote(s))
	}
	return Role(s), nil
}
