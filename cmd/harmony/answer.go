package main

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/tokenizer"
)

// handler answers one line: it appends a JSON object, without the line break, to dst. With an error what it has
// appended is dropped. A handler belongs to one goroutine.
type handler func(dst, line []byte) ([]byte, error)

// appendFault appends the answer to a line that cannot be answered.
func appendFault(dst []byte, err error) []byte {
	dst = append(dst, `{"error":`...)
	dst = ojson.AppendString(dst, strings.ToValidUTF8(err.Error(), "\ufffd"))
	if at := faultOffset(err); at >= 0 {
		dst = append(dst, `,"offset":`...)
		dst = strconv.AppendInt(dst, int64(at), 10)
	}
	return append(dst, '}')
}

// faultOffset returns where err says that the fault is, -1 where it does not.
func faultOffset(err error) int {
	if e, ok := errors.AsType[*requestError](err); ok {
		return e.offset
	}
	if e, ok := errors.AsType[*encoding.ParseError](err); ok {
		return e.Offset
	}
	if e, ok := errors.AsType[*tokenizer.DecodeError](err); ok {
		return e.Offset
	}
	return -1
}

// newTokensHandler returns the handler of "harmony tokens --jsonl".
func newTokensHandler() handler {
	known := []string{"text", "tokens", "special"}
	tok := tokenizer.O200kHarmony()
	var ids []encoding.Token
	var buf []byte
	return func(dst, line []byte) ([]byte, error) {
		var text string
		var isText, isTokens, special bool
		ids = ids[:0]
		err := readFields(line, known, func(f *fields, name string) (err error) {
			switch name {
			case "text":
				isText = true
				text, err = f.str()
			case "tokens":
				isTokens = true
				ids, err = f.tokens(ids)
			case "special":
				var word string
				word, err = f.word("none", "all")
				special = word == "all"
			}
			return err
		})
		switch {
		case err != nil:
			return dst, err
		case isText == isTokens:
			return dst, textOrTokens(isText)
		case isTokens:
			if buf, err = tok.AppendDecode(buf[:0], ids); err != nil {
				return dst, err
			}
			return appendText(dst, buf, ids), nil
		case special:
			ids = tok.AppendEncodeSpecial(ids, text)
		default:
			ids = tok.AppendEncode(ids, text)
		}
		return appendTokensObject(dst, ids), nil
	}
}

// textOrTokens is the fault of a line that has both of them, or neither.
func textOrTokens(both bool) error {
	if both {
		return &requestError{-1, "", `both "text" and "tokens" given, want one of them`}
	}
	return &requestError{-1, "", `neither "text" nor "tokens" given, want one of them`}
}

// appendTokensObject appends {"tokens":[…]}.
func appendTokensObject(dst []byte, ids []encoding.Token) []byte {
	dst = append(dst, `{"tokens":`...)
	dst = appendTokens(dst, ids)
	return append(dst, '}')
}

// appendTokens appends ids as a JSON array.
func appendTokens(dst []byte, ids []encoding.Token) []byte {
	dst = append(dst, '[')
	for i, id := range ids {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(id), 10)
	}
	return append(dst, ']')
}

