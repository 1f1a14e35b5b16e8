package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// What an instance may be besides: a model's arguments stay far below.
const (
	maxPath   = 16 << 10 // bytes of the keys on the way to a value
	maxDigits = 1000     // digits of a number, and its exponent: the validator computes with exact fractions
)

// readInstance reads a text that is to be checked. The error is an *InstanceError.
func readInstance(text []byte) (ojson.Value, error) {
	if len(text) > MaxInstance {
		return ojson.Value{}, &InstanceError{MaxInstance, fmt.Sprintf("expected at most %d bytes, found %d", MaxInstance, len(text))}
	}
	v, err := ojson.Parse(text, ojson.MaxDepth)
	if err != nil {
		var syntax *ojson.SyntaxError
		if errors.As(err, &syntax) {
			return v, &InstanceError{syntax.Offset, syntax.Msg}
		}
		return v, err
	}
	return v, checkInstance(&v, 0)
}

// checkInstance refuses repeated keys, keys of no reasonable length and numbers that cost too much to
// compute with. path is the length of the keys on the way to v.
func checkInstance(v *ojson.Value, path int) error {
	switch v.Kind {
	case ojson.Number:
		if !computable(v.Str) {
			return &InstanceError{v.Offset, fmt.Sprintf("expected a number with at most %d digits and an exponent below that, found %.40s", maxDigits, v.Str)}
		}
	case ojson.Array:
		for i := range v.Items {
			if err := checkInstance(&v.Items[i], path); err != nil {
				return err
			}
		}
	case ojson.Object:
		if i := repeatedKey(v.Members); i >= 0 {
			return &InstanceError{v.Members[i].Offset, fmt.Sprintf("expected each key once, found %.40q again", v.Members[i].Key)}
		}
		for i := range v.Members {
			m := &v.Members[i]
			if path+len(m.Key) > maxPath {
				return &InstanceError{m.Offset, fmt.Sprintf("expected keys of at most %d bytes on the way to a value, found more", maxPath)}
			}
			if err := checkInstance(&m.Value, path+len(m.Key)); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeatedKey returns the index of the first member whose key has been there before, or -1.
func repeatedKey(members []ojson.Member) int {
	if len(members) <= 8 {
		for i := range members {
			for j := range i {
				if members[i].Key == members[j].Key {
					return i
				}
			}
		}
		return -1
	}
	seen := make(map[string]struct{}, len(members))
	for i := range members {
		if _, again := seen[members[i].Key]; again {
			return i
		}
		seen[members[i].Key] = struct{}{}
	}
	return -1
}

// computable reports whether the exact value of a number, which JSON lets anyone write in a few bytes, is
// of moderate size. Package math/big gives up on exponents beyond a million, and the validator does not
// look whether it did.
func computable(literal string) bool {
	if len(literal) > maxDigits {
		return false
	}
	i := strings.IndexAny(literal, "eE")
	if i < 0 {
		return true
	}
	exponent := strings.TrimLeft(strings.TrimLeft(literal[i+1:], "+-"), "0")
	return len(exponent) <= 3 // below a thousand
}

// plain makes of a value what encoding/json would: the form in which the validator takes instances.
func plain(v *ojson.Value) any {
	switch v.Kind {
	case ojson.Bool:
		return v.Bool
	case ojson.Number:
		return json.Number(v.Str)
	case ojson.String:
		return v.Str
	case ojson.Array:
		items := make([]any, len(v.Items))
		for i := range v.Items {
			items[i] = plain(&v.Items[i])
		}
		return items
	case ojson.Object:
		members := make(map[string]any, len(v.Members))
		for i := range v.Members {
			members[v.Members[i].Key] = plain(&v.Members[i].Value)
		}
		return members
	}
	return nil
}
