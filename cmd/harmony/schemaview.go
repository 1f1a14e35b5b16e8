package main

import (
	"strings"

	"github.com/harmony-go/sdk/schema"
)

// schemaView shows a report of "harmony schema" to people.
type schemaView struct {
	s *screen
	d *schemaReport
}

// print shows everything.
func (v *schemaView) print() {
	d := v.d
	v.s.headline([]painted{{bold, printable(d.Path)}, {plain, "JSON Schema"}, {plain, plural(d.Bytes, "byte")}}, painted{})
	v.text("TypeScript, as the model is shown it", d.TypeScript)
	if d.TypeScriptRich != "" {
		v.text("rich TypeScript", d.TypeScriptRich)
	}
	v.losses()
	v.s.grammar(&d.Grammar)
	v.s.WriteString("\n")
	if d.CompileError == nil {
		v.s.printf("  %s\n", v.s.paint(inkAnswer, "instances can be validated"))
	} else {
		v.s.line("  ", inkError, "nothing can be validated: "+faultText(d.CompileError))
	}
	if d.Instance != nil {
		v.instance()
	}
}

// text shows a text of more than one line under a title.
func (v *schemaView) text(title, text string) {
	v.s.printf("\n  %s\n", v.s.paint(bold, title))
	v.s.line("    ", plain, text)
}

// lossInks are the inks of the kinds of losses.
var lossInks = map[schema.LossKind]ink{schema.Lost: inkInfo, schema.Distorted: inkWarning, schema.Unsafe: inkError}

// losses lists what the TypeScript does not say as the schema does.
func (v *schemaView) losses() {
	if len(v.d.Losses) == 0 {
		v.s.printf("\n  %s\n", v.s.paint(inkAnswer, "nothing is lost"))
		return
	}
	v.s.printf("\n  %s\n", v.s.paint(bold, lossesText(len(v.d.Losses))))
	for _, loss := range v.d.Losses {
		b := v.s.newBlock("    ")
		b.write(lossInks[loss.Kind], loss.Kind.String())
		b.write(plain, strings.Repeat(" ", len("distorted  ")-len(loss.Kind.String())))
		b.write(bold, schemaPlace(loss.Pointer))
		b.write(plain, "  "+loss.Message)
		b.end()
	}
}

// lossesText counts losses.
func lossesText(n int) string {
	if n == 1 {
		return "1 loss"
	}
	return grouped(n) + " losses"
}

// instance shows what validation found.
func (v *schemaView) instance() {
	r := v.d.Instance
	name := printable(r.Path)
	switch {
	case r.Valid:
		v.s.line("  ", inkAnswer, name+": fits the schema")
	case v.d.CompileError != nil:
		v.s.line("  ", inkError, name+": not checked")
	default:
		v.s.line("  ", inkError, name+": does not fit the schema; the model would be told")
		v.s.line("    ", plain, r.Feedback)
	}
}

// faultText says where a fault of a schema is, and what it is.
func faultText(f *schemaFault) string { return f.Message + ", at " + schemaPlace(f.Pointer) }

// schemaPlace writes a JSON pointer for people, who would overlook the empty one.
func schemaPlace(pointer string) string {
	if pointer == "" {
		return `""`
	}
	return pointer
}