// appendText appends {"text":"…"}, with the bytes beside it where they are not UTF-8. text is what ids spell.
func appendText(dst, text []byte, ids []encoding.Token) []byte {
	dst = append(dst, `{"text":`...)
	if utf8.Valid(text) {
		dst = ojson.AppendString(dst, string(text))
		return append(dst, '}')
	}
	dst = ojson.AppendString(dst, lossyText(ids))
	dst = append(dst, `,"bytes":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, text)
	return append(dst, `"}`...)
}

// lossyText returns the text of ids with U+FFFD for what is not UTF-8. Each id is in the vocabulary.
func lossyText(ids []encoding.Token) string {
	d := tokenizer.O200kHarmony().NewStreamDecoder()
	var text []byte
	for _, id := range ids {
		text, _ = d.AppendPush(text, id)
	}
	return string(text) + d.Close()
}

// newRenderHandler returns the handler of "harmony render --jsonl".
func newRenderHandler() handler {
	known := []string{"conversation", "mode", "next_role", "auto_drop_analysis", "profile"}
	var ids []encoding.Token
	return func(dst, line []byte) ([]byte, error) {
		q := renderJob{mode: "conversation"}
		var raw []byte
		base := 0
		err := readFields(line, known, func(f *fields, name string) (err error) {
			switch name {
			case "conversation":
				raw, base, err = f.raw()
			case "mode":
				q.mode, err = f.word(renderModes...)
			case "next_role":
				q.next, err = f.role()
			case "auto_drop_analysis":
				var drop bool
				if drop, err = f.boolean(); !drop {
					q.opts.Retention = encoding.RetainAll
				}
			case "profile":
				var name string
				if name, err = f.str(); err == nil {
					if q.opts.Profile, err = encoding.ParseProfile(name); err != nil {
						err = f.faultf("%s", withoutPackage(err))
					}
				}
			}
			return err
		})
		if err != nil {
			return dst, err
		}
		if raw == nil {
			return dst, &requestError{-1, "", `no "conversation" given`}
		}
		conv, err := harmony.ParseConversation(raw)
		if err != nil {
			return dst, conversationFault(err, base)
		}
		if ids, err = q.tokens(ids[:0], conv.Messages); err != nil {
			return dst, err
		}
		return appendTokensObject(dst, ids), nil
	}
}

// conversationFault moves the position of a conversation's fault into the line that holds it.
func conversationFault(err error, base int) error {
	if e, ok := errors.AsType[*harmony.JSONError](err); ok {
		return &requestError{base + e.Offset, "/conversation" + e.Path, jsonFault(e)}
	}
	return err
}

// newParseHandler returns the handler of "harmony parse --jsonl".
func newParseHandler() handler {
	known := []string{"tokens", "text", "role", "strict", "events"}
	var ids []encoding.Token
	return func(dst, line []byte) ([]byte, error) {
		var q parseJob
		var isText, isTokens, events bool
		ids = ids[:0]
		err := readFields(line, known, func(f *fields, name string) (err error) {
			switch name {
			case "tokens":
				isTokens = true
				ids, err = f.tokens(ids)
			case "text":
				isText = true
				q.text, err = f.str()
			case "role":
				q.role, err = f.role()
			case "strict":
				q.opts.Strict, err = f.boolean()
			case "events":
				events, err = f.boolean()
			}
			return err
		})
		if err != nil {
			return dst, err
		}
		if isText == isTokens {
			return dst, textOrTokens(isText)
		}
		q.tokens, q.isText = ids, isText
		var log *eventLog
		if events {
			log = new(eventLog)
		}
		result, err := q.run(log)
		if err != nil {
			return dst, err
		}
		return appendResult(dst, &result, log), nil
	}
}

// appendResult appends the answer to a parse; log is nil where no events are wanted.
func appendResult(dst []byte, r *encoding.Result, log *eventLog) []byte {
	dst = append(dst, `{"messages":[`...)
	for i := range r.Messages {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = harmony.AppendMessage(dst, &r.Messages[i].Message)
	}
	dst = append(dst, `],"diagnostics":[`...)
	for i, d := range r.Diagnostics {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendDiagnostic(dst, &d)
	}
	dst = append(dst, `],"verdict":`...)
	dst = ojson.AppendString(dst, r.Verdict.String())
	if log != nil {
		dst = append(dst, `,"events":[`...)
		dst = append(dst, log.json...)
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendDiagnostic appends one diagnostic.
func appendDiagnostic(dst []byte, d *encoding.Diagnostic) []byte {
	dst = append(dst, `{"rule":`...)
	dst = ojson.AppendString(dst, string(d.Rule))
	dst = append(dst, `,"severity":`...)
	dst = ojson.AppendString(dst, d.Severity.String())
	dst = append(dst, `,"offset":`...)
	dst = strconv.AppendInt(dst, int64(d.Offset), 10)
	dst = append(dst, `,"message":`...)
	dst = ojson.AppendString(dst, strings.ToValidUTF8(d.Message, "\ufffd"))
	return append(dst, '}')
}

// eventLog collects the events of a stream as the items of a JSON array.
type eventLog struct{ json []byte }

// add appends events. They are written at once: the parser reuses them.
func (l *eventLog) add(events []encoding.Event) {
	for i := range events {
		if len(l.json) > 0 {
			l.json = append(l.json, ',')
		}
		l.json = appendEvent(l.json, &events[i])
	}
}

// appendEvent appends one event: what its kind has, and the header fields of its message.
func appendEvent(dst []byte, e *encoding.Event) []byte {
	dst = append(dst, `{"offset":`...)
	dst = strconv.AppendInt(dst, int64(e.Offset), 10)
	dst = append(dst, `,"kind":"`...)
	dst = append(dst, e.Kind.String()...)
	dst = append(dst, '"')
	if m := e.Message; m != nil {
		dst = appendField(dst, "role", string(m.Role), false)
		dst = appendField(dst, "name", m.Name, m.Empty.Has(harmony.FieldName))
		dst = appendField(dst, "recipient", m.Recipient, m.Empty.Has(harmony.FieldRecipient))
		dst = appendField(dst, "channel", string(m.Channel), m.Empty.Has(harmony.FieldChannel))
		dst = appendField(dst, "content_type", m.ContentType, m.Empty.Has(harmony.FieldContentType))
	}
	if e.Kind == encoding.KindDelta {
		dst = appendField(dst, "text", e.Text, true)
	}
	if e.Kind == encoding.KindEnd && e.Stop != 0 {
		stop, _ := tokenizer.O200kHarmony().TokenString(e.Stop)
		dst = appendField(dst, "stop", stop, false)
	}
	return append(dst, '}')
}

// appendField appends a member, unless it is absent.
func appendField(dst []byte, name, value string, empty bool) []byte {
	if value == "" && !empty {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return ojson.AppendString(dst, value)
}
