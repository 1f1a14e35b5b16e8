package schema

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with an instance.
type Problem struct {
	InstancePointer string `json:"instance_pointer"` // JSON pointer of the value, "" for the instance itself
	Offset          int    `json:"offset"`           // byte offset of the value in the instance; of the key, if the key is wrong
	Keyword         string `json:"keyword"`          // the keyword that is not satisfied; "false" where the schema false stands
	SchemaPointer   string `json:"schema_pointer"`   // JSON pointer of the keyword in the document; a URL in front if it is a draft's own
	Expected        string `json:"expected"`
	Found           string `json:"found"`
	Message         string `json:"message"` // both, and where, as a line of text
}

// ValidationError says why an instance is not one that a schema describes. Problems stand in the order of
// the places they are about; there is at least one.
type ValidationError struct {
	Problems []Problem
	Omitted  int // further problems that are not listed
}

// maxProblems is how many problems are listed: more than a model or a person will read.
const maxProblems = 32

// Error names the first problem and counts the others.
func (e *ValidationError) Error() string {
	text := "schema: " + e.Problems[0].Message
	if n := len(e.Problems) - 1 + e.Omitted; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	return text
}

// Feedback returns a text that tells a model what is wrong with the JSON it wrote, one line a problem, to be
// sent back as the result of its call. It understands the errors of Validate and DecodeArguments that are
// about an instance and returns "" for any other: a model cannot mend a schema.
func Feedback(err error) string {
	var lines []string
	switch e := asInstanceError(err).(type) {
	case *ValidationError:
		for _, p := range e.Problems {
			lines = append(lines, p.Message)
		}
		if e.Omitted > 0 {
			lines = append(lines, fmt.Sprintf("and %d more", e.Omitted))
		}
	case *InstanceError:
		lines = append(lines, fmt.Sprintf("%s at byte %d", e.Msg, e.Offset))
	case *ArgumentsError:
		lines = append(lines, e.message())
	default:
		return ""
	}
	return "The JSON does not fit its schema. Mend this and send all of it again:\n- " + strings.Join(lines, "\n- ")
}

// quoted quotes a text for a message, shortened.
func quoted(text string) string { return fmt.Sprintf("%q", shorten(text)) }

// shorten cuts a text that is too long for a message, at a character.
func shorten(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
