package agent

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// A session's file is JSON Lines: fileHead, an entry for all that was done to the conversation, in order, and fileEnd. Doing it again gives
// the same conversation, with the same prompts.

// FileVersion is the version of the files that Save writes and Load reads.
const FileVersion = 1

const fileFormat = "harmony session"

type fileHead struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	System    int    `json:"system"`    // index of the agent's own messages, -1 if there are none
	Developer int    `json:"developer"` // see System
}

type fileEnd struct {
	Entries int `json:"entries"`
}

// entry is one thing that was done to a conversation: one of its fields is set.
type entry struct {
	Append     []harmony.Message `json:"append,omitempty"`
	Replace    *replacement      `json:"replace,omitempty"`
	Generation *generationEntry  `json:"generation,omitempty"`
	End        *fileEnd          `json:"end,omitempty"` // in files only
}

type replacement struct {
	At      int             `json:"at"`
	Message harmony.Message `json:"message"`
}

// generationEntry is a generation: the prompt it went on from, and what was sampled.
type generationEntry struct {
	Prompt  int              `json:"prompt"` // tokens, without the opening
	Sum     string           `json:"sum"`    // of them, see sum
	Opening []encoding.Token `json:"opening,omitempty"`
	Sampled []encoding.Token `json:"sampled"`
	Kept    int              `json:"kept"` // how many of Sampled are in the conversation, behind Opening; -1 if not even that
	Stop    string           `json:"stop"` // an encoding.StopReason
}

// apply adds to t what was kept, and returns the messages in it.
func (g *generationEntry) apply(t *encoding.Transcript) []encoding.Parsed {
	if g.Kept < 0 || g.Kept == 0 && len(g.Opening) == 0 {
		return nil
	}
	reason, _ := parseStop(g.Stop)
	return t.AppendSampled(slices.Concat(g.Opening, g.Sampled[:g.Kept]), reason).Messages
}

// parseStop returns the reason of a name.
func parseStop(name string) (encoding.StopReason, bool) {
	for r := encoding.StopUnknown; r <= encoding.StopError; r++ {
		if r.String() == name {
			return r, true
		}
	}
	return encoding.StopUnknown, false
}

// sum returns the first 128 bits of the SHA-256 of tokens, each four bytes, the lowest first.
func sum(toks []encoding.Token) string {
	h := sha256.New()
	var b [4]byte
	for _, t := range toks {
		binary.LittleEndian.PutUint32(b[:], uint32(t))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// ErrPrompt says that a session's prompts cannot be made again as they were. A *FileError wraps it.
var ErrPrompt = errors.New("expected the prompt that was saved, found another")

// A FileError says what of a session's file cannot be read.
type FileError struct {
	Line int   // from 1
	Err  error // *VersionError, ErrPrompt, io.ErrUnexpectedEOF for a file that was cut off, the error of the JSON, or another
}

// Error says where the fault is and what it is.
func (e *FileError) Error() string {
	return fmt.Sprintf("agent: session file, line %d: %s", e.Line, strings.TrimPrefix(e.Err.Error(), "agent: "))
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// A VersionError says that a file has another version than this package reads.
type VersionError struct{ Found int }

// Error tells both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("agent: expected version %d of a session, found %d", FileVersion, e.Found)
}

// Save writes the session: all messages, and all tokens that were sampled. Tools and options are not in it. Errors are w's, and a
// *harmony.JSONError for messages that no reader would take.
func (s *Session) Save(w io.Writer) error {
	if s.running.Load() {
		return ErrRunning
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(fileHead{fileFormat, FileVersion, s.system, s.dev}); err != nil {
		return err
	}
	for i := range s.log {
		if err := e.Encode(&s.log[i]); err != nil {
			return err
		}
	}
	return e.Encode(entry{End: &fileEnd{len(s.log)}})
}

// Load reads a session that Save has written, to go on with it with this agent. Every prompt in it is made again and compared with
// what it was. If the agent's instructions or tools are others than those in the file, the next turn replaces them.
// The error is a *FileError.
func (a *Agent) Load(r io.Reader) (*Session, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var head fileHead
	if err := readHead(d, &head); err != nil {
		return nil, &FileError{1, err}
	}
	s := a.NewSession()
	for line := 2; ; line++ {
		var e entry
		err := d.Decode(&e)
		switch {
		case errors.Is(err, io.EOF):
			err = io.ErrUnexpectedEOF
		case err == nil && e.End != nil:
			if err = s.checkEnd(d, e.End, &head); err == nil {
				return s, nil
			}
		case err == nil:
			err = s.redo(e)
		}
		if err != nil {
			return nil, &FileError{line, err}
		}
	}
}

func readHead(d *json.Decoder, head *fileHead) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	if err := json.Unmarshal(raw, head); err != nil || head.Format != fileFormat {
		return fmt.Errorf("expected a %s, found something else", fileFormat)
	}
	if head.Version != FileVersion {
		return &VersionError{head.Version}
	}
	return nil
}

// checkEnd checks what can only be checked when all is read.
func (s *Session) checkEnd(d *json.Decoder, end *fileEnd, head *fileHead) error {
	if end.Entries != len(s.log) {
		return fmt.Errorf("expected %d entries, found %d", end.Entries, len(s.log))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("expected the end of the file, found more")
	}
	msgs := s.Messages()
	for _, own := range []struct {
		at   int
		role harmony.Role
	}{{head.System, harmony.RoleSystem}, {head.Developer, harmony.RoleDeveloper}} {
		if own.at < -1 || own.at >= len(msgs) || own.at >= 0 && msgs[own.at].Role != own.role {
			return fmt.Errorf("expected the index of a %s message, found %d", own.role, own.at)
		}
	}
	s.system, s.dev = head.System, head.Developer
	return nil
}

// redo does again what an entry says.
func (s *Session) redo(e entry) error {
	switch {
	case len(e.Append) > 0 && e.Replace == nil && e.Generation == nil:
		return s.append(e.Append...)
	case len(e.Append) == 0 && e.Replace != nil && e.Generation == nil:
		if err := s.t.Replace(e.Replace.At, e.Replace.Message); err != nil {
			return err
		}
	case len(e.Append) == 0 && e.Replace == nil && e.Generation != nil:
		g := e.Generation
		if g.Kept < -1 || g.Kept > len(g.Sampled) {
			return fmt.Errorf("expected at most %d tokens kept, found %d", len(g.Sampled), g.Kept)
		}
		if _, known := parseStop(g.Stop); !known {
			return fmt.Errorf("expected why a generation has stopped, found %s", quote(g.Stop))
		}
		prompt, _, err := s.t.Prompt(harmony.RoleAssistant)
		if err != nil {
			return err
		}
		if len(prompt) != g.Prompt || sum(prompt) != g.Sum {
			return fmt.Errorf("%w: %d and %d tokens", ErrPrompt, g.Prompt, len(prompt))
		}
		g.apply(s.t)
	default:
		return errors.New("expected one of append, replace and generation")
	}
	s.log = append(s.log, e)
	return nil
}
